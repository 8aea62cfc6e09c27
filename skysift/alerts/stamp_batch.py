"""Many stamps at once: gzipped ones in compiled slices, on the cores that there are."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

import numpy as np
import pyarrow as pa

from skysift.alerts import _stamp_loop as loop
from skysift.alerts._libdeflate import addresses
from skysift.alerts.source import Blob
from skysift.alerts.stamp import GZIP_MAGIC, StampError, decode_stamp, read_image, read_trailer
from skysift.cores import on_cores, usable_cores

SLICE_BYTES = 512 * 1024
"""Inflated bytes that one call of the compiled loop fills, at most: what a core's cache holds."""

Job = tuple[int, Blob, int]
"""A gzipped stamp: its place in the batch, its bytes, and how many they inflate to."""

Decoded = tuple[int, np.ndarray | None]
"""A place in the batch, and what was found there."""

T = TypeVar("T")


def decode_stamps(blobs: Sequence[Blob | None]) -> list[np.ndarray | None]:
    """Read many stamps, each as `decode_stamp` does, on at most `usable_cores` threads.

    Parameters
    ----------
    blobs : sequence of n bytes, memoryviews or None

    Returns
    -------
    list of n ndarray (rows, columns), float32, or None
        None for no bytes, and for those that are no stamp.
    """
    functions = addresses()
    if functions is None:
        return [_read_or_none(decode_stamp, blob) for blob in blobs]
    images = [None if _is_gzipped(blob) else _read_or_none(decode_stamp, blob) for blob in blobs]
    cores = usable_cores()
    slices = _slices(list(_jobs(blobs)), cores)
    for found in on_cores(partial(_decode_slice, functions), slices, cores):
        for place, image in found:
            images[place] = image
    return images


def _is_gzipped(blob: Blob | None) -> bool:
    return blob is not None and blob[: len(GZIP_MAGIC)] == GZIP_MAGIC


def _read_or_none(read: Callable[[Blob], T], blob: Blob | None) -> T | None:
    try:
        return read(blob) if blob else None
    except StampError:
        return None


def _jobs(blobs: Sequence[Blob | None]) -> Iterator[Job]:
    """Pick the gzipped stamps whose trailers tell a size that a stamp may have."""
    for place, blob in enumerate(blobs):
        if blob and _is_gzipped(blob) and (told := _read_or_none(read_trailer, blob)):
            yield place, blob, told[1]


def _slices(jobs: Sequence[Job], cores: int) -> list[list[Job]]:
    """Cut jobs into runs of about the same inflated bytes: at most `SLICE_BYTES`, or one stamp.

    So many that each core gets as many as the others.
    """
    total = sum(size for _, _, size in jobs)
    if total <= SLICE_BYTES:
        return [list(jobs)] if jobs else []
    rounds = math.ceil(total / (SLICE_BYTES * cores))
    most = total / (rounds * cores)
    slices: list[list[Job]] = []
    begun = 0.0
    for job in jobs:
        if not slices or begun + job[2] / 2 > len(slices) * most:
            slices.append([])
        slices[-1].append(job)
        begun += job[2]
    return slices


def _decode_slice(functions: np.ndarray, jobs: Sequence[Job]) -> list[Decoded]:
    """Decode some stamps, without Python's lock for most of the time."""
    sources = [pa.py_buffer(blob) for _, blob, _ in jobs]
    rooms = [pa.allocate_buffer(size) for _, _, size in jobs]
    memory = [
        (source.address, source.size, room.address, room.size)
        for source, room in zip(sources, rooms, strict=True)
    ]
    states = np.empty(len(jobs), dtype=np.uint8)
    shapes = np.empty((len(jobs), 2), dtype=np.int64)
    loop.inflate(functions, np.array(memory, dtype=np.int64), states, shapes)
    found = zip(jobs, rooms, states.tolist(), shapes.tolist(), strict=True)
    return [(place, _image(room, state, shape)) for (place, _, _), room, state, shape in found]


def _image(room: pa.Buffer, state: int, shape: list[int]) -> np.ndarray | None:
    """Make an image of a file in memory that is the image's own from now on."""
    if state == loop.IMAGE:
        return np.ndarray(shape, np.float32, room, loop.BLOCK)
    return _read_or_none(read_image, memoryview(room)) if state == loop.INFLATED else None
