"""The reader of SVGs: sizes, shapes, colours, scripts, references and digests, one fact of the format at a time."""

from __future__ import annotations

import pytest

from contract_tests.pictures import svg
from contract_tests.pictures.svg import DEFAULT_SIZE, Svg

PATH = '<path d="M1 1h9"/>'


def parsed(content: str, root: str = 'width="150" height="50"') -> Svg:
    return svg.parse(f'<svg xmlns="http://www.w3.org/2000/svg" {root}>{content}</svg>'.encode())


def visible(content: str) -> bool:
    """Return True if the picture is neither blank nor transparent."""
    pixels = parsed(content).pixels
    return not pixels.one_colour and not pixels.transparent


@pytest.mark.parametrize(
    ("root", "size"),
    [
        ('width="150" height="50"', (150, 50)),
        ('width=" 150px " height="50.9PX"', (150, 50)),
        ('width="1.5e2" height="+5e+1"', (150, 50)),
        ('width="15e-1" height=".5e2"', (1, 50)),
        ('viewBox="0 0 160 60"', (160, 60)),
        ('viewBox=" 0, 0 ,160,60 "', (160, 60)),
        ('viewBox="0 0 160 60" height="30"', (160, 30)),
        ('viewBox="0 0 160 60" width="100%" height="auto"', (160, 60)),
        ('viewBox="0 0 160 60" width="10em" height="2.5cm"', (160, 60)),
        ('viewBox="0 0 160"', DEFAULT_SIZE),
        ("", DEFAULT_SIZE),
        ('width="200"', (200, 150)),
        ('width="wide" height="50"', (0, 50)),
        ('width="-7" height="-0.5"', (-1, 0)),
        ('width="-100%" height="50"', (0, 50)),
        ('width="1e12" height="50"', (10**9, 50)),
    ],
)
def test_the_size_in_pixels(root: str, size: tuple[int, int]) -> None:
    """Width and height in pixels; else those of the view box; else the default of CSS; 0 for what is no length."""
    picture = parsed(PATH, root)
    assert picture.structure.error is None
    assert picture.structure.sizes == (size,)
    assert (picture.pixels.width, picture.pixels.height) == size


def test_a_document_without_a_root_has_the_default_size() -> None:
    """An empty document states no size, and draws nothing."""
    picture = svg.parse(b"")
    assert (picture.root, picture.structure.sizes) == ("", ())
    assert picture.structure.error is not None
    assert (picture.structure.error.where, picture.structure.error.received) == ("line 1", "no element")
    assert (picture.pixels.width, picture.pixels.height) == DEFAULT_SIZE
    assert (picture.pixels.one_colour, picture.pixels.transparent) == (True, False)


SHAPES = [
    *("path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "textPath"),
    *("image", "use", "foreignObject"),
]


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_draws(name: str) -> None:
    """Each graphics element (SVG 2 §3.4) is a shape; a line has no inside, so it needs a stroke."""
    assert parsed(f'<{name} stroke="red"/>').shapes == 1
    assert visible(f'<{name} stroke="red"/>')
    assert visible(f"<{name}/>") is (name != "line")
    assert parsed(f'<{name} xmlns="http://www.w3.org/1999/xhtml"/>').shapes == 0


@pytest.mark.parametrize(
    "name",
    [
        *("defs", "symbol", "clipPath", "mask", "pattern", "marker", "linearGradient", "radialGradient", "filter"),
        *("metadata", "title", "desc", "style", "script"),
    ],
)
def test_elements_that_are_never_rendered_draw_nothing(name: str) -> None:
    """A shape inside one of them, at any depth, does not count; one after it does."""
    assert parsed(f"<{name}><g>{PATH}</g></{name}>").shapes == 0
    assert parsed(f"<{name}><g>{PATH}</g></{name}>{PATH}").shapes == 1


@pytest.mark.parametrize(
    ("content", "colours"),
    [
        ("<path/>", {"black"}),
        ('<path fill="red"/>', {"red"}),
        ('<path fill="RED" stroke=" Blue "/>', {"red", "blue"}),
        ('<path fill="none" stroke="transparent"/>', set()),
        ('<path style="fill: red; STROKE: blue; x"/>', {"red", "blue"}),
        ('<path fill="green" style="fill:red"/>', {"red"}),
        ('<path fill="red" fill-opacity="0"/>', set()),
        ('<path fill="red" fill-opacity="0.0%"/>', set()),
        ('<path fill="red" fill-opacity="0.1"/>', {"red"}),
        ('<path fill="none" stroke="red" stroke-opacity="0"/>', set()),
        ('<path fill="none" stroke="red" stroke-opacity=".5"/>', {"red"}),
        ('<path opacity="0"/>', set()),
        ('<path opacity="0.00"/>', set()),
        ('<path display="none"/>', set()),
        ('<path visibility="hidden"/>', set()),
        ('<g visibility="hidden"><path visibility="visible"/></g>', {"black"}),
        ('<g display="none"><path display="inline"/></g>', set()),
        ('<g opacity="0"><path opacity="1"/></g>', set()),
        ('<g opacity="0.0"><g opacity="0.5"><path/></g></g>', set()),
        ('<g opacity="0.5"><path/></g>', {"black"}),
        ('<g fill="red"><path/><path fill="inherit"/></g><path/>', {"red", "black"}),
        ('<g fill="none" stroke="red"><path stroke="none"/></g>', set()),
        ('<g fill-opacity="0"><path/></g>', set()),
        ('<g stroke-opacity="0" fill="none"><path stroke="red"/></g>', set()),
    ],
)
def test_the_colours_of_visible_shapes(content: str, colours: set[str]) -> None:
    """Fill and stroke are inherited; what a group hides as a whole, a child cannot show."""
    picture = parsed(content)
    assert picture.colours == colours
    assert picture.shapes >= 1
    assert picture.pixels.transparent is not bool(colours)


@pytest.mark.parametrize(
    ("rect", "is_background"),
    [
        ('width="150" height="50"', True),
        ('width="151" height="51px"', True),
        ('width=" 100% " height="100%"', True),
        ('width="149" height="50"', False),
        ('width="150" height="49"', False),
        ('width="99%" height="100%"', False),
        ('width="150"', False),
    ],
)
def test_a_rectangle_over_the_whole_picture_is_its_background(rect: str, is_background: bool) -> None:
    """A shape in the colour of the background is not seen; one in another colour is."""
    covered = f'<rect {rect} fill="red"/>'
    assert parsed(covered).background == ("red" if is_background else "")
    assert visible(f'{covered}<path fill="red"/>') is not is_background
    assert visible(f'{covered}<path fill="blue"/>')
    assert parsed(f'<path {rect} fill="red"/>').background == ""
    assert parsed(f'{covered}<rect {rect} fill="blue"/>').background == ("blue" if is_background else "")


def test_the_background_covers_the_default_size() -> None:
    """A picture that states no size has 300 x 150 pixels."""
    assert parsed('<rect width="300" height="150" fill="red"/>', "").background == "red"
    assert parsed('<rect width="299" height="150" fill="red"/>', "").background == ""


def received(content: str) -> tuple[list[str], list[str]]:
    """Return the scripts and the references of a picture, with their places."""
    picture = parsed(content)
    assert picture.structure.error is None
    return (
        [f"{each.where} {each.received}" for each in picture.scripts],
        [f"{each.where} {each.received}" for each in picture.references],
    )


@pytest.mark.parametrize(
    ("content", "script"),
    [
        *((f"<g><{name}/></g>", f'<g/{name}> "<{name}>"') for name in ("script", "handler", "listener")),
        *((f"<g><{name}/></g>", f'<g/{name}> "<{name}>"') for name in ("iframe", "embed", "object", "SCRIPT")),
        ('<g OnClick="a()"/>', '<svg/g> "OnClick="a()""'),
        ('<set attributeName="ONLOAD"/>', '<svg/set> "attributeName="ONLOAD""'),
        ('<a href="\x09JavaScript:a()"/>', '<svg/a> "href=" JavaScript:a()""'),
        ('<a href="vbscript:a()"/>', '<svg/a> "href="vbscript:a()""'),
        ('<image href="data:text/html,a"/>', '<svg/image> "href="data:text/html,a""'),
    ],
)
def test_scripts(content: str, script: str) -> None:
    """Elements, event handlers, animations of them and links that run a script; each is not a reference besides."""
    assert received(content) == ([script], [])


@pytest.mark.parametrize(
    ("content", "reference"),
    [
        ('<image href="a.png"/>', '<svg/image> "href="a.png""'),
        ('<g src="a.png"/>', '<svg/g> "src="a.png""'),
        ("<rect fill=\"url( 'a.svg#b')\"/>", '<svg/rect> "url( \'a.svg#b"'),
        ("<style>@import 'a.css'</style>", '<svg/style> "@import \'a.css"'),
        ("<?xml-stylesheet href='a.css'?>", "<svg> \"<?xml-stylesheet href='a.css'?>\""),
    ],
)
def test_references(content: str, reference: str) -> None:
    """Links and addresses in styles that lead out of the picture; the first one is reported."""
    assert received(content) == ([], [reference])
    assert received(content + '<image href="b.png"/>') == ([], [reference])


@pytest.mark.parametrize(
    "content",
    [
        '<a href="https://a.cn"/>',
        '<use href=" #a"/><image href=" data:image/png;base64,AAAA"/><image href=" "/><g id="a.png"/>',
        '<rect fill="url(#a)" stroke="url(data:image/png;base64,AAAA)"/><style>.a{fill:url( "#b" )}</style>',
        "<text>url(a.svg) @import</text><?other href='a'?>",
        '<animate attributeName="opacity"/><g attributeType="onload"/>',
    ],
)
def test_content_that_stays_inside_is_allowed(content: str) -> None:
    """Links of `a` are followed by a click only; text is no style; fragments and data are in the picture."""
    assert received(content) == ([], [])
