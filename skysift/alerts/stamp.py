"""One stamp: a small image that comes with an alert, from its bytes to an array.

Nearly all stamps are one float32 image behind a plain header, often gzipped: those are read
straight from their bytes. What is otherwise FITS goes to astropy, with the same answer.
"""

from __future__ import annotations

import struct
import warnings
from io import BytesIO

import deflate
import numpy as np

from skysift.alerts._stamp_loop import BLOCK, MAX_STAMP_SIDE, plain_shape
from skysift.alerts.source import Blob

MAX_STAMP_BYTES = 4 * 1024**2
"""Most bytes a stamp may inflate to: a float32 image of the longest side, with its headers."""

GZIP_MAGIC = b"\x1f\x8b"
_GZIP_SHORTEST = 18
_GZIP_TRAILER = struct.Struct("<II")

_FITS_FLOAT = np.dtype(">f4")


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
    raw = _inflate(blob, max_bytes) if blob[:2] == GZIP_MAGIC else blob
    return read_image(raw)


def read_trailer(blob: Blob, max_bytes: int = MAX_STAMP_BYTES) -> tuple[int, int]:
    """Read what a gzip file tells of its last member: checksum, and size of 1 to `max_bytes`."""
    if len(blob) < _GZIP_SHORTEST:
        raise StampError(f"gzip data of {len(blob)} bytes is cut short")
    checksum, size = _GZIP_TRAILER.unpack(blob[-_GZIP_TRAILER.size :])
    if not 0 < size <= max_bytes:
        raise StampError(f"gzip trailer tells {size} bytes; a stamp may have 1 to {max_bytes}")
    return checksum, size


def _inflate(blob: Blob, max_bytes: int) -> bytearray:
    """Inflate one gzip member, of the size its trailer tells and not a byte more."""
    checksum, size = read_trailer(blob, max_bytes)
    try:
        raw = deflate.gzip_decompress(blob, size)
    except deflate.DeflateError:
        raise StampError("gzip data is damaged, or its trailer lies") from None
    # libdeflate stops behind the first member: if the last bytes are not its own trailer, more
    # members or garbage follow.
    if len(raw) != size or deflate.crc32(raw) != checksum:
        raise StampError("gzip data goes on behind its first member")
    return raw


def read_image(raw: Blob | bytearray) -> np.ndarray:
    """Read the primary image of a FITS file that is not gzipped; see `decode_stamp`."""
    plain = _plain_image(raw)
    return _any_image(raw) if plain is None else plain


def _plain_image(raw: Blob | bytearray) -> np.ndarray | None:
    """Read a primary float32 image without scaling, or give None if it is anything else."""
    if len(raw) < BLOCK:
        return None
    rows, columns = plain_shape(np.frombuffer(raw, dtype=np.uint8, count=BLOCK))
    if not rows:
        return None
    shape = _checked_shape((rows, columns))
    if len(raw) < BLOCK + 4 * rows * columns:
        raise StampError(f"image of {columns} x {rows} px is cut short")
    pixels = np.frombuffer(raw, dtype=_FITS_FLOAT, count=rows * columns, offset=BLOCK)
    return pixels.reshape(shape).astype(np.float32)


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
