"""Pictures with one spot, and where it is on the screen: what a person would click on."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import numpy as np
from astropy.io import fits
from PIL import Image

from skysift.marshal.stamp_picture import HATCH_COLOURS
from tests.marshal.browser.steer import Browser

PICTURE_SPOT = (255, 0, 255)
"""A colour that no page of ours has."""


def write_picture(path: Path, size: tuple[int, int], spot: tuple[int, int]) -> None:
    """Write a black picture of `size` with one coloured pixel, counted from its upper left."""
    picture = Image.new("RGB", size)
    picture.putpixel(spot, PICTURE_SPOT)
    picture.save(path)


def stamp(shape: tuple[int, int], spot: tuple[int, int]) -> dict:
    """Make a packet's stamp of noise, in which the pixel of this column and row has no value."""
    pixels = np.random.default_rng(8).normal(0, 5, shape).astype(np.float32)
    column, row = spot
    pixels[row, column] = np.nan
    file = io.BytesIO()
    fits.PrimaryHDU(pixels).writeto(file)
    return {"fileName": "stamp.fits.gz", "stampData": gzip.compress(file.getvalue())}


# Where an element is on the screen: a phone may show a part of the page, larger.
_ON_SCREEN = """
const [element, screen] = [document.querySelector(arguments[0]), window.visualViewport];
element.scrollIntoView({ block: "center" });
const box = element.getBoundingClientRect();
const [left, top] = [box.left - screen.offsetLeft, box.top - screen.offsetTop];
return [left, top, left + box.width, top + box.height].map((edge) => edge * screen.scale);
"""


def find_spot(browser: Browser, selector: str) -> tuple[float, float]:
    """Look for the spot on the screen, in a picture; return its middle
    [px of the screen over its scale]."""
    edges = np.multiply(browser.js(_ON_SCREEN, selector), browser.scale)
    left, top, right, bottom = np.maximum(np.rint(edges), 0).astype(int)
    picture = browser.look()[top:bottom, left:right].astype(int)
    colours = np.array([PICTURE_SPOT, *HATCH_COLOURS])
    spot = (np.abs(picture[:, :, None] - colours) <= 2).all(axis=-1).any(axis=-1)
    assert spot.any(), "the spot is not on the screen"
    row, column = np.argwhere(spot).mean(axis=0) + 0.5
    return (left + column) / browser.scale, (top + row) / browser.scale
