"""Reads an SVG with expat: no entities, no network, within limits. It is not rendered; its shapes are counted."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from contract_tests import sanitize
from contract_tests.message import Message
from contract_tests.pictures import xml_errors
from contract_tests.pictures.pixels import Pixels
from contract_tests.pictures.structure import Structure
from contract_tests.verdict import LimitExceeded, Violation

MAX_ELEMENTS, MAX_DEPTH = 100_000, 100
NAMESPACE = "http://www.w3.org/2000/svg"
DEFAULT_SIZE = (300, 150)
"""Size in pixels of an SVG that states none (CSS 2.1 §10.3.2)."""

_SHAPES = frozenset({"path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "textPath"})
_CONTENT = frozenset({"image", "use", "foreignObject"})
"""Elements that draw in colours which are not their own."""
_DYNAMIC = frozenset({"style", "animate", "set", "animateTransform", "animateMotion"})
"""Elements that change which shapes are visible, and in which colours."""
_NOT_RENDERED = frozenset(
    {"defs", "symbol", "clipPath", "mask", "pattern", "marker", "linearGradient", "radialGradient", "filter"}
    | {"metadata", "title", "desc", "style", "script"}
)
_SCRIPTS = frozenset({"script", "handler", "listener", "iframe", "embed", "object"})
_LINKS = frozenset({"href", "src"})
_LENGTH = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(px)?\s*", re.IGNORECASE)
_OTHER_LENGTH = re.compile(r"\s*(auto|[a-z]+\(.*\)|[+]?(?:\d+\.?\d*|\.\d+)\s*(%|[a-z]{1,5}))\s*", re.IGNORECASE)
_URL = re.compile(r"url\(\s*[\"']?\s*(?!#|data:)([^\"')\s]{1,200})|@import\s+[\"']?([^\"';\s]{1,200})", re.IGNORECASE)
_SCRIPT_LINK = re.compile(r"[\s\x00-\x20]*(javascript|vbscript|data:text/html)", re.IGNORECASE)
_INTERNAL = re.compile(r"(?<=url\()#[^)]*|\A#(?![0-9A-Fa-f]{3,8}\Z).*", re.DOTALL)
"""A reference to another element by its id, which is not a colour."""
_MODIFIERS = frozenset({"opacity", "transform", "clip-path", "mask", "filter"})
"""Properties of a group that apply to what it draws as a whole."""
_TEXTUAL = frozenset({"text", "title", "desc", "metadata"})
MAX_TEXT = 200
"""Characters of a text that are kept."""
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
        colours: Colours of the visible ones, or the names of paint servers and elements with colours of their own.
        texts: The beginning of the text of each kind of element that may have text, by its name.
        background: Colour of the last one that covers the whole picture, "" without one.
        dynamic: True if style sheets or animations decide what is visible.
    """

    root: str = ""
    structure: Structure = field(default_factory=lambda: Structure(()))
    scripts: list[Violation] = field(default_factory=list)
    references: list[Violation] = field(default_factory=list)
    shapes: int = 0
    colours: set[str] = field(default_factory=set)
    background: str = ""
    dynamic: bool = False
    digest: str = ""
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def pixels(self) -> Pixels:
        """The picture as if it had been rendered: equal digests for equal elements, whatever their ids and comments."""
        width, height = next(iter(self.structure.sizes), DEFAULT_SIZE)
        flat = bool(self.colours) and self.colours <= {self.background} and not self.dynamic
        transparent = bool(self.shapes) and not self.colours and not self.dynamic
        return Pixels(width, height, self.digest, not self.shapes or flat, transparent)


def parse(data: bytes) -> Svg:
    """Read an SVG. Raises LimitExceeded."""
    reader = _Reader()
    # Browsers ignore the encoding that an SVG declares.
    parser = expat.ParserCreate("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", " ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler, parser.EntityDeclHandler = reader.text, reader.entity
    parser.ProcessingInstructionHandler = reader.instruction
    error = None
    try:
        parser.Parse(data, True)
    except expat.ExpatError as reason:
        error = Violation(Message("line {}", reason.lineno), "well-formed XML", xml_errors.describe(reason.code))
    except _RefusedError as reason:
        error = Violation(Message("line {}", parser.CurrentLineNumber), "an SVG without it", reason.args[0])
    reader.svg.structure = Structure(reader.sizes, error)
    reader.svg.digest = reader.hash.hexdigest()
    return reader.svg


class _Reader:
    """The handlers of expat."""

    def __init__(self) -> None:
        self.svg = Svg()
        self.sizes: tuple[tuple[int, int], ...] = ()
        self._box: list[str] = []
        self.hash = hashlib.sha256()
        self._count = 0
        self._styles: list[Mapping[str, str]] = [{}]
        self._names: list[str] = []

    def start(self, qualified: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._names) >= MAX_DEPTH:
            limit = Message("a picture has more than {} elements, or {} of them nested", MAX_ELEMENTS, MAX_DEPTH)
            raise LimitExceeded(limit)
        namespace, _, name = qualified.rpartition(" ")
        local = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        if not self._names:
            self.svg.root = qualified
            self.sizes, self._box = _sizes(local), _box(local)
        self._names.append(name)
        self._styles.append(_inherit(self._styles[-1], local))
        self._find_scripts(name, attributes)
        self._find_references(name, local)
        drawn = {key: _INTERNAL.sub("#", value) for key, value in local.items() if key not in ("id", "class")}
        self.hash.update(repr((name, sorted(drawn.items()))).encode("utf-8", "surrogatepass"))
        self.svg.dynamic = self.svg.dynamic or name in _DYNAMIC
        if name in _SHAPES | _CONTENT and namespace == NAMESPACE and not _NOT_RENDERED.intersection(self._names):
            self._paint(name, local, self._styles[-1])

    def end(self, name: str) -> None:
        self._names.pop()
        self._styles.pop()
        self.hash.update(b"/")

    def text(self, data: str) -> None:
        for name in _TEXTUAL.intersection(self._names):
            self.svg.texts[name] = (self.svg.texts.get(name, "") + data)[:MAX_TEXT]
        if self._names[-1:] == ["style"]:
            self._refer(data)
        if data.strip() and not {"metadata", "title", "desc"}.intersection(self._names):
            self.hash.update(data.encode("utf-8", "surrogatepass"))

    def entity(self, name: str, *others: object) -> None:
        raise _RefusedError(Message("a declaration of the entity {}", sanitize.escape(name, 50)))

    def instruction(self, target: str, data: str) -> None:
        if target == "xml-stylesheet":
            self._add(self.svg.references, "no reference to anything outside", f"<?{target} {data}?>")

    def _find_scripts(self, name: str, attributes: Mapping[str, str]) -> None:
        if name.lower() in _SCRIPTS:
            self._add(self.svg.scripts, "no script", f"<{name}>")
        for key, value in attributes.items():
            animated = key == "attributeName" and value.lower().startswith("on")
            # The name of an attribute in a namespace follows a space.
            if key.lower().startswith("on") or animated or _SCRIPT_LINK.match(value):
                self._add(self.svg.scripts, "no script", f'{key.rpartition(" ")[2]}="{value}"')

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
        if name in _CONTENT or "filter" in style:
            self.svg.colours.add(f"<{name}>")
            return
        paints = {fill: style.get("fill-opacity", "1"), style.get("stroke", "none"): style.get("stroke-opacity", "1")}
        visible = {each for each, opacity in paints.items() if not _ZERO.fullmatch(opacity)} - {"none", "transparent"}
        self.svg.colours |= visible
        if name == "rect" and visible == {fill} and not fill.startswith("url") and self._covers(attributes, style):
            self.svg.background, self.svg.colours = fill, {fill}

    def _covers(self, rectangle: Mapping[str, str], style: Mapping[str, str]) -> bool:
        """Return True if an opaque rectangle surely covers the whole picture."""
        if self._names.count("svg") > 1 or _MODIFIERS & style.keys() or rectangle.keys() & {"rx", "ry"}:
            return False
        whole = [str(each) for each in (self.sizes or (DEFAULT_SIZE,))[0]]
        box = [_number(each) for each in self._box or ["0", "0", *whole]]
        for at, (corner, side) in enumerate((("x", "width"), ("y", "height"))):
            start, stated = _number(rectangle.get(corner, "0")), rectangle.get(side, "")
            length = box[at + 2] if stated.strip() == "100%" else _number(stated)
            if not (start <= box[at] and start + length >= box[at] + box[at + 2]):
                return False
        return True


def _inherit(parent: Mapping[str, str], attributes: Mapping[str, str]) -> Mapping[str, str]:
    """The properties that decide whether an element is visible: its own, or those of its parent."""
    inline = (part.partition(":") for part in attributes.get("style", "").split(";"))
    own = {**attributes, **{name.strip().lower(): value for name, _, value in inline}}
    names = ("fill", "stroke", "fill-opacity", "stroke-opacity", "visibility", "display", *_MODIFIERS)
    found = {name: own[name].strip().lower() for name in names if name in own and own[name].strip() != "inherit"}
    if _ZERO.fullmatch(found.get("opacity", "1")):
        found["opacity"] = "0"
    # Modifiers and display apply to a group as a whole: a child does not undo them, but may be invisible itself.
    lasting = {"display": "none"} if parent.get("display") == "none" else {}
    lasting |= {name: value for name, value in parent.items() if name in _MODIFIERS and found.get(name) != "0"}
    return {**parent, **found, **lasting}


def _sizes(root: Mapping[str, str]) -> tuple[tuple[int, int], ...]:
    """The size in pixels: of width and height, else of the view box; of no pixels if one of them is no length."""
    sides = []
    box = _box(root)
    for name, in_box in (("width", 2), ("height", 3)):
        text = root.get(name)
        if text is None or (_OTHER_LENGTH.fullmatch(text) and not _LENGTH.fullmatch(text)):
            text = box[in_box] if box else str(DEFAULT_SIZE[in_box - 2])
        found = _LENGTH.fullmatch(text)
        sides.append(int(min(max(float(found[1]), -1.0), 1e9)) if found else 0)
    return ((sides[0], sides[1]),)


def _box(root: Mapping[str, str]) -> list[str]:
    """The four numbers of the view box, none without a valid one."""
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    return box if len(box) == 4 else []


def _number(text: str) -> float:
    """The number of a length in pixels; NaN, which is neither smaller nor larger than another, for other texts."""
    found = _LENGTH.fullmatch(text)
    return float(found[1]) if found else math.nan
