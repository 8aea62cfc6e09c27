"""Avro containers of any size as payloads: whole if they are small, else some blocks at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from skysift.alerts.packet import (
    MAX_BLOCK_BYTES,
    SYNC_BYTES,
    BlockHead,
    Header,
    PacketError,
    read_block_head,
    read_header,
)
from skysift.alerts.payload import Payload, broken
from skysift.alerts.schema import SchemaError

MAX_HEADER_BYTES = 8 * 2**20
BLOCK_HEAD_BYTES = 20
"""Two integers of at most ten bytes each."""


@dataclass(frozen=True)
class Stretch:
    """Neighbouring blocks: bytes `start` to `stop` of the file, first record's number `first`."""

    start: int
    stop: int
    first: int


def container_payloads(
    file: BinaryIO, source: str, *, max_bytes: int, skip: int = 0
) -> Iterator[Payload]:
    """Cut a container into payloads, each a container of its own.

    Parameters
    ----------
    file : binary file
        Seekable.
    source : str
        What the payloads are said to come from.
    max_bytes : int
        A payload is larger only where a single block is.
    skip : int
        Payloads passed over, without reading their blocks.
    """
    size = file.seek(0, os.SEEK_END)
    if size <= max_bytes:
        if skip == 0:
            yield Payload("ocf", _read(file, 0, size), None, source, 0)
        return
    try:
        header = read_header(_read(file, 0, min(size, MAX_HEADER_BYTES)))
    except (PacketError, SchemaError) as error:
        if skip == 0:
            yield broken(str(error), source, 0, _read(file, 0, max_bytes))
        return
    for number, stretch in enumerate(_stretches(file, size, header, max_bytes)):
        if number >= skip:
            content = _read(file, stretch.start, stretch.stop - stretch.start)
            yield Payload("ocf", header.raw + header.sync + content, None, source, stretch.first)


def _stretches(file: BinaryIO, size: int, header: Header, max_bytes: int) -> Iterator[Stretch]:
    """Group blocks; what comes behind damage goes with the last group, `split` will find it."""
    start = at = header.size
    first = number = 0
    while at < size:
        block = _block_at(file, at)
        stop = block.stop + SYNC_BYTES if block is not None else at
        if block is None or _read(file, block.stop, SYNC_BYTES) != header.sync:
            yield Stretch(start, min(size, max(stop, start + max_bytes)), first)
            return
        if stop - start > max_bytes and at > start:
            yield Stretch(start, at, first)
            start, first = at, number
        at, number = stop, number + block.count
    yield Stretch(start, size, first)


def _block_at(file: BinaryIO, at: int) -> BlockHead | None:
    """Read where a block lies; None if its head is damaged, or it is too large to be read."""
    try:
        head = read_block_head(_read(file, at, BLOCK_HEAD_BYTES), 0)
    except PacketError:
        return None
    if head.stop > MAX_BLOCK_BYTES:
        return None
    return BlockHead(head.count, at + head.start, at + head.stop)


def _read(file: BinaryIO, at: int, size: int) -> bytes:
    file.seek(at)
    return file.read(size)
