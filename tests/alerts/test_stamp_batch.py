"""Many stamps at once; truth: astropy.io.fits, and each stamp by itself."""

from __future__ import annotations

import gzip
import random
import struct
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skysift.alerts import stamp_batch
from skysift.alerts._libdeflate import addresses
from skysift.alerts.stamp import MAX_STAMP_BYTES, StampError, decode_stamp
from skysift.alerts.stamp_batch import SLICE_BYTES, decode_stamps
from skysift.cores import THREADS
from skysift.simulate.fits import encode_stamp
from tests.alerts.fits_samples import (
    IMAGE,
    NO_STAMPS,
    PACKED,
    as_fits,
    assert_same_bits,
    by_astropy,
    stamps_of_packets,
    stamps_of_tables,
)

NIGHT = [encode_stamp(np.full((63, 63), value, np.float32)) for value in range(60)]
"""Stamps for three slices."""


def by_themselves(blobs):
    def read(blob):
        try:
            return decode_stamp(blob)
        except StampError:
            return None

    return [read(blob) for blob in blobs]


def assert_same_images(found, expected):
    for ours, theirs in zip(found, expected, strict=True):
        assert (ours is None) == (theirs is None)
        if ours is not None:
            assert_same_bits(ours, theirs)


@pytest.fixture(params=["1", "2"])
def threads(request, monkeypatch):
    monkeypatch.setenv(THREADS, request.param)


@pytest.fixture(params=["libdeflate's functions", "none"])
def functions(request, monkeypatch):
    """Run with what the ``deflate`` package shows, and as if it were built otherwise."""
    if request.param == "none":
        hidden = addresses(("libdeflate_of_another_build",))
        assert hidden is None
        monkeypatch.setattr(stamp_batch, "addresses", lambda: hidden)


@pytest.mark.parametrize("where", [stamps_of_tables, stamps_of_packets])
def test_every_genuine_stamp_has_the_bits_that_astropy_reads(shared_data, where, threads):
    blobs = list(where(shared_data))
    for found, blob in zip(decode_stamps(blobs), blobs, strict=True):
        assert_same_bits(found, by_astropy(blob))


def test_the_package_shows_the_functions_that_it_is_fast_with():
    assert addresses() is not None


def test_what_is_no_stamp_harms_none_of_its_neighbours(threads, functions):
    blobs = [*NO_STAMPS.values(), None, *NIGHT, PACKED, gzip.compress(b"x"), as_fits(IMAGE)]
    blobs += [gzip.compress(blob) for blob in NO_STAMPS.values()]
    random.Random(1).shuffle(blobs)
    found = decode_stamps(blobs)
    assert sum(image is not None for image in found) == len(NIGHT) + 2
    assert_same_images(found, by_themselves([blob or b"" for blob in blobs]))


@pytest.mark.parametrize(
    "kind", ["uint8", "int16", "uint16", "int32", "int64", "float64", "float32"]
)
def test_pixels_of_any_type_become_float32(kind, functions):
    found = decode_stamps([PACKED, gzip.compress(as_fits(IMAGE.astype(kind)))])
    assert_same_images(found, [IMAGE, IMAGE])


@pytest.mark.parametrize(
    "change",
    [
        (b"SIMPLE  =                    T", b"SIMPLE  =  T                  "),
        (b"SIMPLE  =                    T", b"SIMPLE  = T / it is           "),
        (b"NAXIS1  =                    4", b"NAXIS1  = 4                   "),
        (b"NAXIS1  =                    4", b"NAXIS1  =                  004"),
        (b"BITPIX  =                  -32", b"BITPIX  = -32 / floats        "),
        (b"BSOFTEN ", b"BSCALE  "),
        (b"BSOFTEN ", b"bscale  "),
        (b"BSOFTEN ", b"BZERO   "),
        (b"BSOFTEN ", b"COMMENT "),
    ],
)  # fmt: skip
def test_a_header_is_understood_as_astropy_does(change):
    raw = as_fits(IMAGE, BSOFTEN=3.0)
    assert change[0] in raw
    blob = gzip.compress(raw.replace(*change))
    assert_same_images(decode_stamps([blob]), [by_astropy(blob)])


@given(st.integers(0, 400), st.sampled_from(b" /-'09ATBtb\x00\xff"))
def test_a_changed_header_gives_what_astropy_reads_or_nothing(place, value):
    raw = bytearray(as_fits(IMAGE))
    raw[place] = value
    (found,) = decode_stamps([gzip.compress(bytes(raw))])
    if found is not None:
        assert_same_bits(found, by_astropy(bytes(raw)))


@given(st.integers(0, len(PACKED) - 1), st.integers(0, 255))
def test_a_damaged_byte_gives_what_the_stamp_gives_by_itself(place, value):
    blob = bytearray(PACKED)
    blob[place] = value
    blobs = [PACKED, bytes(blob), PACKED]
    assert_same_images(decode_stamps(blobs), by_themselves(blobs))


def test_images_can_be_written_into_and_share_nothing():
    first, second = decode_stamps([PACKED, PACKED])
    first += 1
    assert_same_bits(second, IMAGE)


def test_an_image_outlives_its_batch():
    images = decode_stamps(NIGHT)
    kept = images[7]
    del images
    decode_stamps(NIGHT[::-1])
    assert_same_bits(kept, np.full((63, 63), 7, np.float32))


def test_trailers_that_lie_cost_no_more_memory_than_one_stamp_may(monkeypatch):
    monkeypatch.setenv(THREADS, "1")
    liar = PACKED[:-4] + struct.pack("<I", MAX_STAMP_BYTES)
    pool = pa.default_memory_pool()
    before, peak = pool.bytes_allocated(), pool.max_memory()
    assert decode_stamps([liar] * 100) == [None] * 100
    assert pool.bytes_allocated() == before
    assert pool.max_memory() <= max(peak, before + MAX_STAMP_BYTES + SLICE_BYTES)


def test_it_works_in_a_process_forked_from_one_that_decoded():
    script = f"""
import os
from skysift.alerts.stamp_batch import decode_stamps
blobs = [{PACKED!r}] * {SLICE_BYTES // 1000}
decode_stamps(blobs)
child = os.fork()
if child == 0:
    os._exit(any(image is None for image in decode_stamps(blobs)))
assert os.waitpid(child, 0)[1] == 0
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], check=True, timeout=120)
