"""Compress an image as ``fpack`` does, to the same bytes every time."""

from __future__ import annotations

import io

import numpy as np
from astropy.io import fits

QUANTIZATION = 4.0
"""Steps within the noise of a row: fpack's default."""
_DESCRIPTOR = np.dtype([("count", ">i4"), ("offset", ">i4")])
"""How a table says where in its heap an entry lies."""


def pack(image: np.ndarray, header: fits.Header) -> bytes:
    """FITS file with nothing in HDU 0 and the compressed image in HDU 1 (Rice, row by row).

    Parameters
    ----------
    image : ndarray (height, width) float32
        NaN stays NaN; other values are kept to a fraction of the noise.
    header : astropy.io.fits.Header
        Cards of the image.
    """
    packed = fits.CompImageHDU(
        image,
        header,
        compression_type="RICE_1",
        quantize_level=QUANTIZATION,
        quantize_method=fits.hdu.compressed.SUBTRACTIVE_DITHER_1,
        dither_seed=1,
    )
    file = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), packed]).writeto(file)
    return _without_times(file.getvalue())


def _without_times(content: bytes) -> bytes:
    """Rows that hold nothing but NaN are kept by gzip, which notes the time: take it out."""
    with fits.open(io.BytesIO(content), disable_image_compression=True) as hdus:
        header, start = hdus[1].header, hdus.fileinfo(1)["datLoc"]
    names = [header[f"TTYPE{column}"] for column in range(1, header["TFIELDS"] + 1)]
    if "GZIP_COMPRESSED_DATA" not in names:
        return content
    table = np.frombuffer(content, np.uint8, header["NAXIS1"] * header["NAXIS2"], start)
    table = table.reshape(header["NAXIS2"], header["NAXIS1"])
    # astropy writes descriptors first: each takes eight bytes.
    place = 8 * names.index("GZIP_COMPRESSED_DATA")
    entries = np.ascontiguousarray(table[:, place : place + 8]).view(_DESCRIPTOR).ravel()
    heap = start + header.get("THEAP", table.size)
    changed = bytearray(content)
    for entry in entries[entries["count"] > 0]:
        first = heap + int(entry["offset"])
        changed[first + 4 : first + 8] = bytes(4)
    return bytes(changed)
