"""Pictures are valid PNGs, deterministic, unique, and drawn once for many responses."""

from __future__ import annotations

import itertools
import threading
from base64 import b64decode
from hashlib import blake2b, sha256
from io import BytesIO

import pytest
from PIL import Image

from mock_server.captcha import png
from mock_server.captcha.challenge import derive
from mock_server.captcha.renderer import MAX_CACHE_BYTES, VARIANTS, CaptchaRenderer, PictureCache
from tests.mock_server.captchas import SIZE, challenges, indexed, picture, renderer


def test_picture_is_a_png_of_the_requested_size() -> None:
    """Pillow, which checks every chunk, decodes a PNG in indexed colour of the renderer's size."""
    image = indexed(challenges(1)[0])
    image.load()
    assert (image.format, image.mode, image.size) == ("PNG", "P", SIZE)


def test_png_contains_the_pixels() -> None:
    """Rows are not shifted and channels not swapped: each pixel decodes to the colour of its index."""
    palette = bytes(range(100, 112))
    file = png.header(3, 2) + png.palette_chunk(palette) + png.pixel_chunks(b"\0\1\2\3\2\1", 3)
    image = Image.open(BytesIO(file))
    reds = [100, 103, 106, 109, 106, 103]
    assert (image.size, image.convert("RGB").tobytes()) == ((3, 2), bytes(r + i for r in reds for i in range(3)))


def test_base64_is_that_of_the_png() -> None:
    """The base64 joined from parts has no padding inside: it decodes strictly to the same file."""
    for challenge in challenges(20):
        assert b64decode(renderer().render_base64(challenge), validate=True) == renderer().render(challenge)


def test_same_challenge_gives_the_same_picture() -> None:
    """A challenge gives the same bytes again, and from another renderer that shares nothing."""
    other = CaptchaRenderer(SIZE, PictureCache(0))
    for challenge in challenges(20):
        assert renderer().render(challenge) == renderer().render(challenge) == other.render(challenge)


def test_pictures_are_those_of_every_release() -> None:
    """A secret gives the same bytes with every Python, with Pillow 10.1 to 13, and with zlib and zlib-ng."""
    digest = sha256(b"".join(renderer().render(challenge) for challenge in challenges(100)))
    assert digest.hexdigest() == "704158c7e88e992ad8ae63f6dcdaaf77c09fee7863df8a9c514885483f926209"


def test_another_secret_gives_another_picture() -> None:
    """The picture of a uuid changes with the secret."""
    for challenge in challenges(20):
        assert renderer().render(challenge) != renderer().render(derive(b"other", challenge.uuid))


@pytest.mark.parametrize("number", [1000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_no_two_uuids_give_the_same_picture(number: int) -> None:
    """All pictures differ in their pixels, although they share the drawings of 255 questions."""
    drawings: dict[tuple[str, bytes], bytes] = {}
    seen = set()
    for each, challenge in enumerate(challenges(number)):
        file = renderer().render(challenge)
        pixels_chunk = file[file.index(b"IDAT") :]
        indices = drawings.setdefault((challenge.question, pixels_chunk), b"")
        if not indices:
            indices = drawings[challenge.question, pixels_chunk] = indexed(challenge).tobytes()
        start = file.index(b"PLTE") + 4
        palette = file[start : file.index(b"IDAT") - 8]
        # As Pillow does it, in a fiftieth of its time.
        red, green, blue = (indices.translate(palette[channel::3].ljust(256, b"\0")) for channel in range(3))
        if each % 500 == 0:
            assert picture(challenge).tobytes() == bytes(itertools.chain(*zip(red, green, blue, strict=True)))
        seen.add(blake2b(red + green + blue, digest_size=16).digest())
    assert len(seen) == number
    assert number < 100_000 or len(drawings) == 255 * VARIANTS


def test_every_question_has_eight_drawings() -> None:
    """Challenges that ask the same question show it in at least eight arrangements."""
    challenge = challenges(1)[0]
    files = [renderer().render(challenge._replace(entropy=bytes([each] * 48))) for each in range(100)]
    assert len({file[file.index(b"IDAT") :] for file in files}) == VARIANTS >= 8


def test_all_drawings_of_all_questions_fit_into_the_cache() -> None:
    """Each drawing of the sample's size takes less than its share of the cache, so none is drawn twice."""
    cache = PictureCache(MAX_CACHE_BYTES)
    rendered = {CaptchaRenderer(SIZE, cache).render(challenge)[-100:] for challenge in challenges(200)}
    assert cache.size / len(rendered) * 255 * VARIANTS < MAX_CACHE_BYTES


def test_cache_is_bounded() -> None:
    """A full cache drops its oldest entries, one larger than the cache is not kept, and a hit makes nothing."""
    cache = PictureCache(100)
    for key in range(10):
        assert cache.get(key, lambda: bytes(30)) == bytes(30)
    assert cache.size == 90
    assert cache.get(9, lambda: b"new") == bytes(30)
    assert cache.get(0, lambda: b"new") == b"new"
    assert cache.get("large", lambda: bytes(101)) == bytes(101)
    assert cache.size == 0


def test_renderers_of_two_sizes_share_a_cache() -> None:
    """A question is not served in the size of another renderer."""
    cache, challenge = PictureCache(MAX_CACHE_BYTES), challenges(1)[0]
    assert [picture(challenge, CaptchaRenderer(size, cache)).size for size in (SIZE, (200, 70))] == [SIZE, (200, 70)]


def test_threads_share_a_renderer() -> None:
    """Four threads that render at once, while the cache overflows, get the pictures of a single thread."""
    cache, requested, start = PictureCache(20_000), challenges(100), threading.Barrier(4)
    shared = CaptchaRenderer(SIZE, cache)
    expected = [renderer().render(challenge) for challenge in requested]
    together: list[list[bytes]] = []

    def render() -> None:
        start.wait()
        together.append([shared.render(challenge) for challenge in requested])

    threads = [threading.Thread(target=render) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == [expected] * 4
    assert 0 < cache.size <= 20_000


@pytest.mark.parametrize("size", [(79, 60), (160, 27)], ids=["narrow", "low"])
def test_unreadable_size_is_rejected(size: tuple[int, int]) -> None:
    """A renderer of a size at which symbols are not readable raises an error that names a size that works."""
    with pytest.raises(ValueError, match=r"not readable in \d+ × \d+ pixels: make the picture 80 × 28 or larger\.\Z"):
        CaptchaRenderer(size)
