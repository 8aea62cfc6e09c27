"""Colour pictures of hosts, each a file of its own: what there is, and how one is read.

Two kinds were used for BTSbot v2 and are taken as they come: JPEG cutouts of the Legacy Surveys'
viewer (63 pixels of 1 arcsec), and of Pan-STARRS (i, r, g as red, green, blue; 252 pixels of 0.25
arcsec, binned here).

References
----------
Rehemtulla et al. 2025, arXiv 2512.11957.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from skysift.models.btsbot.hosts import COLOURS
from skysift.models.btsbot.inputs import SIDE

FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".npy": "npy"}
"""By the suffix of a file's name, in whatever case."""

MODES = ("RGB", "RGBA", "P", "L")
"""Pictures of 8 bits a channel, of which red, green and blue can be had."""

MAX_BINNING = 16

WHITE = 255.0


class PictureError(ValueError):
    """A file is no picture of a host; the message says why."""


class BlankError(PictureError):
    """Every pixel is the same: the survey has not been there."""


@dataclass(frozen=True)
class Pictures:
    """The files of a folder of pictures.

    Attributes
    ----------
    folder : Path
    files : mapping of str to Path
        By objectId, the stem of the file's name.
    repeated, others : tuple of Path
        Second pictures of an object; files that are no pictures by their names.
    """

    folder: Path
    files: Mapping[str, Path]
    repeated: tuple[Path, ...]
    others: tuple[Path, ...]

    def of(self, objects: Iterable[str]) -> dict[str, Path]:
        """Return the pictures of objects.

        Raises
        ------
        ValueError
            If there is none.
        """
        found = {name: self.files[name] for name in objects if name in self.files}
        if not found:
            example = next(iter(self.files.values())).name
            raise ValueError(
                f"none of the {len(self.files):,} host images in {self.folder} is of an object of "
                f"the set: their names must be objectIds. There is, for example, {example}"
            )
        return found

    @property
    def facts(self) -> dict[str, Any]:
        """By which the same pictures are known again: ``file``, ``pictures``, ``bytes``."""
        total = sum(file.stat().st_size for file in self.files.values())
        return {"file": str(self.folder), "pictures": len(self.files), "bytes": total}


def find_pictures(folder: Path) -> Pictures:
    """Find pictures in a folder and those in it; hidden files are passed over.

    Parameters
    ----------
    folder : Path
        Of files such as ``ZTF18abcdefg.jpg``, with a suffix of `FORMATS`.

    Raises
    ------
    FileNotFoundError
        If there is no such folder, or no picture in it.
    """
    files: dict[str, Path] = {}
    repeated, others = [], []
    for file in sorted(folder.rglob("*")):
        if file.name.startswith(".") or not file.is_file():
            continue
        if file.suffix.lower() not in FORMATS:
            others.append(file)
        elif file.stem in files:
            repeated.append(file)
        else:
            files[file.stem] = file
    if not files:
        raise FileNotFoundError(
            f"no host images in {folder}: a folder of files named objectId.jpg, .png or .npy is "
            "needed"
        )
    return Pictures(folder, files, tuple(repeated), tuple(others))


def read_picture(file: Path) -> np.ndarray:
    """Read a picture as networks are to see it.

    A side of 63 pixels is taken as it is. A multiple of it is binned, and divided by its brightest
    value, as published for Pan-STARRS, whose pictures come stretched each on its own.

    Parameters
    ----------
    file : Path
        JPEG or PNG of 8 bits a channel; or ``.npy`` (side, side, 3), uint8, or float in [0, 1].

    Returns
    -------
    ndarray (63, 63, 3), uint8
        Red, green, blue.

    Raises
    ------
    PictureError
        If it cannot be read, or is no square of a multiple of 63 pixels.
    BlankError
        If there is nothing on it.
    """
    try:
        pixels = _read_array(file) if file.suffix.lower() == ".npy" else _read_image(file)
    except PictureError:
        raise
    except Exception as error:  # whatever a decoder may say of bytes from anywhere
        raise PictureError(f"cannot be read: {error}") from error
    if pixels.min() == pixels.max():
        raise BlankError("every pixel is the same")
    return np.rint(_binned(pixels)).astype(np.uint8)


def _read_image(file: Path) -> np.ndarray:
    with Image.open(file, formats=[FORMATS[file.suffix.lower()]]) as image:
        _check_size(image.height, image.width)  # before memory is spent on it
        if image.mode not in MODES:
            raise PictureError(
                f"8 bits a channel of red, green and blue are needed, not {image.mode}"
            )
        return np.asarray(image.convert("RGB"))


def _read_array(file: Path) -> np.ndarray:
    array = np.load(file, mmap_mode="r", allow_pickle=False)
    if array.ndim != 3 or array.shape[2] != COLOURS:
        raise PictureError(f"its shape must be (side, side, {COLOURS}), not {array.shape}")
    _check_size(*array.shape[:2])
    if array.dtype == np.uint8:
        return np.array(array)
    pixels = np.array(array, np.float64)
    if not (np.issubdtype(array.dtype, np.floating) and pixels.min() >= 0 and pixels.max() <= 1):
        raise PictureError(f"it must be uint8, or float in [0, 1], not {array.dtype} beyond")
    return pixels * WHITE


def _check_size(height: int, width: int) -> None:
    if height != width or height % SIDE or not SIDE <= height <= MAX_BINNING * SIDE:
        raise PictureError(
            f"it must be a square of {SIDE} pixels, or of a multiple up to {MAX_BINNING} times, "
            f"not {height} × {width}"
        )


def _binned(pixels: np.ndarray) -> np.ndarray:
    """Average blocks of pixels to 63 × 63, and let the brightest value be white."""
    factor = len(pixels) // SIDE
    if factor == 1:
        return pixels
    means = pixels.reshape(SIDE, factor, SIDE, factor, COLOURS).mean(axis=(1, 3))
    return means * (WHITE / means.max())
