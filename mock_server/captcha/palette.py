"""Palettes of captcha pictures: every response gets its own, in dark inks on white.

Indices of a palette: 0 is white; then for each symbol of the question the `TONES` of its ink; then for each class of
circles its `CIRCLE_TONES`.
"""

from __future__ import annotations

import functools
import itertools

from mock_server.captcha.challenge import SYMBOL_COUNT

Colour = tuple[int, int, int]

WARM_INKS: tuple[Colour, ...] = ((176, 72, 24), (190, 32, 64), (160, 40, 120), (130, 78, 24))
"""Orange, red, magenta, brown. Contrast with white is above 5:1 (WCAG 2.2 requires 4.5:1 for text)."""
COOL_INKS: tuple[Colour, ...] = ((32, 112, 68), (24, 92, 176), (24, 110, 120), (88, 64, 184))
"""Green, blue, teal, violet. Contrast as above. Warm and cool inks alternate, so neighbours differ."""

LEVELS = 4
"""Levels of ink, and of shadow. Few levels compress better."""
TONES = LEVELS**2 - 1
"""Tones of an ink: each level of ink over each level of shadow, except no ink over no shadow (white)."""
CIRCLE_CLASSES = 3
CIRCLE_TONES = LEVELS - 1
CIRCLES_START = 1 + SYMBOL_COUNT * TONES
"""Index of the first tone of the circles."""

_SHADOW = 1 / 4
_CIRCLE = 3 / 10
"""Strength of a full shadow and of a circle: share of the ink in a mix with white."""


def make_palette(entropy: bytes) -> bytes:
    """Return the palette of a challenge, 3 bytes a colour.

    The inks are chosen by 41 bits of entropy, the colours of circles by 8 more.

    Args:
        entropy: At least 7 random bytes.
    """
    order, first, second, third, fourth, fifth, circles = entropy[:7]
    odd, even = (_WARM, _COOL) if order & 1 else (_COOL, _WARM)
    return b"".join((_WHITE, odd[first], even[second], odd[third], even[fourth], odd[fifth], _CIRCLES[circles]))


def _tones(ink: Colour, strengths: tuple[float, ...]) -> bytes:
    tones = bytearray(3 * len(strengths))
    for channel, value in enumerate(ink):
        tones[channel::3] = _mix(value, strengths)
    return bytes(tones)


@functools.cache  # 512 shades have 96 values, and this runs at import
def _mix(value: int, strengths: tuple[float, ...]) -> bytes:
    """A channel of an ink mixed with white."""
    return bytes(255 - round((255 - value) * strength) for strength in strengths)


def _shades(inks: tuple[Colour, ...]) -> list[bytes]:
    """The tones of 256 distinct inks: each of four in 64 shades, none lighter than the ink itself."""
    levels = [level / (LEVELS - 1) for level in range(LEVELS)]
    strengths = tuple(level + (1 - level) * shadow * _SHADOW for shadow in levels for level in levels)[1:]
    darker = list(itertools.product((0, 8, 16, 24), repeat=3))
    return [_tones((r - dr, g - dg, b - db), strengths) for r, g, b in inks for dr, dg, db in darker]


def _circles(inks: tuple[Colour, ...]) -> list[bytes]:
    """256 choices of circle colours, from eight inks."""
    strengths = tuple(_CIRCLE * level / CIRCLE_TONES for level in range(1, LEVELS))
    tints = [_tones(ink, strengths) for ink in inks]
    return [tints[each % 8] + tints[each // 8 % 8] + tints[each // 64] for each in range(256)]


_WHITE = b"\xff\xff\xff"
_WARM, _COOL, _CIRCLES = _shades(WARM_INKS), _shades(COOL_INKS), _circles(WARM_INKS + COOL_INKS)
