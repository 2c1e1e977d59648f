"""Content negotiation by the Accept header (RFC 9110 §12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from werkzeug.http import parse_list_header, parse_options_header

from code_contract.media_types import mime_essence

MAX_RANGES = 50
"""Media ranges of one Accept header that are read."""

_DEFAULTS = {
    "*/*": "application/json",
    "application/*": "application/json",
    "image/*": "image/png",
    "text/*": "text/plain",
}


class _Range(NamedTuple):
    """A media range: its type and subtype, parameters, quality, and position in the header."""

    kind: str
    subtype: str
    parameters: frozenset[tuple[str, str]]
    quality: float
    position: int

    def specificity(self, media_type: _Range, ignores_parameters: bool) -> int:
        """Return the precedence of the range for a media type, 0 if it does not match."""
        if self.kind == self.subtype == "*":
            return 1
        if self.kind != media_type.kind:
            return 0
        if self.subtype == "*":
            return 3
        if not ignores_parameters and not self.parameters <= media_type.parameters:
            return 0
        if self.subtype == media_type.subtype:
            return 5 if self.parameters and not ignores_parameters else 4
        # The format of a structured suffix is that of the whole type (RFC 6839 §2).
        return 2 if self.subtype.rpartition("+")[2] == media_type.subtype.rpartition("+")[2] else 0


def best(accept: str, offered: Sequence[str]) -> tuple[str, str] | None:
    """Return the media type that a client prefers, as documented and as it is sent; None if it accepts none of them.

    Parameters of a media range are ignored if no documented type matches with them.

    Args:
        accept: The value of the Accept header; "" accepts everything.
        offered: The media types as documented, the server's favourite first. They may be ranges, which are sent as a
            concrete type.
    """
    ranges = [found for position, text in enumerate(parse_list_header(accept)[:MAX_RANGES])
              if (found := _parse(text, position)) is not None]  # fmt: skip
    if not ranges:
        return (offered[0], concrete(offered[0])) if offered else None
    candidates = [(written, each) for written in offered for each in _concrete_types(written, ranges)]
    for ignores_parameters in (False, True):
        ranked = [
            (-quality, -specificity, position, order)
            for order, (_, sent) in enumerate(candidates)
            for quality, specificity, position in [_rank(sent, ranges, ignores_parameters)]
            if quality > 0
        ]
        if ranked:
            return candidates[min(ranked)[-1]]
    return None


def concrete(media_type: str) -> str:
    """Return the media type to send for one that is documented, perhaps as a range."""
    if "*" not in media_type:
        return media_type
    return _DEFAULTS.get(mime_essence(media_type), "application/octet-stream")


def _concrete_types(written: str, ranges: Sequence[_Range]) -> list[str]:
    """The types that a documented type or range stands for: its default, and those that the client names.

    A client that accepts the default by a range does not need another type: browsers name HTML first for every page.
    """
    if "*" not in written:
        return [written]
    kind, default = written.partition("/")[0].strip().lower(), concrete(written)
    named = [f"{each.kind}/{each.subtype}" for each in ranges if "*" not in each.subtype and kind in ("*", each.kind)]
    is_accepted = _rank(default, ranges, ignores_parameters=False)[0] > 0
    return [default] if is_accepted and default not in named else [default, *named]


def _rank(written: str, ranges: Sequence[_Range], ignores_parameters: bool) -> tuple[float, int, int]:
    """Quality, specificity and position of the most specific range that matches."""
    media_type = _parse(written, 0)
    if media_type is None:
        return 0.0, 0, 0
    matched = [(each.specificity(media_type, ignores_parameters), each.quality, -each.position) for each in ranges]
    specificity, quality, position = max(matched)
    return (quality, specificity, -position) if specificity else (0.0, 0, 0)


def _parse(text: str, position: int) -> _Range | None:
    essence, parameters = parse_options_header(text)
    kind, slash, subtype = essence.lower().partition("/")
    if not slash or not kind or not subtype or (kind == "*" and subtype != "*"):
        return None
    try:
        quality = float(parameters.pop("q", "1"))
    except ValueError:
        return None
    if not 0 <= quality <= 1:
        return None
    return _Range(kind, subtype, frozenset((n.lower(), v.lower()) for n, v in parameters.items()), quality, position)
