"""Find images of galaxies in a folder, and read them: pictures, and FITS in three bands."""

from __future__ import annotations

import gzip
import io
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
from astropy.io import fits
from PIL import Image, UnidentifiedImageError

from skysift.datasets.galaxies.catalog import ID, IMAGE
from skysift.datasets.galaxies.layout import Layout
from skysift.galaxy_zoo.colours import dr2_picture

PICTURES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
FITS = (".fits", ".fits.fz", ".fits.gz", ".fit")
KINDS = ("picture", "fits")
MODES = ("RGB", "RGBA", "P", "L")
"""Pictures of 8 bits a channel."""
LARGEST = 4096
"""Longest side that is read [px]."""
MOST_BYTES = 3 * 8 * LARGEST**2
"""Of an image in three bands that is not too large."""
GZIP = b"\x1f\x8b"
EMPTY = 0.5
"""Share of pixels without data above which an image shows nothing."""


class ImageError(ValueError):
    """An image cannot be used; `reason` is one word."""

    def __init__(self, reason: str, told: str) -> None:
        super().__init__(told)
        self.reason = reason


def find_images(
    folder: Path, catalog: pd.DataFrame, layout: Layout | None = None, kind: str | None = None
) -> dict[str, Path]:
    """Find the galaxies' images.

    Each lies where the catalog says, relative to `folder` or to the folder it is in; or where the
    layout says; or anywhere in `folder` under the name of the id.

    Parameters
    ----------
    folder : Path
    catalog : DataFrame
        With ``id_str`` and ``image``.
    layout : Layout, optional
    kind : str, optional
        ``picture`` or ``fits``, to look for nothing else.

    Returns
    -------
    dict of str to Path
        By id; those without image are not there.

    Raises
    ------
    ValueError
        If there is none, or pictures and FITS are mixed: they do not look alike.
    FileNotFoundError
        If there is no such folder.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}")
    by_stem = _by_stem(folder, kind)
    found: dict[str, Path] = {}
    for name, told in zip(catalog[ID], catalog[IMAGE], strict=True):
        path = _told(folder, told, kind) or _laid(folder, layout, name, kind) or by_stem.get(name)
        if path is not None:
            found[name] = path
    if not found:
        raise ValueError(
            f"no image of the {len(catalog):,} galaxies lies in {folder}: one of "
            f"{catalog[ID].iloc[0]} would be {catalog[ID].iloc[0]}.png, .jpg or .fits"
        )
    kinds = Counter(kind_of(path) for path in found.values())
    if len(kinds) > 1:
        raise ValueError(
            f"{folder} holds {kinds['picture']:,} pictures and {kinds['fits']:,} FITS images, "
            "which do not look alike: choose with --format picture or --format fits"
        )
    return found


def kind_of(path: Path) -> str | None:
    """``picture`` or ``fits``, by the suffix; None for other files."""
    name = path.name.lower()
    if path.suffix.lower() in PICTURES:
        return "picture"
    return "fits" if name.endswith(FITS) else None


def read_image(path: Path, side: int, content: bytes | None = None) -> np.ndarray:
    """Read an image as networks are to see it.

    Pictures are taken as they are. FITS images hold bands g, r and z, (3, h, w), in nanomaggies
    per pixel; they are stretched by `skysift.galaxy_zoo.colours.dr2_picture`, and their first row,
    which is the lowest, comes last. Both are brought to `side` pixels by Lanczos' filter.

    Parameters
    ----------
    path : Path
    side : int
        Of the result [px].
    content : bytes, optional
        Of the file, where somebody else has read it.

    Returns
    -------
    ndarray (side, side, 3), uint8

    Raises
    ------
    ImageError
        If it cannot be read, is not square, too large, or shows nothing.
    """
    try:
        file = path if content is None else io.BytesIO(_unpacked(content))
        pixels = _read_fits(file, path) if kind_of(path) == "fits" else _read_picture(file, path)
    except ImageError:
        raise
    except UnidentifiedImageError as error:  # whose own words name an object, not a file
        raise ImageError("unreadable", f"{path} is no picture that can be read") from error
    except Exception as error:  # whatever a decoder may say of bytes from anywhere
        raise ImageError("unreadable", f"{path}: {error}") from error
    if pixels.shape[0] != side:
        pixels = np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.LANCZOS))
    return pixels


def _unpacked(content: bytes) -> bytes:
    """Unpack what gzip packed, which astropy does for files alone; no more than is read of them."""
    if not content.startswith(GZIP):
        return content
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
        return packed.read(MOST_BYTES)


def _read_picture(file: Path | io.BytesIO, path: Path) -> np.ndarray:
    with Image.open(file, formats=sorted(set(PICTURES.values()))) as image:
        _check_sides(image.height, image.width, path)  # before memory is spent on it
        if image.mode not in MODES:
            raise ImageError("unreadable", f"{path}: 8 bits a channel are needed, not {image.mode}")
        return np.array(image.convert("RGB"))


def _read_fits(file: Path | io.BytesIO, path: Path) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # headers of cutouts are often a little wrong
        with fits.open(file, memmap=False) as hdus:
            bands = _bands(hdus, path)
    missing = ~np.isfinite(bands).all(axis=0) | (bands == 0.0).all(axis=0)
    if missing.mean() > EMPTY:
        raise ImageError("empty", f"{path}: {missing.mean():.0%} of the pixels have no data")
    return np.ascontiguousarray(dr2_picture(bands)[::-1])


def _bands(hdus: fits.HDUList, path: Path) -> np.ndarray:
    """The first image in a file, (3, h, w) float32."""
    images = [hdu for hdu in hdus if getattr(hdu, "shape", ()) and hdu.is_image]
    if not images:
        raise ImageError("unreadable", f"{path} holds no image")
    shape = images[0].shape
    if len(shape) != 3 or shape[0] != 3:
        raise ImageError("wrong_bands", f"{path}: g, r and z are needed, not {shape}")
    _check_sides(shape[1], shape[2], path)
    return np.asarray(images[0].data, np.float32)


def _check_sides(height: int, width: int, path: Path) -> None:
    if height != width:
        raise ImageError("not_square", f"{path} is {height} × {width}: squares are needed")
    if height > LARGEST:
        raise ImageError("too_large", f"{path} has {height} pixels a side: {LARGEST} at most")


def _told(folder: Path, told: str, kind: str | None) -> Path | None:
    if not told or told == "nan":
        return None
    for path in (folder / told, folder.parent / told):
        if path.is_file() and kind_of(path) in _wanted(kind):
            return path
    return None


def _laid(folder: Path, layout: Layout | None, name: str, kind: str | None) -> Path | None:
    if layout is None or not layout.image:
        return None
    stem = folder / layout.image.format(id=name)
    for suffix in (*PICTURES, *FITS):
        path = stem.with_name(stem.name + suffix)
        if kind_of(path) in _wanted(kind) and path.is_file():
            return path
    return None


def _by_stem(folder: Path, kind: str | None) -> dict[str, Path]:
    """By name without suffix, the first image of that name in a folder and those in it."""
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if kind_of(path) in _wanted(kind) and not path.name.startswith("."):
            found.setdefault(_stem(path), path)
    return found


def _stem(path: Path) -> str:
    for suffix in (*PICTURES, *FITS):
        if path.name.lower().endswith(suffix):
            return path.name[: -len(suffix)]
    return path.stem


def _wanted(kind: str | None) -> tuple[str | None, ...]:
    return KINDS if kind is None else (kind,)
