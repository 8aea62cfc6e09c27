"""One FITS file of a survey frame: whether it is whole, its image, and where that is on the sky."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.utils.exceptions import AstropyWarning
from astropy.wcs import WCS, WcsError

GZIP = b"\x1f\x8b"
FAILED = 0
"""What astropy says of a checksum that is not the file's; where there is none, it says 2."""


class FrameError(ValueError):
    """A frame's file is missing, broken, or does not say what is needed."""


def check_whole(path: Path) -> None:
    """Check that a file has an image, and all the bytes that its headers tell of.

    Only headers are read. A gzipped file is judged when its image is read: its length says nothing.

    Raises
    ------
    FrameError
        If it is missing, empty, no FITS, without an image, or cut off.
    """
    with _opened(path, packed=True) as units:
        size = path.stat().st_size
        is_image = [
            unit.header.get("ZIMAGE", False) or (unit.is_image and unit.size > 0) for unit in units
        ]
        ends = [
            units.fileinfo(i)["datLoc"] + units.fileinfo(i)["datSpan"] for i in range(len(units))
        ]
    if not any(is_image):
        raise FrameError(f"{path} holds no image")
    if size < max(ends) and not _is_gzipped(path):
        raise FrameError(f"{path} is cut off: it has {size:,} of {max(ends):,} bytes")


def check_sums(path: Path) -> None:
    """Check the checksums that a file's headers tell (``CHECKSUM``, ``DATASUM``), where they do.

    Raises
    ------
    FrameError
        If one is not the file's.
    """
    with _opened(path, packed=True, checksum=True) as units:
        for number, unit in enumerate(units):
            if FAILED in (unit.verify_datasum(), unit.verify_checksum()):
                raise FrameError(f"{path} is damaged: HDU {number} does not have its checksum")


def read_image(path: Path) -> tuple[np.ndarray, fits.Header]:
    """Read the first image of a file, packed by ``fpack`` or not.

    Returns
    -------
    image : ndarray (h, w), float32
        NaN where there are no data.
    header : astropy.io.fits.Header

    Raises
    ------
    FrameError
        If the file is not whole, its image is not of two dimensions, or has no number at all.
    """
    check_whole(path)
    with _opened(path) as units:
        for unit in units:
            if unit.is_image and unit.size:
                header = unit.header.copy()
                if header["NAXIS"] != 2:
                    raise FrameError(f"{path} has an image of {header['NAXIS']} dimensions, not 2")
                image = np.asarray(unit.data, dtype=np.float32)
                if not np.isfinite(image).any():
                    raise FrameError(f"{path} has no pixel with a number")
                return image, header
    raise FrameError(f"{path} holds no image")


def world_of(header: fits.Header, path: Path) -> WCS:
    """Read where on the sky an image's pixels are, distortion included.

    Raises
    ------
    FrameError
        If the header does not say, or not in a way that makes sense.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AstropyWarning)
            world = WCS(header)
            sky = np.array(world.pixel_to_world_values(0.0, 0.0)) if world.has_celestial else None
    except (ValueError, WcsError, KeyError) as error:
        reason = " ".join(str(error).split())
        raise FrameError(f"{path} has a WCS that makes no sense: {reason}") from None
    if sky is None:
        raise FrameError(f"{path} says nothing of where on the sky its pixels are: it has no WCS")
    if not np.isfinite(sky).all():
        raise FrameError(f"{path} has a WCS that makes no sense: its first pixel is not on the sky")
    return world


def number_of(header: fits.Header, card: str) -> float:
    """A card's number; NaN where there is none."""
    try:
        return float(header[card])
    except (KeyError, TypeError, ValueError):
        return float("nan")


@contextmanager
def _opened(path: Path, *, packed: bool = False, checksum: bool = False) -> Iterator[fits.HDUList]:
    """Open a file, without astropy's warnings; what goes wrong inside is a `FrameError`.

    With `packed`, packed images are left as the tables that they are stored as.
    """
    try:
        if path.stat().st_size == 0:
            raise FrameError(f"{path} is empty")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AstropyWarning)
            with fits.open(path, disable_image_compression=packed, checksum=checksum) as units:
                len(units)  # reads all headers
                yield units
    except FileNotFoundError:
        raise FrameError(f"no frame at {path}") from None
    except (FrameError, MemoryError):
        raise
    except Exception as error:  # those of astropy's decoders have no name of their own
        reason = " ".join(str(error).split()).split(". ")[0] or type(error).__name__
        raise FrameError(f"{path} is not readable as FITS: {reason}") from None


def _is_gzipped(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(GZIP)) == GZIP
