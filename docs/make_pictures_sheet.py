"""Makes docs/pictures.png: twelve pictures as the mock draws them. Run it when they change."""

from __future__ import annotations

import itertools
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from mock_server.captcha.challenge import UuidSource, derive, secret_from_seed
from mock_server.captcha.renderer import CaptchaRenderer

SEED = "sheet"
SIZE = (160, 60)
COLUMNS, ROWS = 4, 3
GAP, CAPTION = 12, 18


def sheet() -> Image.Image:
    """The first challenges of a seed, each over its uuid's first digits and its answer."""
    width, height = SIZE[0] + GAP, SIZE[1] + CAPTION + GAP
    image = Image.new("RGB", (GAP + COLUMNS * width, GAP + ROWS * height), (232, 236, 240))
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(11)
    painter, secret = CaptchaRenderer(SIZE), secret_from_seed(SEED)
    uuids = itertools.islice(UuidSource(SEED), COLUMNS * ROWS)
    cells = itertools.product(range(ROWS), range(COLUMNS))
    for (row, column), uuid in zip(cells, uuids, strict=True):
        challenge = derive(secret, uuid)
        left, top = GAP + column * width, GAP + row * height
        image.paste(Image.open(BytesIO(painter.render(challenge))), (left, top))
        caption = f"{uuid[:8]}…  answer {challenge.answer}"
        draw.text((left + 2, top + SIZE[1] + 3), caption, fill=(60, 68, 80), font=font)
    return image


if __name__ == "__main__":
    sheet().save(Path(__file__).with_name("pictures.png"), optimize=True)
