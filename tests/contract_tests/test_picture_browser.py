"""Chromium agrees with the levels: it shows correct pictures and those with a warning, and refuses what is refused."""

from __future__ import annotations

import base64

import pytest

# The group `browser` has it, which tox installs for the slow tests alone; without it the others still run.
pytest.importorskip("playwright", reason="Chromium decodes the pictures, and Playwright starts it")

from tests.browser import chromium
from tests.contract_tests import png_zoo
from tests.contract_tests.png_zoo import CONTENTS, DECODES, PLACES
from tests.contract_tests.test_picture_formats import TYPES
from tests.contract_tests.test_picture_zoo import CORRECT

pytestmark = pytest.mark.slow

COUNT_COLOURS = """async url => {
  const image = new Image();
  const loaded = await new Promise(resolve => {
    image.onload = () => resolve(true);
    image.onerror = () => resolve(false);
    image.src = url;
  });
  if (!loaded) return 0;
  const canvas = Object.assign(document.createElement("canvas"), {width: image.width, height: image.height});
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  return new Set(new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer)).size;
}"""
REFUSED = ("§5.6 bKGD is after the PLTE that it refers to", "§11.3.2.6 The matrix coefficients are 0")


def colours(pictures: dict[str, tuple[str, bytes]]) -> dict[str, int]:
    """Return the number of colours that Chromium shows of each picture, 0 for a refused one."""
    urls = {name: f"data:{kind};base64,{base64.b64encode(data).decode()}" for name, (kind, data) in pictures.items()}
    with chromium() as browser:
        page = browser.new_page()
        return {name: page.evaluate(COUNT_COLOURS, url) for name, url in urls.items()}


def test_unusual_pictures_are_shown() -> None:
    """Every correct picture of the zoos has more than one colour."""
    pictures = {name: (TYPES[kind], data) for name, (kind, data) in CORRECT.items()}
    pictures |= {name: ("image/png", data) for name, data in png_zoo.CORRECT.items()}
    assert [name for name, count in colours(pictures).items() if count < 2] == []


def test_the_level_of_a_defect_is_that_of_decoders() -> None:
    """Defects of ancillary chunks that are warnings keep no picture from being shown; two others do."""
    faulty = {
        name: ("image/png", data)
        for name, (clause, data) in png_zoo.FAULTY.items()
        if clause in (CONTENTS, PLACES, DECODES)
    }
    refused = [name for name, count in colours(faulty).items() if not count]
    assert sorted(refused) == sorted(REFUSED)
