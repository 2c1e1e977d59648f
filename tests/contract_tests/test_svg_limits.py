"""The reader of SVGs: digests, errors and limits."""

from __future__ import annotations

import pytest

from contract_tests.pictures import svg
from contract_tests.pictures.svg import MAX_DEPTH
from contract_tests.verdict import LimitExceeded
from tests.contract_tests.test_svg import PATH, parsed


def digest(content: str) -> str:
    return parsed(content).digest


def test_what_is_not_drawn_does_not_change_the_digest() -> None:
    """Ids, classes, names of references, white space between elements, comments, and texts about the picture."""
    same = [
        f"{PATH}<use href='#a'/><g fill='url(#a)'/>",
        f"<!-- 7 --> {PATH}<use href='#b'/><g id='b' class='c' fill='url(#b)'/>",
    ]
    assert len({digest(each) for each in same}) == 1
    for name in ("metadata", "title", "desc"):
        assert digest(f"<{name}>1</{name}>") == digest(f"<{name}>2</{name}>")
    assert len(digest(PATH)) == 64


def test_what_is_drawn_changes_the_digest() -> None:
    """Text, colours, coordinates, names, attributes, order and nesting."""
    others = [
        *("<text>1</text>", "<text>2</text>", "<text fill='#abc'>1</text>", "<text fill='#abd'>1</text>"),
        *("<text fill='#abcdef12'>1</text>", "<text fill='#abcdef13'>1</text>", "<text x='1'>1</text>"),
        *(
            "<g/><text/>",
            "<text/><g/>",
            "<g><text/></g>",
            "<text y='1'>1</text>",
            "<tspan>1</tspan>",
            "<text>1\n2</text>",
            "<text>12</text>",
        ),
    ]
    assert len({digest(each) for each in others}) == len(others)


def error(content: str | bytes) -> tuple[str, str]:
    found = (parsed(content) if isinstance(content, str) else svg.parse(content)).structure.error
    return (found.expected, found.received) if found else ("", "")


def test_an_entity_is_refused() -> None:
    """Entities may grow without limit or name a file; none is needed."""
    for declaration in ('<!ENTITY a "b">', '<!ENTITY a SYSTEM "file:///etc/passwd">', '<!ENTITY % a "b">'):
        document = f"<!DOCTYPE svg [{declaration}]><svg/>".encode()
        assert error(document) == ("an SVG without it", "a declaration of the entity a")
    assert error("&lt;&#49;") == ("", "")


def test_the_limits_of_an_svg_are_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many elements as allowed, nested or not, are read; one more is not."""
    monkeypatch.setattr(svg, "MAX_ELEMENTS", 500)
    for most, content in ((MAX_DEPTH, "<g>%s</g>"), (500, "<g/>%s")):
        before, _, after = content.partition("%s")
        assert error(before * (most - 1) + after * (most - 1)) == ("", "")
        with pytest.raises(LimitExceeded, match=f"more than 500 elements, or {MAX_DEPTH} of them nested"):
            parsed(before * most + after * most)


def test_malformed_xml_is_located() -> None:
    """The line, and the reason in words of our own."""
    found = svg.parse(b"<svg>\n<g></svg>").structure.error
    assert found is not None
    assert (found.where, found.expected, found.received) == (
        "line 2",
        "well-formed XML",
        "an end tag of another element",
    )
    assert error(b'<?xml version="1.0" encoding="nowhere"?><svg/>') == ("", "")  # as browsers do
    assert error('<?xml version="1.0" encoding="GBK"?><svg>验</svg>'.encode("gbk"))[0] == "well-formed XML"
    assert svg.parse(b"<a:svg xmlns:a='b'/>").root == "b svg"


@pytest.mark.parametrize("order", ["le", "be"])
def test_utf_16_is_detected_by_its_byte_order_mark(order: str) -> None:
    """Every other SVG is read as UTF-8, as browsers do."""
    document = f"\ufeff<svg xmlns='{svg.NAMESPACE}'><text>验</text></svg>".encode(f"utf-16-{order}")
    assert error(document) == ("", "")
    assert svg.parse(document).shapes == 1
