"""Write TFRecord files without TensorFlow, and verify what was written.

A record is a ``tf.train.Example``: a map from names to lists of bytes, floats or integers.
`skysift.models.zoobot.shards` reads them, and so does ``tf.data.TFRecordDataset``.

References
----------
https://www.tensorflow.org/tutorials/load_data/tfrecord,
https://protobuf.dev/programming-guides/encoding
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO

from skysift.datasets.galaxies.checksum import masked_crc32c
from skysift.models.zoobot.shards import ShardError, parts_of, read_varint, records

Value = bytes | int | float


class RecordFile:
    """A TFRecord file that is there whole, or not at all.

    Use as a context manager; until it ends the file is ``NAME.part``, which an error removes.

    Parameters
    ----------
    path : Path
        A file of that name is replaced.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._part = path.with_name(path.name + ".part")

    def __enter__(self) -> RecordFile:
        """Open it."""
        self._file: IO[bytes] = self._part.open("wb")
        return self

    def append(self, values: Mapping[str, Value]) -> None:
        """Write a record behind the others: bytes, whole numbers and floats by name."""
        record = encode_example(values)
        length = struct.pack("<Q", len(record))
        self._file.write(length + struct.pack("<I", masked_crc32c(length)))
        self._file.write(record + struct.pack("<I", masked_crc32c(record)))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give it its name, or remove it."""
        self._file.close()
        if kind is None:
            self._part.replace(self.path)
        else:
            self._part.unlink()


def encode_example(values: Mapping[str, Value]) -> bytes:
    """Return a ``tf.train.Example`` with one value under each name.

    Raises
    ------
    TypeError
        If a value is neither bytes, nor a number of Python's own: numpy's would be written as
        something else by mistake.
    """
    pairs = b"".join(
        _message(1, _message(1, name.encode()) + _message(2, _feature(name, value)))
        for name, value in values.items()
    )
    return _message(1, pairs)


def verify(path: Path) -> Iterator[memoryview]:
    """Yield the records of a TFRecord file whose checksums are right.

    Raises
    ------
    ShardError
        If the file was cut short, or a checksum is wrong.
    """
    content = memoryview(path.read_bytes())
    for start, stop in records(content, path):
        length, record = content[start - 12 : start - 4], content[start:stop]
        (of_length,) = struct.unpack_from("<I", content, start - 4)
        (of_record,) = struct.unpack_from("<I", content, stop)
        if (of_length, of_record) != (masked_crc32c(length), masked_crc32c(record)):
            raise ShardError(f"{path} is damaged at byte {start - 12}: a checksum is wrong")
        yield record


def decode_example(record: memoryview) -> dict[str, Value]:
    """Return what `encode_example` wrote.

    Raises
    ------
    ValueError
        If it is no such record.
    """
    values: dict[str, Value] = {}
    try:
        for features in parts_of(record, 1):
            for pair in parts_of(features, 1):
                name = bytes(next(parts_of(pair, 1))).decode()
                values[name] = _value(next(parts_of(pair, 2)))
    except (IndexError, StopIteration, struct.error, UnicodeDecodeError):
        raise ValueError("the record is no tf.train.Example of one value each") from None
    return values


def _value(feature: memoryview) -> Value:
    """The one value of a ``tf.train.Feature``."""
    for content in parts_of(feature, 1):
        return bytes(next(parts_of(content, 1)))
    for content in parts_of(feature, 2):
        return float(struct.unpack("<f", next(parts_of(content, 1)))[0])
    number, _ = read_varint(next(parts_of(next(parts_of(feature, 3)), 1)), 0)
    return number - (number >> 63 << 64)


def _feature(name: str, value: Value) -> bytes:
    """A ``tf.train.Feature``: a list of bytes (1), floats (2) or integers (3)."""
    if type(value) is bytes:
        return _message(1, _message(1, value))
    if type(value) is float:
        return _message(2, _message(1, struct.pack("<f", value)))
    if type(value) is int:
        return _message(3, _message(1, _varint(value & 0xFFFFFFFFFFFFFFFF)))
    raise TypeError(f"{name} must be bytes, int or float. Got: {type(value).__name__}")


def _message(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    """Seven bits a byte, the least first."""
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)
