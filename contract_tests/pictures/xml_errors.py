"""Our words for the errors of expat."""

from __future__ import annotations

from xml.parsers.expat import errors

_WORDS = {
    errors.XML_ERROR_NO_ELEMENTS: "no element",
    errors.XML_ERROR_UNCLOSED_TOKEN: "a tag without an end",
    errors.XML_ERROR_TAG_MISMATCH: "an end tag of another element",
    errors.XML_ERROR_DUPLICATE_ATTRIBUTE: "an attribute that is repeated",
    errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: "text after the end of the root element",
    errors.XML_ERROR_UNDEFINED_ENTITY: "an entity that is not declared",
    errors.XML_ERROR_UNBOUND_PREFIX: "a prefix that is not declared",
}


def describe(code: int) -> str:
    """Return our words for the code of an ExpatError."""
    return _WORDS.get(errors.messages.get(code, ""), "text that is not allowed there")
