"""Reads an SVG with expat: no entities, no network, within limits. It is not rendered; its shapes are counted."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from contract_tests import sanitize
from contract_tests.pictures.pixels import Pixels
from contract_tests.pictures.structure import Structure
from contract_tests.verdict import LimitExceeded, Violation

MAX_ELEMENTS, MAX_DEPTH = 100_000, 100
NAMESPACE = "http://www.w3.org/2000/svg"
DEFAULT_SIZE = (300, 150)
"""Size in pixels of an SVG that states none (CSS 2.1 §10.3.2)."""

_SHAPES = frozenset({"path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "image", "use"})
_NOT_RENDERED = frozenset(
    {"defs", "symbol", "clipPath", "mask", "pattern", "marker", "linearGradient", "radialGradient", "filter"}
    | {"metadata", "title", "desc", "style", "script"}
)
_SCRIPTS = frozenset({"script", "handler", "listener", "iframe", "embed", "object"})
_LINKS = frozenset({"href", "src", "data"})
_LENGTH = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(px)?\s*", re.IGNORECASE)
_OTHER_LENGTH = re.compile(r"\s*(auto|[+]?(?:\d+\.?\d*|\.\d+)\s*(%|[a-z]{1,4}))\s*", re.IGNORECASE)
_URL = re.compile(r"url\(\s*[\"']?\s*(?!#|data:)([^\"')\s]{1,200})|@import\s+[\"']?([^\"';\s]{1,200})", re.IGNORECASE)
_SCRIPT_LINK = re.compile(r"[\s\x00-\x20]*(javascript|vbscript|data:text/html)", re.IGNORECASE)
_INTERNAL = re.compile(r"(?<=url\()#[^)]*|\A#(?![0-9A-Fa-f]{3,8}\Z).*", re.DOTALL)
"""A reference to another element by its id, which is not a colour."""
_ZERO = re.compile(r"\s*[0.]+%?\s*")


class _RefusedError(Exception):
    """Raised inside a handler of expat to stop it."""


@dataclass
class Svg:
    """The contents of an SVG.

    Attributes:
        root: Namespace and name of the root element, "" without one.
        structure: Its stated size, and the first reason why it is not well-formed.
        scripts: Scripts and event handlers.
        references: References to something outside.
        shapes: Number of elements that draw.
        colours: Colours of the visible ones.
        background: Colour of the last one that covers the whole picture, "" without one.
    """

    root: str = ""
    structure: Structure = field(default_factory=lambda: Structure(()))
    scripts: list[Violation] = field(default_factory=list)
    references: list[Violation] = field(default_factory=list)
    shapes: int = 0
    colours: set[str] = field(default_factory=set)
    background: str = ""
    digest: str = ""

    @property
    def pixels(self) -> Pixels:
        """The picture as if it had been rendered: equal digests for equal elements, whatever their ids and comments."""
        width, height = next(iter(self.structure.sizes), DEFAULT_SIZE)
        blank = not self.shapes or (bool(self.colours) and self.colours <= {self.background})
        return Pixels(width, height, self.digest, blank, bool(self.shapes) and not self.colours)


def parse(data: bytes) -> Svg:
    """Read an SVG. Raises LimitExceeded."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler, parser.EntityDeclHandler = reader.text, reader.entity
    parser.ProcessingInstructionHandler = reader.instruction
    error = None
    try:
        parser.Parse(data, True)
    except expat.ExpatError as reason:
        problem = sanitize.escape(expat.ErrorString(reason.code) or "not XML")
        error = Violation(f"line {reason.lineno}", "well-formed XML", problem)
    except (_RefusedError, ValueError, LookupError) as reason:  # expat raises the last two for unknown encodings
        error = Violation(f"line {parser.CurrentLineNumber}", "an SVG without it", sanitize.escape(str(reason), 80))
    reader.svg.structure = Structure(reader.sizes, error)
    reader.svg.digest = reader.hash.hexdigest()
    return reader.svg


class _Reader:
    """The handlers of expat."""

    def __init__(self) -> None:
        self.svg = Svg()
        self.sizes: tuple[tuple[int, int], ...] = ()
        self.hash = hashlib.sha256()
        self._count = 0
        self._styles: list[Mapping[str, str]] = [{}]
        self._names: list[str] = []

    def start(self, qualified: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._names) >= MAX_DEPTH:
            raise LimitExceeded(f"a picture has more than {MAX_ELEMENTS} elements, or {MAX_DEPTH} of them nested")
        namespace, _, name = qualified.rpartition(" ")
        local = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        if not self._names:
            self.svg.root = qualified
            self.sizes = _sizes(local)
        self._names.append(name)
        self._styles.append(_inherit(self._styles[-1], local))
        self._find_scripts(name, local)
        self._find_references(name, local)
        drawn = {key: _INTERNAL.sub("#", value) for key, value in local.items() if key not in ("id", "class")}
        self.hash.update(repr((name, sorted(drawn.items()))).encode("utf-8", "surrogatepass"))
        if name in _SHAPES and namespace == NAMESPACE and not _NOT_RENDERED.intersection(self._names):
            self._paint(name, local, self._styles[-1])

    def end(self, name: str) -> None:
        self._names.pop()
        self._styles.pop()
        self.hash.update(b"/")

    def text(self, data: str) -> None:
        if self._names[-1:] == ["style"]:
            self._refer(data)
        if data.strip() and not {"metadata", "title", "desc"}.intersection(self._names):
            self.hash.update(data.encode("utf-8", "surrogatepass"))

    def entity(self, name: str, *others: object) -> None:
        raise _RefusedError(f"a declaration of the entity {name}")

    def instruction(self, target: str, data: str) -> None:
        if target == "xml-stylesheet":
            self._add(self.svg.references, "no reference to anything outside", f"<?{target} {data}?>")

    def _find_scripts(self, name: str, attributes: Mapping[str, str]) -> None:
        if name.lower() in _SCRIPTS:
            self._add(self.svg.scripts, "no script", f"<{name}>")
        for key, value in attributes.items():
            animated = key == "attributeName" and value.lower().startswith("on")
            if key.lower().startswith("on") or animated or _SCRIPT_LINK.match(value):
                self._add(self.svg.scripts, "no script", f'{key}="{value}"')

    def _find_references(self, name: str, attributes: Mapping[str, str]) -> None:
        for key, value in attributes.items():
            is_link = key in _LINKS and name != "a" and not value.lstrip().startswith(("#", "data:"))
            if is_link and value.strip() and not _SCRIPT_LINK.match(value):
                self._add(self.svg.references, "no reference to anything outside", f'{key}="{value}"')
            self._refer(value)

    def _refer(self, text: str) -> None:
        if found := _URL.search(text):
            self._add(self.svg.references, "no reference to anything outside", found[0])

    def _add(self, found: list[Violation], expected: str, received: str) -> None:
        if not found:  # one is enough
            found.append(Violation(f"<{'/'.join(self._names[-2:])}>"[:80], expected, sanitize.quoted(received, 80)))

    def _paint(self, name: str, attributes: Mapping[str, str], style: Mapping[str, str]) -> None:
        self.svg.shapes += 1
        if style.get("display") == "none" or style.get("visibility") == "hidden" or style.get("opacity") == "0":
            return
        fill = "none" if name == "line" else style.get("fill", "black")
        paints = {fill: style.get("fill-opacity", "1"), style.get("stroke", "none"): style.get("stroke-opacity", "1")}
        visible = {each for each, opacity in paints.items() if not _ZERO.fullmatch(opacity)} - {"none", "transparent"}
        self.svg.colours |= visible
        covered = self.sizes[0] if self.sizes else DEFAULT_SIZE
        sides = [attributes.get(side, "") for side in ("width", "height")]
        if name == "rect" and all(_covers(side, whole) for side, whole in zip(sides, covered, strict=True)):
            self.svg.background = fill


def _inherit(parent: Mapping[str, str], attributes: Mapping[str, str]) -> Mapping[str, str]:
    """The properties that decide whether an element is visible: its own, or those of its parent."""
    inline = (part.partition(":") for part in attributes.get("style", "").split(";"))
    own = {**attributes, **{name.strip().lower(): value for name, _, value in inline}}
    names = ("fill", "stroke", "fill-opacity", "stroke-opacity", "visibility", "display", "opacity")
    found = {name: own[name].strip().lower() for name in names if name in own and own[name].strip() != "inherit"}
    if _ZERO.fullmatch(found.get("opacity", "1")):
        found["opacity"] = "0"
    # Opacity and display apply to a group as a whole: a child does not undo them.
    kept = {name: value for name, value in parent.items() if (name, value) in (("opacity", "0"), ("display", "none"))}
    return {**parent, **found, **kept}


def _sizes(root: Mapping[str, str]) -> tuple[tuple[int, int], ...]:
    """The size in pixels: of width and height, else of the view box; of no pixels if one of them is no length."""
    sides = []
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    for name, in_box in (("width", 2), ("height", 3)):
        text = root.get(name)
        if text is None or (_OTHER_LENGTH.fullmatch(text) and not _LENGTH.fullmatch(text)):
            text = box[in_box] if len(box) == 4 else str(DEFAULT_SIZE[in_box - 2])
        found = _LENGTH.fullmatch(text)
        sides.append(int(min(max(float(found[1]), -1.0), 1e9)) if found else 0)
    return ((sides[0], sides[1]),)


def _covers(side: str, whole: int) -> bool:
    found = _LENGTH.fullmatch(side)
    return side.strip() == "100%" or bool(found and float(found[1]) >= whole)
