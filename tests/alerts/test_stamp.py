"""One stamp; truth: astropy.io.fits, to the bit."""

from __future__ import annotations

import gzip
import io
import struct
import tracemalloc
import warnings

import fastavro
import numpy as np
import pyarrow.parquet as pq
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from skysift.alerts.stamp import MAX_STAMP_BYTES, MAX_STAMP_SIDE, StampError, decode_stamp

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


@pytest.mark.parametrize(("where", "least"), [(stamps_of_tables, 900), (stamps_of_packets, 100)])
def test_every_genuine_stamp_has_the_bits_that_astropy_reads(shared_data, where, least):
    blobs = list(where(shared_data))
    assert len(blobs) >= least
    for blob in blobs:
        assert_same_bits(decode_stamp(blob), by_astropy(blob))


def test_null_pixels_keep_their_payload():
    bits = np.array([[0x7FC00001, 0xFFC12345, 0x7F800001], [0x80000000, 1, 0xFF800000]], np.uint32)
    blob = as_fits(bits.view(np.float32))
    assert decode_stamp(blob).tobytes() == bits.tobytes()


@pytest.mark.parametrize("pack", [bytes, gzip.compress, memoryview])
def test_packing_makes_no_difference(pack):
    assert_same_bits(decode_stamp(pack(as_fits(IMAGE))), IMAGE)


def test_an_array_is_its_reader_s_own():
    first, second = (decode_stamp(as_fits(IMAGE)) for _ in range(2))
    first += 1
    assert_same_bits(second, IMAGE)


@pytest.mark.parametrize("kind", ["uint8", "int16", "uint16", "int32", "int64", "float64"])
def test_other_pixel_types_become_float32(kind):
    blob = as_fits(IMAGE.astype(kind))
    assert_same_bits(decode_stamp(blob), IMAGE)


def test_scaled_integers_are_scaled():
    hdu = fits.PrimaryHDU((IMAGE * 0.5 + 3).astype(np.float64))
    hdu.scale("int16", bscale=0.5, bzero=3)
    buffer = io.BytesIO()
    hdu.writeto(buffer)
    assert_same_bits(decode_stamp(buffer.getvalue()), IMAGE * np.float32(0.5) + 3)


@pytest.mark.parametrize("key", [b"BSCALE", b"bscale"])
def test_a_scale_on_floats_is_not_overlooked(key):
    blob = as_fits(IMAGE, BSCALE=2.0).replace(b"BSCALE", key)
    assert_same_bits(decode_stamp(blob), by_astropy(blob))


def test_a_long_header_is_read_to_its_end():
    blob = as_fits(IMAGE, **{f"KEY{i}": i for i in range(60)})
    assert_same_bits(decode_stamp(blob), IMAGE)


def test_of_several_images_the_primary_is_the_stamp():
    hdus = [fits.PrimaryHDU(IMAGE), fits.ImageHDU(IMAGE + 1), fits.ImageHDU(np.ones((5, 5)))]
    buffer = io.BytesIO()
    fits.HDUList(hdus).writeto(buffer)
    assert_same_bits(decode_stamp(buffer.getvalue()), IMAGE)


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
    "too wide": as_fits(np.ones((1, MAX_STAMP_SIDE + 1), np.float32)),
    "too wide by its header": as_fits(IMAGE).replace(NAXIS1, WIDE_NAXIS1),
    "wide and of integers": as_fits(IMAGE.astype("i2")).replace(NAXIS1, WIDE_NAXIS1),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_STAMPS)
def test_what_is_no_stamp_is_refused(name):
    with pytest.raises(StampError):
        decode_stamp(NO_STAMPS[name])


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_read(blob):
    for candidate in (blob, gzip.compress(blob), as_fits(IMAGE)[:80] + blob):
        with pytest.raises(StampError):
            decode_stamp(candidate)


@given(st.integers(0, len(PACKED) - 1), st.integers(0, 255), st.booleans())
def test_a_damaged_byte_gives_an_image_or_an_error(place, value, packed):
    blob = bytearray(PACKED if packed else as_fits(IMAGE))
    blob[place] = value
    try:
        found = decode_stamp(bytes(blob))
    except StampError:
        return
    assert found.dtype == np.float32
    assert found.ndim == 2


@pytest.mark.parametrize("told", [None, 1000, MAX_STAMP_BYTES])
def test_a_bomb_costs_no_memory(told):
    bomb = gzip.compress(bytes(300 * 1024**2), compresslevel=1)
    blob = bomb if told is None else with_size(bomb, told)
    tracemalloc.start()
    with pytest.raises(StampError):
        decode_stamp(blob)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * MAX_STAMP_BYTES


def test_the_bound_can_be_tightened():
    assert decode_stamp(PACKED, max_bytes=len(as_fits(IMAGE))).shape == IMAGE.shape
    with pytest.raises(StampError, match="may have"):
        decode_stamp(PACKED, max_bytes=len(as_fits(IMAGE)) - 1)
