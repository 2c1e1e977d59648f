"""Generates docs/pictures.png, twelve captchas of the mock. Run it when the pictures change.

python docs/make_pictures_sheet.py [FILE [ROWS]]
"""

from __future__ import annotations

import itertools
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from mock_server.captcha.challenge import UuidSource, derive, secret_from_seed
from mock_server.captcha.renderer import CaptchaRenderer

SEED = "sheet"
SIZE = (160, 60)
COLUMNS = 4
GAP, CAPTION_HEIGHT = 12, 18


def sheet(rows: int) -> Image.Image:
    """The first challenges of a seed, each above the start of its uuid and its answer."""
    width, height = SIZE[0] + GAP, SIZE[1] + CAPTION_HEIGHT + GAP
    image = Image.new("RGB", (GAP + COLUMNS * width, GAP + rows * height), (232, 236, 240))
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(11)
    renderer, secret = CaptchaRenderer(SIZE), secret_from_seed(SEED)
    cells = itertools.product(range(rows), range(COLUMNS))
    for (row, column), uuid in zip(cells, UuidSource(SEED)):  # noqa: B905 - the source is endless
        challenge = derive(secret, uuid)
        left, top = GAP + column * width, GAP + row * height
        image.paste(Image.open(BytesIO(renderer.render(challenge))), (left, top))
        caption = f"{uuid[:8]}…  answer {challenge.answer}"
        draw.text((left + 2, top + SIZE[1] + 3), caption, fill=(60, 68, 80), font=font)
    return image


if __name__ == "__main__":
    file, rows = [*sys.argv[1:], *(Path(__file__).with_name("pictures.png"), 3)[len(sys.argv) - 1 :]]
    sheet(int(rows)).save(file, optimize=True)
