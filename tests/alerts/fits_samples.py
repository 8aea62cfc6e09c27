"""Stamps for tests: genuine ones, made ones, and what is none; and astropy's word on them."""

from __future__ import annotations

import gzip
import io
import struct
import warnings

import fastavro
import numpy as np
import pyarrow.parquet as pq
from astropy.io import fits

from skysift.alerts.stamp import MAX_STAMP_SIDE

CUTOUTS = ("cutoutScience", "cutoutTemplate", "cutoutDifference")
IMAGE = np.arange(12, dtype=np.float32).reshape(3, 4)


def as_fits(data, **cards):
    """Return the bytes of a FITS file that astropy writes."""
    hdu = fits.PrimaryHDU(data)
    hdu.header.update(cards)
    buffer = io.BytesIO()
    hdu.writeto(buffer)
    return buffer.getvalue()


def by_astropy(blob):
    raw = gzip.decompress(blob) if bytes(blob[:2]) == b"\x1f\x8b" else bytes(blob)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with fits.open(io.BytesIO(raw)) as hdus:
            return np.array(hdus[0].data, dtype=np.float32)


def assert_same_bits(found, expected):
    assert found.dtype == np.float32
    assert found.dtype.isnative
    assert found.shape == expected.shape
    assert found.tobytes() == expected.tobytes()


def stamps_of_tables(folder):
    for path in sorted([*folder.glob("ztf/tables/*.parquet"), *folder.glob("lsst/*.parquet")]):
        for column in pq.read_table(path, columns=list(CUTOUTS)).columns:
            for cutout in column.to_pylist():
                yield cutout["stampData"] if isinstance(cutout, dict) else cutout


def stamps_of_packets(folder):
    for path in sorted(folder.glob("ztf/packets/**/*.avro")):
        with path.open("rb") as file:
            for packet in fastavro.reader(file):
                yield from (packet[name]["stampData"] for name in CUTOUTS)


def with_size(blob, size):
    """Make a gzip trailer tell another size."""
    return blob[:-4] + struct.pack("<I", size)


PACKED = gzip.compress(as_fits(IMAGE))
NAXIS1 = b"NAXIS1  =                    4"
WIDE_NAXIS1 = b"NAXIS1  =           4000000000"

NO_STAMPS = {
    "nothing": b"",
    "text": b"not found",
    "magic alone": b"\x1f\x8b",
    "empty gzip": gzip.compress(b""),
    "gzip of text": gzip.compress(b"not found"),
    "cut gzip": PACKED[:-20],
    "flipped gzip": PACKED[:40] + bytes([PACKED[40] ^ 255]) + PACKED[41:],
    "trailer tells less": with_size(PACKED, 100),
    "trailer tells more": with_size(PACKED, 10_000),
    "two members": PACKED + gzip.compress(as_fits(IMAGE + 1)),
    "second member empty": PACKED + gzip.compress(b""),
    "garbage behind": PACKED + b"garbage!",
    "zeros behind": PACKED + bytes(16),
    "cut header": as_fits(IMAGE)[:2000],
    "cut image": as_fits(IMAGE)[:2900],
    "no image": as_fits(None),
    "no image but an extension": as_fits(None)
    + as_fits(IMAGE).replace(b"SIMPLE  =                    T", b"XTENSION= 'IMAGE   '          "),
    "one-dimensional": as_fits(np.ones(5, np.float32)),
    "a cube": as_fits(np.ones((2, 3, 4), np.float32)),
    "no SIMPLE card": as_fits(IMAGE).replace(b"SIMPLE", b"SAMPLE"),
    "too wide": as_fits(np.ones((1, MAX_STAMP_SIDE + 1), np.float32)),
    "too wide by its header": as_fits(IMAGE).replace(NAXIS1, WIDE_NAXIS1),
    "wide and of integers": as_fits(IMAGE.astype("i2")).replace(NAXIS1, WIDE_NAXIS1),
}  # fmt: skip
