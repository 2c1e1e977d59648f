"""The parts of an SVG that decide what it shows: backgrounds, modifiers of groups, contents, and what changes."""

from __future__ import annotations

import pytest

from contract_tests.pictures.svg import Svg
from tests.contract_tests.test_svg import PATH, parsed

RECT = '<rect width="150" height="50" fill="red"/>'


def flags(picture: Svg) -> tuple[bool, bool]:
    return picture.pixels.one_colour, picture.pixels.transparent


@pytest.mark.parametrize("name", ["style", "animate", "set", "animateTransform", "animateMotion"])
def test_a_picture_that_changes_is_not_blank(name: str) -> None:
    """Style sheets and animations may show what attributes hide."""
    assert flags(parsed(RECT)) == (True, False)
    assert flags(parsed(f"{RECT}<{name}/><path fill='red'/>")) == (False, False)
    assert flags(parsed('<path display="none"/>')) == (False, True)
    assert flags(parsed(f'<{name}/><path display="none"/>')) == (False, False)
    assert flags(parsed(f"<{name}/>")) == (True, False)


@pytest.mark.parametrize("name", ["image", "use", "foreignObject"])
def test_content_has_colours_of_its_own(name: str) -> None:
    """It is visible on any background, unless it is hidden."""
    assert parsed(f'{RECT}<{name} fill="red"/>').colours == {"red", f"<{name}>"}
    assert flags(parsed(f'{RECT}<{name} fill="red"/>')) == (False, False)
    assert flags(parsed(f'<{name} visibility="hidden"/>')) == (False, True)


@pytest.mark.parametrize(
    "rect",
    [
        *(RECT.replace("/>", f' {each}="0.5"/>') for each in ("opacity", "transform", "clip-path", "mask", "rx", "ry")),
        *(f'<g {each}="0.5">{RECT}</g>' for each in ("opacity", "transform", "clip-path", "mask", "filter")),
        *(f'<g {each}="0.5"><g {each}="inherit">{RECT}</g></g>' for each in ("opacity", "transform")),
        f"<svg>{RECT}</svg>",
        RECT.replace("red", "url(#a)"),
        RECT.replace("/>", ' stroke="blue"/>'),
        RECT.replace("/>", ' x="1"/>'),
        RECT.replace("/>", ' y="0.5"/>'),
        RECT.replace("/>", ' x="10%"/>'),
        RECT.replace("/>", ' x="-1"/>'),
        RECT.replace("150", "150em"),
        RECT.replace("rect", "image"),
    ],
)
def test_a_rectangle_that_may_leave_something_uncovered_is_no_background(rect: str) -> None:
    """Modifiers, round corners, strokes, other coordinates and units; a path of its colour counts as seen."""
    picture = parsed(f'<path fill="blue"/>{rect}')
    assert picture.background == ""
    assert "blue" in picture.colours


@pytest.mark.parametrize(
    ("root", "rect", "covers"),
    [
        ('width="150" height="50"', 'x="-1" width="151" y="-2" height="52"', True),
        ('width="150" height="50"', 'x="-1" width="150" y="-2" height="52"', False),
        ('width="150" height="50"', 'x="-1" width="151" y="-2" height="51"', False),
        ('viewBox="-5 -6 100 40"', 'x="-5" y="-6" width="100" height="40"', True),
        ('viewBox="-5 -6 100 40"', 'width="100" height="40"', False),
        ('viewBox="-5 -6 100 40"', 'x="-5" y="-6" width="100%" height=" 100% "', True),
        ('viewBox="-5 -6 100 40" width="200"', 'x="-5" y="-6" width="100" height="40"', True),
        ('viewBox="-5 -6 100 a"', 'x="-5" y="-6" width="100" height="40"', False),
    ],
)
def test_a_background_covers_the_view_box(root: str, rect: str, covers: bool) -> None:
    """In its coordinates, or in pixels without one; what was drawn before is hidden."""
    picture = parsed(f'<path fill="blue"/><rect {rect} fill="red"/>', root)
    assert picture.background == ("red" if covers else "")
    assert picture.colours == ({"red"} if covers else {"blue", "red"})


def test_a_filter_gives_other_colours() -> None:
    """Those of a filtered shape are not known, and not those of a background."""
    assert parsed(f'{RECT}<path filter="url(#a)" fill="red"/>').colours == {"red", "<path>"}
    assert parsed(f'<g filter="url(#a)">{PATH}</g>{PATH}').colours == {"<path>", "black"}


def test_what_a_group_modifies_a_child_does_not_undo() -> None:
    """The opacity of a group, and that of a child in it, both apply."""
    assert parsed('<g opacity="0"><path opacity="1"/></g>').colours == set()
    assert parsed('<g opacity="0.5"><path opacity="0"/></g>').colours == set()
    assert parsed('<g display="inline"><path display="none"/></g>').colours == set()
