"""Write an image as ZTF writes its stamps: a minimal FITS file, compressed."""

from __future__ import annotations

import deflate
import numpy as np

BLOCK = 2880
"""FITS files come in blocks of this many bytes."""


def encode_stamp(image: np.ndarray) -> bytes:
    """FITS file of a float32 image (height, width), compressed by gzip without a time stamp."""
    height, width = image.shape
    cards = [
        "SIMPLE  =                    T",
        "BITPIX  =                  -32",
        "NAXIS   =                    2",
        f"NAXIS1  = {width:20d}",
        f"NAXIS2  = {height:20d}",
        "BUNIT   = 'DN      '",
        "END",
    ]
    header = "".join(card.ljust(80) for card in cards).encode("ascii")
    data = image.astype(">f4").tobytes()
    return bytes(deflate.gzip_compress(_blocks(header, b" ") + _blocks(data, b"\0"), 6))


def _blocks(data: bytes, filler: bytes) -> bytes:
    """Fill up the last block."""
    return data + filler * (-len(data) % BLOCK)
