"""One stamp; truth: astropy.io.fits, to the bit."""

from __future__ import annotations

import gzip
import io
import tracemalloc

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from skysift.alerts.stamp import MAX_STAMP_BYTES, StampError, decode_stamp
from tests.alerts.fits_samples import (
    IMAGE,
    NO_STAMPS,
    PACKED,
    as_fits,
    assert_same_bits,
    by_astropy,
    stamps_of_packets,
    stamps_of_tables,
    with_size,
)


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
