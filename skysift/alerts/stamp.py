"""One stamp: a small image that comes with an alert, from its bytes to an array.

Nearly all stamps are one float32 image behind a plain header, often gzipped: those are read
straight from their bytes. What is otherwise FITS goes to astropy, with the same answer.
"""

from __future__ import annotations

import struct
import warnings
from functools import lru_cache
from io import BytesIO

import deflate
import numpy as np

from skysift.alerts.source import Blob

MAX_STAMP_SIDE = 1000
"""Longest side of a stamp [px]; ZTF's have 63, LSST's follow the source."""

MAX_STAMP_BYTES = 4 * 1024**2
"""Most bytes a stamp may inflate to: a float32 image of the longest side, with its headers."""

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_SHORTEST = 18
_GZIP_TRAILER = struct.Struct("<II")

_CARD = 80
_BLOCK = 2880
_END = b"END" + b" " * (_CARD - 3)
_SCALING = (b"BSCALE", b"BZERO", b"BLANK")
_FITS_FLOAT = np.dtype(">f4")

# FITS standard 4.0, section 4.4.1.1: an image begins with these cards, in this order.
_MANDATORY = (b"SIMPLE  = ", b"BITPIX  = ", b"NAXIS   = ", b"NAXIS1  = ", b"NAXIS2  = ")


class StampError(ValueError):
    """These bytes are no stamp; the message says why."""


def decode_stamp(blob: Blob, *, max_bytes: int = MAX_STAMP_BYTES) -> np.ndarray:
    """Read one stamp: the primary image of a FITS file, gzipped or not.

    Parameters
    ----------
    blob : bytes or memoryview
        Anything at all.
    max_bytes : int
        Most bytes that a gzipped stamp may inflate to.

    Returns
    -------
    ndarray (rows, columns), float32
        Native byte order, writable, its own memory; the same bits as `astropy.io.fits` gives.

    Raises
    ------
    StampError
        If there is no two-dimensional image of at most `MAX_STAMP_SIDE` a side to be had from
        these bytes, or they would inflate to more than `max_bytes`.
    """
    raw = _inflate(blob, max_bytes) if blob[:2] == _GZIP_MAGIC else blob
    plain = _plain_image(raw)
    return _any_image(raw) if plain is None else plain


def _inflate(blob: Blob, max_bytes: int) -> bytearray:
    """Inflate one gzip member, of the size its trailer tells and not a byte more."""
    if len(blob) < _GZIP_SHORTEST:
        raise StampError(f"gzip data of {len(blob)} bytes is cut short")
    checksum, size = _GZIP_TRAILER.unpack(blob[-_GZIP_TRAILER.size :])
    if not 0 < size <= max_bytes:
        raise StampError(f"gzip trailer tells {size} bytes; a stamp may have 1 to {max_bytes}")
    try:
        raw = deflate.gzip_decompress(blob, size)
    except deflate.DeflateError:
        raise StampError("gzip data is damaged, or its trailer lies") from None
    # libdeflate stops behind the first member: if the last bytes are not its own trailer, more
    # members or garbage follow.
    if len(raw) != size or deflate.crc32(raw) != checksum:
        raise StampError("gzip data goes on behind its first member")
    return raw


def _plain_image(raw: Blob | bytearray) -> np.ndarray | None:
    """Read a primary float32 image without scaling, or give None if it is anything else."""
    shape = _plain_shape(bytes(raw[:_BLOCK]))
    if shape is None:
        return None
    rows, columns = shape
    if len(raw) < _BLOCK + 4 * rows * columns:
        raise StampError(f"image of {columns} x {rows} px is cut short")
    pixels = np.frombuffer(raw, dtype=_FITS_FLOAT, count=rows * columns, offset=_BLOCK)
    return pixels.reshape(shape).astype(np.float32)


@lru_cache(maxsize=256)
def _plain_shape(block: bytes) -> tuple[int, int] | None:
    """Rows and columns of a float32 image whose header is this block, None if it is not.

    Surveys write the same header again and again: it is read once.
    """
    cards = [block[start : start + _CARD].upper() for start in range(0, len(block), _CARD)]
    if len(block) < _BLOCK or _END not in cards or any(c.startswith(_SCALING) for c in cards):
        return None
    mandatory = cards[: len(_MANDATORY)]
    if not all(card.startswith(key) for card, key in zip(mandatory, _MANDATORY, strict=True)):
        return None
    simple, bitpix, naxis, columns, rows = (c[10:].partition(b"/")[0].strip() for c in mandatory)
    if (simple, bitpix, naxis) != (b"T", b"-32", b"2"):
        return None
    if not (columns.isdigit() and rows.isdigit()):
        return None
    return _checked_shape((int(rows), int(columns)))


def _checked_shape(shape: tuple[int, ...]) -> tuple[int, int]:
    if len(shape) != 2 or not all(1 <= side <= MAX_STAMP_SIDE for side in shape):
        told = " x ".join(str(side) for side in reversed(shape))
        raise StampError(f"image is {told} px; a stamp is 2-D, 1 to {MAX_STAMP_SIDE} px a side")
    return shape[0], shape[1]


def _any_image(raw: Blob | bytearray) -> np.ndarray:
    """Read a primary image of any type, through astropy."""
    from astropy.io import fits

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with fits.open(BytesIO(raw), memmap=False) as hdus:
                shape = _checked_shape(hdus[0].shape)
                data = hdus[0].data
    except StampError:
        raise
    except Exception as error:  # astropy raises nearly anything on bytes that are no FITS
        raise StampError(f"not a FITS image: {error}") from None
    if data is None or data.shape != shape:
        raise StampError("FITS file has no primary image")
    with np.errstate(over="ignore"):
        return np.array(data, dtype=np.float32)
