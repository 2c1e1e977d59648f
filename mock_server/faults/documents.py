"""Faults of the document: fields that are missing, of another type, of another value.

Which field is meant is never typed here: it is where the clause to be broken stands in the contract.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mock_server import answers
from mock_server.faults.model import CONFORMS, Call, Fault, Stage

REPEATED_ID = "00000000000000000000000000000000"


def _missing(call: Call) -> None:
    answers.take(call.answer.document, call.place)


def _set(value: Any) -> Callable[[Call], None]:
    def effect(call: Call) -> None:
        answers.put(call.answer.document, call.place, value)

    return effect


def _changed(change: Callable[[Any], Any]) -> Callable[[Call], None]:
    """Puts what `change` makes of the value that stands there."""

    def effect(call: Call) -> None:
        value = answers.find(call.answer.document, call.place)
        answers.put(call.answer.document, call.place, change(value))

    return effect


def _in_array(call: Call) -> None:
    call.answer.document = [call.answer.document]


def _extra_field(call: Call) -> None:
    answers.put(call.answer.document, (*call.place, "extra"), "undocumented")


def _counting(call: Call) -> None:
    call.uuid = f"{call.number + 1:032x}"


def _like_a_grant(call: Call) -> None:
    """Puts into a refusal, at the clause's place, what the document's sample has there."""
    sample = call.operation.sample
    answers.put(call.answer.document, call.place, answers.find(sample and sample.value, call.place))


def _field(name: str, breaks: str, effect: Callable[[Call], None], text: str, *also: str) -> Fault:
    return Fault(name, breaks, Stage.DOCUMENT, effect, text, (CONFORMS, *also))


# fmt: off
FAULTS = (
    _field("envelope-in-array", "envelope-is-an-object", _in_array, "wraps the envelope in an array"),
    _field("succ-flag-missing", "succ-flag-is-present", _missing, "leaves the result flag out"),
    _field("succ-flag-string", "succ-flag-is-a-boolean", _changed(lambda v: str(v).lower()), "sends the result flag as a string"),
    _field("succ-flag-number", "succ-flag-is-a-boolean", _changed(int), "sends the result flag as 1"),
    _field("code-missing", "code-is-present", _missing, "leaves the business code out"),
    _field("code-string", "code-is-an-integer", _changed(str), "sends the business code as a string", "code-is-200-on-success"),
    _field("code-fraction", "code-is-an-integer", _changed(lambda v: v + 0.5), "sends a business code with a fraction", "code-is-200-on-success"),
    _field("code-zero", "code-is-200-on-success", _set(0), "sends 0 for the business code of a success"),
    _field("data-array", "data-is-an-object", _changed(lambda v: [v]), "wraps the data in an array"),
    _field("data-string", "data-is-an-object", _changed(str), "sends the data as a string"),
    _field("data-missing", "data-is-given-on-success", _missing, "leaves the data of a success out"),
    _field("data-null", "data-is-given-on-success", _set(None), "sends null for the data of a success"),
    _field("msg-number", "msg-is-a-string-or-null", _set(0), "sends a number for the message"),
    _field("msg-object", "msg-is-a-string-or-null", _set({}), "sends an object for the message"),
    _field("uuid-missing", "uuid-is-present", _missing, "leaves the captcha's id out"),
    _field("uuid-null", "uuid-is-a-string", _set(None), "sends null for the captcha's id"),
    _field("uuid-number", "uuid-is-a-string", _changed(lambda v: int(v, 16) % 10**9), "sends a number for the captcha's id"),
    _field("uuid-empty", "uuid-is-not-empty", _set(""), "sends an empty id"),
    _field("img-missing", "img-is-present", _missing, "leaves the picture out"),
    _field("img-null", "img-is-a-string", _set(None), "sends null for the picture"),
    _field("img-array", "img-is-a-string", _changed(lambda v: [v]), "sends the picture in an array"),
    Fault("uuid-constant", "uuid-is-unique", Stage.DOCUMENT, _set(REPEATED_ID), "sends the same id every time"),
    Fault(
        "uuid-repeats",
        "uuid-is-unique",
        Stage.DOCUMENT,
        lambda call: _set(REPEATED_ID)(call) if call.number % 5 == 4 else None,
        "sends the same id in one answer of five",
    ),
    Fault("uuid-counts", "uuid-is-not-a-counter", Stage.UUID, _counting, "counts its ids up from one"),
    Fault("envelope-extra", "envelope-adds-nothing", Stage.DOCUMENT, _extra_field, "adds a field to the envelope"),
    Fault("data-extra", "data-adds-nothing", Stage.DOCUMENT, _extra_field, "adds a field to the data"),
    Fault("refusal-code-of-success", "refusal-code-differs", Stage.REFUSAL, _like_a_grant, "refuses with the business code of a success"),
    Fault("refusal-with-data", "refusal-carries-no-data", Stage.REFUSAL, _like_a_grant, "sends a captcha with its refusals"),
    Fault("refusal-without-reason", "refusal-says-why", Stage.REFUSAL, _like_a_grant, "refuses without a message"),
)
# fmt: on
