"""Freshness: over all calls of a run, those made at the same time included, nothing comes twice."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from code_contract import Clause, FieldPath
from contract_tests import sanitize as showing
from contract_tests.checks.picture import decoded
from contract_tests.checks.registry import CheckRegistry, RunCheck, clause_json_path
from contract_tests.checks.response import ParsedResponse
from contract_tests.http.exchange import Exchange
from contract_tests.png.pixels import Pixels
from contract_tests.verdict import Violation

JUDGES = CheckRegistry()

MIN_IDS = 5
"""Ids of a run that must be there before it is said that they count on."""
DIGEST_SIZE = 16
"""Bytes of a digest: of a billion, two are the same by chance once in 10^20."""


def _string(reading: ParsedResponse, place: FieldPath | None) -> Iterator[str]:
    for _, value in reading.values_at(place or ()):
        if isinstance(value, str) and value:
            yield value


def _text_key(text: str) -> bytes:
    # The text itself may be megabytes long.
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_SIZE).digest()


@JUDGES.unique("uuid-is-unique", subject=_string, key=_text_key, unasked="no answer carried an id")
def unique(uuid: str, where: str, call: str) -> Violation:
    return Violation(where, "an id that no other answer carries", f"{showing.quoted(uuid, 60)} again, as in {call}")


@JUDGES.all("uuid-is-not-a-counter", subject=_string, unasked="no answer carried an id")
class SequentialIds(RunCheck):
    """Ids that are the same but for a number, and whose numbers lie as close together as a counter's do."""

    def __init__(self, clause: Clause) -> None:
        super().__init__(clause)
        self._numbers: dict[int, set[int]] = {10: set(), 16: set()}
        self._stems: dict[int, str] = {}
        self._last: tuple[Exchange, str] | None = None

    def add(self, reading: ParsedResponse, subject: str) -> None:
        for base, numbers in list(self._numbers.items()):
            stem, number = _number(subject, base)
            if number is None or number in numbers or self._stems.setdefault(base, stem) != stem:
                # Whatever comes after, these are no counter's.
                del self._numbers[base]
            else:
                numbers.add(number)
        self._last = (reading.exchange, showing.quoted(subject, 60))

    def finish(self) -> Iterator[tuple[Exchange, Violation]]:
        for numbers in self._numbers.values():
            # Drawn at random from any space worth the name, n ids never lie within 4n of one another.
            if self._last and len(numbers) >= MIN_IDS and max(numbers) - min(numbers) <= 4 * len(numbers):
                exchange, shown = self._last
                yield exchange, Violation(clause_json_path(self.clause), "an id that cannot be told", shown)
                return


def _number(uuid: str, base: int) -> tuple[str, int | None]:
    """An id as what stands before its last number, and that number; ("…", None) where it ends in none."""
    # Only the end is searched: an id is hostile text, and may be megabytes long.
    tail = uuid[-40:]
    match = re.search(r"[0-9]+\Z" if base == 10 else r"[0-9A-Fa-f]+\Z", tail)
    if match is None:
        return uuid, None
    return uuid[: len(uuid) - len(match[0])], int(match[0], base)


def _pixels(reading: ParsedResponse, place: FieldPath | None) -> Iterator[Pixels]:
    for _, pixels in decoded(reading, place):
        yield pixels


def _pixels_key(pixels: Pixels) -> bytes:
    return bytes.fromhex(pixels.digest)[:DIGEST_SIZE]


@JUDGES.unique("img-is-fresh", subject=_pixels, key=_pixels_key, unasked="no answer carried a picture to compare")
def fresh(pixels: Pixels, where: str, call: str) -> Violation:
    return Violation(where, "a picture that no other answer carries", f"the pixels of {call} again")
