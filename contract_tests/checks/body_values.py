"""The value of a body that a schema describes: JSON, XML, or a text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from code_contract.marks import parts
from code_contract.media_types import content_of, is_json, is_xml
from code_contract.merging import types
from code_contract.xml_values import UnreadableXmlError, XmlError, read_xml
from contract_tests.checks.json_text import MISSING
from contract_tests.checks.response import ParsedResponse

MALFORMED = object()
"""Stands for the value of a body that is not well-formed XML, or has another root element."""
_NUMBER = re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,3})?")


def body_value(response: ParsedResponse, documented: Mapping[str, Mapping[str, Any]]) -> tuple[Any, Any]:
    """Return the value of a body and its schema: MISSING if no schema describes it, or none that is known to apply.

    Args:
        response: The response, which keeps the value.
        documented: Media Type Objects of its status by media type as written.
    """
    found: tuple[Any, Any] = response.cached("documented value", partial(_read, response, documented))
    return found


def _read(response: ParsedResponse, documented: Mapping[str, Mapping[str, Any]]) -> tuple[Any, Any]:
    media_type = response.media_type[0]
    content = content_of(documented, media_type) or {}
    schema = content.get("schema", MISSING)
    if schema is MISSING or not response.body:
        return MISSING, schema
    if is_json(media_type):
        return response.value, schema
    if is_xml(media_type):
        try:
            return read_xml(response.body, schema), schema
        except UnreadableXmlError:
            return MISSING, schema
        except XmlError:
            return MALFORMED, schema
    kinds = {each for part in parts(schema) for each in types(part)}
    is_text = media_type.startswith("text/") and kinds and kinds.isdisjoint(("array", "object"))
    if not is_text or response.text is None:
        return MISSING, schema
    text = response.text.removesuffix("\n").removesuffix("\r")
    return text if "string" in kinds else scalar(text.strip()), schema


def scalar(text: str) -> Any:
    """Return the boolean or the number that a text stands for, else the text."""
    if text in ("true", "false"):
        return text == "true"
    if not _NUMBER.fullmatch(text):
        return text
    return int(text) if text.lstrip("-").isdigit() else float(text)
