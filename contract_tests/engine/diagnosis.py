"""The sentence on top of a report, if every request ended in the same way before anything could be checked."""

from __future__ import annotations

from code_contract import Carrier
from contract_tests import sanitize
from contract_tests.checks.operation import AUTH_STATUSES
from contract_tests.checks.registry import BASELINE
from contract_tests.checks.response import ParsedResponse
from contract_tests.engine.collection import NOT_CHECKED_STATUSES
from contract_tests.message import Message


class Diagnosis:
    """Compares the endings of the baseline requests of a run."""

    def __init__(self) -> None:
        self._count = 0
        self._endings: set[str] = set()

    def add(self, response: ParsedResponse) -> None:
        """Record the ending of a request."""
        if response.exchange.label == BASELINE and len(self._endings) < 2:
            self._endings.add("" if response.status in NOT_CHECKED_STATUSES or response.limit else _ending(response))
        self._count += response.exchange.label == BASELINE

    @property
    def sentence(self) -> str:
        """The sentence, "" if something could be checked or the requests ended in different ways."""
        ending = next(iter(self._endings), "")
        return (
            Message("{} of {} requests: {}", self._count, self._count, ending)
            if ending and len(self._endings) == 1
            else ""
        )


def _ending(response: ParsedResponse) -> str:
    """Return the end of a request and a question about its cause, "" if the content could be checked."""
    found = response.operation.pictures
    is_picture = any(each.carrier is Carrier.BODY for each in found.values())
    if response.is_complete and (_has_fields(response) or (is_picture and response.media_type[0].startswith("image/"))):
        return ""
    status = response.status or 0
    media_type = sanitize.escape(response.media_type[0], 60) if response.media_type[0] else "without a Content-Type"
    if not response.is_complete:
        return Message("{}, and a body that breaks off", status)
    if 300 <= status < 400:
        return Message("{}; redirects are not followed: is this the base URL of the API?", status)
    if status in AUTH_STATUSES or status == 403:
        return Message("{} {}; does the API need credentials (--header)?", status, media_type)
    if status >= 500:
        return Message("{} {}; does the API work at all?", status, media_type)
    missing = "no picture" if is_picture else "no envelope" if response.operation.success_schema else "no such fields"
    return Message("{} {}, {}; is this the base URL of the API?", status, media_type, missing)


def _has_fields(response: ParsedResponse) -> bool:
    """True if the body has a documented field, or is all that the contract documents."""
    documented = response.operation.documented(response.status)
    names = documented.field_names
    if documented.schema is None:
        return response.is_success
    if not names or not isinstance(response.value, (dict, list)):
        return not names and response.matches_schema
    values = response.value if isinstance(response.value, list) else [response.value]
    objects = (each for each in values if isinstance(each, dict))
    return any(name in names for each in objects for name in each)
