"""Challenges and their pictures, for tests of how pictures are encoded and of what they show."""

from __future__ import annotations

import functools
from io import BytesIO

from PIL import Image

from mock_server.captcha.challenge import Challenge, derive
from mock_server.captcha.renderer import CaptchaRenderer

SIZE = (160, 60)


@functools.cache
def renderer() -> CaptchaRenderer:
    return CaptchaRenderer(SIZE)


def challenges(number: int) -> list[Challenge]:
    return [derive(b"secret", str(each)) for each in range(number)]


def indexed(challenge: Challenge, by: CaptchaRenderer | None = None) -> Image.Image:
    return Image.open(BytesIO((by or renderer()).render(challenge)))


def picture(challenge: Challenge, by: CaptchaRenderer | None = None) -> Image.Image:
    return indexed(challenge, by).convert("RGB")
