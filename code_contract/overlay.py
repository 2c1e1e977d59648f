"""Overlays: changes to a document from files of their own (OpenAPI Overlay 1.0.0, with the JSONPath of RFC 9535)."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from code_contract import pointers, schema_errors, yaml_reader
from code_contract.errors import ContractError, Problem
from code_contract.yaml_reader import ParsedDocument

if TYPE_CHECKING:
    import jsonschema_rs

Location = tuple[str | int, ...]
"""Keys and indexes that lead to a node."""

MAX_MATCHES = 10_000
"""Nodes that the target of an action selects."""
MAX_ADDED = 1_000_000
"""Values that the actions of an overlay add."""


def read(path: Path) -> ParsedDocument:
    """Read an overlay.

    Raises:
        ContractError: The file is unreadable, or not an overlay of version 1.0.
    """
    try:
        found = yaml_reader.read(path)
        version = found.document.get("overlay")
        if not str(version).startswith("1.0."):
            raise ContractError(f"overlay: {version!r:.60} is not supported", "use overlay: 1.0.0", "/overlay")
        schema_errors.require_valid(_validator(), schema_errors.read_schema("overlay.schema.json"), found.document, "")
    except ContractError as error:
        error.document = path
        raise
    return found


def base(overlays: Sequence[ParsedDocument]) -> Path | None:
    """Return the document that the first overlay with `extends` is written for, None if there is none.

    Raises:
        ContractError: It is not a local file.
    """
    for each in overlays:
        if "extends" in each.document:
            path = _extended(each)
            if path is None:
                problem = f"the document {each.document['extends']!r:.200} is not a local file"
                raise ContractError(problem, "save it, and pass it with --spec", "/extends", each.path)
            return path
    return None


def apply(overlays: Sequence[ParsedDocument], source: ParsedDocument) -> ParsedDocument:
    """Apply overlays to a document, in order, in place.

    Args:
        overlays: The overlays, as `read` returns them.
        source: The document, before other files are added.

    Returns:
        The document, with a problem for each action that changes nothing, and the origins of what was added.

    Raises:
        ContractError: A target is not a JSONPath, an update does not fit the node that it selects, or a limit is
            exceeded.
    """
    problems = [problem for each in overlays for problem in _Overlay(each, source).apply()]
    if overlays and pointers.is_deeper_than(source.document, yaml_reader.MAX_DEPTH):
        problem = f"the document is nested deeper than {yaml_reader.MAX_DEPTH} levels"
        raise ContractError(problem, "flatten the update", "/actions", overlays[-1].path)
    return replace(source, problems=(*source.problems, *problems), is_changed=source.is_changed or bool(overlays))


class _Overlay:
    """One overlay, applied to one document."""

    def __init__(self, overlay: ParsedDocument, source: ParsedDocument) -> None:
        self._overlay = overlay
        self._source = source
        self._added = 0

    def apply(self) -> Iterator[Problem]:
        """Apply the actions, and yield the problems of the overlay."""
        yield from (self._problem(each.pointer, each.text) for each in self._overlay.problems)
        extended = _extended(self._overlay)
        if extended is not None and extended.resolve() != self._source.path.resolve():
            yield self._problem("/extends", f"the overlay is written for {extended}, not for {self._source.path}")
        for index, action in enumerate(self._overlay.document["actions"]):
            at = pointers.join("/actions", index)
            matches = self._matches(action["target"], at)
            if not matches:
                yield self._problem(f"{at}/target", f"the target {action['target']!r:.200} selects nothing")
            if action.get("remove"):
                self._remove(matches, at)
            elif "update" in action:
                self._reserve(len(matches) * _size(action["update"]), at)
                for target in list(map(self._find, matches)):
                    self._update(target, action["update"], f"{at}/update")
            else:
                yield self._problem(at, "the action has neither update nor remove; it changes nothing")

    def _matches(self, target: str, at: str) -> list[Location]:
        """Return the locations of the nodes that a target selects, each once."""
        from jsonpath_rfc9535 import JSONPathEnvironment, JSONPathError

        environment = JSONPathEnvironment()
        environment.max_recursion_depth = yaml_reader.MAX_DEPTH + 1
        found: dict[Location, None] = {}
        try:
            for count, node in enumerate(environment.finditer(target, self._source.document)):
                if count == MAX_MATCHES:
                    problem = f"the target selects more than {MAX_MATCHES} nodes"
                    raise self._error(f"{at}/target", problem, "split the overlay into narrower actions")
                found[node.location] = None
        except (JSONPathError, RecursionError) as error:
            reason = str(error).strip().partition("\n")[0]
            problem = f"the target {target!r:.200} is not a JSONPath: {reason}"
            raise self._error(
                f"{at}/target", problem, "put names in brackets, as in $.paths['/pets'].get['x-clauses']"
            ) from None
        return list(found)

    def _reserve(self, count: int, at: str) -> None:
        self._added += count
        if self._added > MAX_ADDED:
            raise self._error(at, f"the overlay adds more than {MAX_ADDED} values", "use narrower targets")

    def _remove(self, matches: list[Location], at: str) -> None:
        recorded: set[int] = set()
        # From the last to the first, so that the locations of the others stay valid.
        for match in sorted(matches, key=lambda each: [f"{token:>20}" for token in each], reverse=True):
            if not match:
                raise self._error(at, "the whole document cannot be removed", "select a part of it")
            *above, key = match
            container = self._find(above)
            if isinstance(container, list) and id(container) not in recorded:
                recorded.add(id(container))
                pointer = pointers.join("", *above)
                for index in range(len(container)):
                    self._source.origins.add(container, index, *self._source.origin(pointers.join(pointer, index)))
            del container[key]

    def _find(self, location: Sequence[str | int]) -> Any:
        return pointers.find(self._source.document, location)

    def _update(self, target: Any, update: Any, at: str) -> None:
        if isinstance(target, list):
            self._append(target, update, at)
        elif isinstance(target, dict) and isinstance(update, dict):
            self._merge(target, update, at)
        elif isinstance(target, dict):
            raise self._error(at, f"update is {_kind(update)}, but the target selects an object", "use a mapping")
        else:
            problem = f"the target selects {_kind(target)}, which is neither an object nor an array"
            raise self._error(at, problem, "select the object that has it, and update its key")

    def _merge(self, target: dict[str, Any], update: dict[str, Any], at: str) -> None:
        for key, value in update.items():
            below, present = pointers.join(at, key), target.get(key)
            is_container = isinstance(present, (dict, list))
            if isinstance(present, dict) and isinstance(value, dict):
                self._merge(present, value, below)
            elif isinstance(present, list) and isinstance(value, list):
                for index, item in enumerate(value):
                    self._append(present, item, pointers.join(below, index))
            elif is_container and value is None:
                continue  # a key without a value, as in the structured example of the specification
            elif is_container or (present is not None and isinstance(value, (dict, list))):
                problem = f"update has {_kind(value)} where the document has {_kind(present)}"
                raise self._error(below, problem, "remove that by an action before this one")
            else:
                target[key] = copy.deepcopy(value)
                self._source.origins.add(target, key, self._overlay, below)

    def _append(self, target: list[Any], item: Any, at: str) -> None:
        target.append(copy.deepcopy(item))
        self._source.origins.add(target, len(target) - 1, self._overlay, at)

    def _problem(self, at: str, text: str) -> Problem:
        return Problem(at, text, self._overlay.path)

    def _error(self, at: str, problem: str, hint: str) -> ContractError:
        return ContractError(problem, hint, at, self._overlay.path)


def _extended(overlay: ParsedDocument) -> Path | None:
    """Return the local file that an overlay is written for, None if it states none, or one elsewhere."""
    try:
        url = urlsplit(overlay.document.get("extends", ""))
    except ValueError:
        return None
    path = unquote(url.path)
    is_local = path and "\0" not in path and not url.scheme and not url.netloc
    return overlay.path.parent / path if is_local else None


def _kind(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "an array"
    return f"{value!r:.60}"


def _size(value: Any) -> int:
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_size, below))


@lru_cache(1)
def _validator() -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(schema_errors.read_schema("overlay.schema.json"))
