"""Keywords of JSON Schema in the body of a response, as OpenAPI reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from jsonschema.exceptions import ValidationError

MAX_FORMATS = 64
"""Validators of formats that are kept."""


@lru_cache(MAX_FORMATS)
def _format_validator(name: str) -> Callable[[Any], bool]:
    import jsonschema_rs  # only documents with formats wait for this import

    return jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True).is_valid


def checked_format(validator: Any, name: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """Check a format as schemathesis does; a format that is not known admits every value."""
    if isinstance(instance, str) and not _format_validator(str(name))(instance.encode("utf-8", "replace").decode()):
        yield ValidationError(f"{instance!r} is not a {name!r}")
