"""Freshness: no id and no picture occurs twice in a run, concurrent requests included."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from code_contract import Clause, FieldPath
from contract_tests import sanitize
from contract_tests.checks.picture import decoded
from contract_tests.checks.registry import Aggregate, CheckRegistry, clause_json_path
from contract_tests.checks.response import ParsedResponse
from contract_tests.http.exchange import Exchange
from contract_tests.message import Message
from contract_tests.pictures.pixels import Pixels
from contract_tests.verdict import Violation

CHECKS = CheckRegistry()

MIN_IDS = 5
"""Number of ids from which a sequence is reported."""
MAX_IDS = 10_000
"""Number of ids that decide whether they are a sequence."""
DIGEST_SIZE = 16
"""Bytes of a digest: among a billion, two are equal by chance with a probability of 10^-20."""


def ids(response: ParsedResponse, place: FieldPath | None) -> Iterator[str]:
    """Yield every string at a field path that is not empty."""
    for _, value in response.values_at(place or ()):
        if isinstance(value, str) and value:
            yield value


def text_digest(text: str) -> bytes:
    """Return a digest of a text."""
    # A text may be megabytes long.
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_SIZE).digest()


@CHECKS.unique("uuid-is-unique", select=ids, key=text_digest, skip_reason="no response contained an id")
def unique_id(uuid: str, where: str, first: str) -> Violation:
    return Violation(
        where, "an id that no other response has", Message("{} again, as in {}", sanitize.quoted(uuid, 60), first)
    )


@CHECKS.whole_run("uuid-is-not-a-counter", select=ids, skip_reason="no response contained an id")
class SequentialIds(Aggregate):
    """Violated if ids differ only in a number, and the numbers are as close together as those of a counter."""

    def __init__(self, clause: Clause) -> None:
        super().__init__(clause)
        self._numbers: dict[int, set[int]] = {10: set(), 16: set()}
        self._stems: dict[int, str] = {}
        self._last: tuple[Exchange, str] | None = None

    def add(self, response: ParsedResponse, subject: str) -> None:
        for base, numbers in list(self._numbers.items()):
            stem, number = _split_number(subject, base)
            if number is None or number in numbers or self._stems.setdefault(base, stem) != stem:
                # Not a counter in this base, whatever follows.
                del self._numbers[base]
            elif len(numbers) < MAX_IDS:
                numbers.add(number)
        self._last = (response.exchange, sanitize.quoted(subject, 60))

    def finish(self) -> Iterator[tuple[Exchange, Violation]]:
        for numbers in self._numbers.values():
            # n random ids from a space of useful size never lie within 4n of one another.
            if self._last and len(numbers) >= MIN_IDS and max(numbers) - min(numbers) <= 4 * len(numbers):
                exchange, received = self._last
                yield exchange, Violation(clause_json_path(self.clause), "an id that cannot be predicted", received)
                return


def _split_number(uuid: str, base: int) -> tuple[str, int | None]:
    """Split an id into the text before its last number and that number, None if it does not end in a number."""
    # Only the end is searched: an id of the target may be megabytes long.
    tail = uuid[-40:]
    match = re.search(r"[0-9]+\Z" if base == 10 else r"[0-9A-Fa-f]+\Z", tail)
    if match is None:
        return uuid, None
    return uuid[: len(uuid) - len(match[0])], int(match[0], base)


def _visible_pixels(response: ParsedResponse, place: FieldPath | None) -> Iterator[Pixels]:
    # Blank pictures are equal because they are blank, which other clauses report.
    for _, pixels in decoded(response, place):
        if not pixels.one_colour and not pixels.transparent:
            yield pixels


def _pixels_digest(pixels: Pixels) -> bytes:
    return bytes.fromhex(pixels.digest)[:DIGEST_SIZE]


@CHECKS.unique(
    "img-is-fresh",
    select=_visible_pixels,
    key=_pixels_digest,
    skip_reason="no response contained a picture to compare",
)
def fresh_picture(pixels: Pixels, where: str, first: str) -> Violation:
    return Violation(where, "a picture that no other response has", Message("the pixels of {} again", first))
