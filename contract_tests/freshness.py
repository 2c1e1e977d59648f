"""Freshness: over all calls of a run, those made at the same time included, nothing comes twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from contract import Clause, Place
from contract_tests import showing
from contract_tests.findings import Problem
from contract_tests.picture import decoded
from contract_tests.pixels import Pixels
from contract_tests.reading import Reading
from contract_tests.registry import Judges

JUDGES = Judges()

ENOUGH_TO_COUNT = 5
"""Ids of a run that must be there before it is said that they count on."""


def _string(reading: Reading, place: Place | None) -> Iterator[str]:
    for _, value in reading.values(place or ()):
        if isinstance(value, str) and value:
            yield value


@JUDGES.all("uuid-is-unique", subject=_string, unasked="no answer carried an id")
def unique(found: Sequence[tuple[Reading, str]], clause: Clause) -> Iterator[tuple[Reading, Problem]]:
    first: dict[str, Reading] = {}
    for reading, uuid in found:
        if uuid in first:
            again = f"{showing.quoted(uuid, 60)} again, as in call {first[uuid].exchange.index + 1}"
            yield reading, Problem(_path(clause), "an id that no other answer carries", again)
        first.setdefault(uuid, reading)


@JUDGES.all("uuid-is-not-a-counter", subject=_string, unasked="no answer carried an id")
def no_counter(found: Sequence[tuple[Reading, str]], clause: Clause) -> Iterator[tuple[Reading, Problem]]:
    """Ids that are the same but for a number, and whose numbers lie as close together as a counter's do."""
    for base in (10, 16):
        numbered = [(reading, *_number(uuid, base)) for reading, uuid in found]
        stems = {stem for _, stem, _ in numbered}
        numbers = sorted({number for _, _, number in numbered if number is not None})
        if len(stems) > 1 or len(numbers) < ENOUGH_TO_COUNT or len(numbers) < len(found):
            continue
        # Drawn at random from any space worth the name, n ids never lie within 4n of one another.
        if numbers[-1] - numbers[0] <= 4 * len(numbers):
            last = found[-1]
            yield (
                last[0],
                Problem(_path(clause), "an id that cannot be told", showing.quoted(last[1], 60)),
            )
            return


def _number(uuid: str, base: int) -> tuple[str, int | None]:
    """An id as what stands before its last number, and that number; ("…", None) where it ends in none."""
    # Only the end is searched: an id is hostile text, and may be megabytes long.
    tail = uuid[-40:]
    match = re.search(r"[0-9]+\Z" if base == 10 else r"[0-9A-Fa-f]+\Z", tail)
    if match is None:
        return uuid, None
    return uuid[: len(uuid) - len(match[0])], int(match[0], base)


def _pixels(reading: Reading, place: Place | None) -> Iterator[Pixels]:
    for _, pixels in decoded(reading, place):
        yield pixels


@JUDGES.all("img-is-fresh", subject=_pixels, unasked="no answer carried a picture to compare")
def fresh(found: Sequence[tuple[Reading, Any]], clause: Clause) -> Iterator[tuple[Reading, Problem]]:
    first: dict[str, Reading] = {}
    for reading, pixels in found:
        if pixels.digest in first:
            again = f"the pixels of call {first[pixels.digest].exchange.index + 1} again"
            yield reading, Problem(_path(clause), "a picture that no other answer carries", again)
        first.setdefault(pixels.digest, reading)


def _path(clause: Clause) -> str:
    place = next((site.place for site in clause.sites if site.place is not None), ())
    return "$" + "".join(f".{name}" for name in place)
