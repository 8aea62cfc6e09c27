"""Images in TFRecord files, read wherever they lie, without TensorFlow.

A file is one record after another: length (uint64, little endian), checksum of it (4 bytes), the
record, its checksum (4 bytes). A record is a protocol buffer, ``tf.train.Example``: a map from
names to lists of bytes, floats or integers. Only its bytes are read here. Checksums are verified
when a set is written, not each time an image is read.

References
----------
https://www.tensorflow.org/tutorials/load_data/tfrecord,
https://protobuf.dev/programming-guides/encoding
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

IMAGE, ID = "matrix", "id_str"
"""Names in a record: the pixels, as they lie in memory, and whose they are, UTF-8."""

HEAD, TAIL = 12, 4
"""Bytes before and after a record."""

_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
"""Wire types."""


class ShardError(ValueError):
    """A shard is damaged, or holds other images than it should."""


class Shards:
    """All shards of a set: an image by its galaxy.

    Parameters
    ----------
    paths : sequence of Path
    shape : tuple of int (3,)
        Of each image: height, width, channels.
    dtype : str
        Of the pixels: ``uint8`` or ``float32``.
    """

    def __init__(self, paths: Sequence[Path], shape: tuple[int, int, int], dtype: str) -> None:
        self.paths, self.shape, self.dtype = tuple(paths), shape, np.dtype(dtype)

    @cached_property
    def ids(self) -> frozenset[str]:
        """Galaxies that have an image.

        Raises
        ------
        ShardError
            If a shard is damaged, or a galaxy is in two records.
        """
        return frozenset(self._places)

    def images(self, ids: Sequence[str]) -> np.ndarray:
        """Read images.

        Parameters
        ----------
        ids : sequence of str

        Returns
        -------
        ndarray (n, h, w, c)
            Of `dtype`, in the order of `ids`.

        Raises
        ------
        ShardError
            If a galaxy has no image, or one of another size.
        """
        images = np.empty((len(ids), *self.shape), self.dtype)
        for image, galaxy in zip(images, ids, strict=True):
            image[...] = self._image(galaxy)
        return images

    @cached_property
    def _files(self) -> list[memoryview]:
        return [memoryview(_mapped(path)) for path in self.paths]

    @cached_property
    def _places(self) -> dict[str, tuple[int, int, int]]:
        """By galaxy: its shard, and where its record begins and ends."""
        places: dict[str, tuple[int, int, int]] = {}
        for shard, (path, file) in enumerate(zip(self.paths, self._files, strict=True)):
            for start, stop in records(file, path):
                galaxy = bytes(_entry(file[start:stop], ID, path)).decode()
                if galaxy in places:
                    raise ShardError(f"galaxy {galaxy} has two images: build the set again")
                places[galaxy] = shard, start, stop
        return places

    def _image(self, galaxy: str) -> np.ndarray:
        if galaxy not in self._places:
            raise ShardError(f"galaxy {galaxy} has no image in the shards: build the set again")
        shard, start, stop = self._places[galaxy]
        pixels = _entry(self._files[shard][start:stop], IMAGE, self.paths[shard])
        expected = int(np.prod(self.shape)) * self.dtype.itemsize
        if len(pixels) != expected:
            size = " × ".join(map(str, self.shape))
            raise ShardError(
                f"{self.paths[shard]}: the image of {galaxy} has {len(pixels)} bytes, and "
                f"{size} of {self.dtype} are {expected}: the manifest is of other shards"
            )
        return np.frombuffer(pixels, self.dtype).reshape(self.shape)


def records(file: memoryview, path: Path) -> Iterator[tuple[int, int]]:
    """Yield where each record of a TFRecord file begins and ends.

    Raises
    ------
    ShardError
        If the file ends within a record.
    """
    at = 0
    while at < len(file):
        if at + HEAD > len(file):
            raise ShardError(f"{path} ends within a record: it was cut short")
        start = at + HEAD
        stop = start + struct.unpack_from("<Q", file, at)[0]
        at = stop + TAIL
        if at > len(file):
            raise ShardError(f"{path} ends within a record: it was cut short")
        yield start, stop


def _entry(record: memoryview, name: str, path: Path) -> memoryview:
    """Return the bytes that a record holds under a name."""
    try:
        for features in parts_of(record, 1):
            for pair in parts_of(features, 1):
                parts = dict(_fields(pair))
                if bytes(parts[1]) == name.encode():
                    values = next(parts_of(parts[2], 1))
                    return next(parts_of(values, 1))
    except (IndexError, KeyError, StopIteration, struct.error):
        pass
    raise ShardError(f"{path} holds a record without {name}: it is damaged, or no set of ours")


def parts_of(message: memoryview, number: int) -> Iterator[memoryview]:
    """Yield what a message holds under a number, bytes or messages."""
    return (value for found, value in _fields(message) if found == number)


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield number and content of the fields of a message that hold bytes or messages."""
    at = 0
    while at < len(message):
        key, at = read_varint(message, at)
        kind, number = key & 7, key >> 3
        if kind == _BYTES:
            length, at = read_varint(message, at)
            if at + length > len(message):
                raise IndexError("a field is longer than its message")
            yield number, message[at : at + length]
            at += length
        elif kind == _VARINT:
            _, at = read_varint(message, at)
        elif kind in (_EIGHT, _FOUR):
            at += 8 if kind == _EIGHT else 4
        else:
            raise IndexError(f"wire type {kind} is not known")


def read_varint(message: memoryview, at: int) -> tuple[int, int]:
    """Return an integer of 7 bits a byte, the least first, and where it ends."""
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def _mapped(path: Path) -> mmap.mmap | bytes:
    """Map a file into memory; an empty one cannot be mapped."""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""
