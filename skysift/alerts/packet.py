"""Split what arrives from a survey or a broker into single Avro records.

Two layouts are known: object container files (``Obj\\x01``; ZTF's packets, and what fink-client
saves), and bare records whose schema comes beside them as JSON (Fink's livestream, where it is
the Kafka key). Whatever else arrives is damage, with a reason.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace

from skysift.alerts._walk import measure
from skysift.alerts.schema import AlertSchema, SchemaError, parse

MAGIC = b"Obj\x01"
SYNC_BYTES = 16
MAX_BLOCK_BYTES = 256 * 2**20
"""Decompressed size of one block; ZTF's hold one alert of 60 to 90 kB."""
REMEMBERED_HEADERS = 8
MOST_LOST = 1000
"""Records that one damaged block may be said to have held; a larger count is damage itself."""
CODECS = ("null", "deflate")
CONFLUENT = b"\x00"


class PacketError(ValueError):
    """Bytes that are no readable Avro; the message is the reason."""


@dataclass(frozen=True)
class Damage:
    """Records that cannot be read.

    Attributes
    ----------
    number : int
        Number of the first of them within the packet.
    count : int
        How many they are, 1 where it cannot be known.
    reason : str
    data : bytes
        The packet's bytes from there on, as far as they belong to the damage.
    """

    number: int
    count: int
    reason: str
    data: bytes


@dataclass
class Packet:
    """Records of one packet, all in one schema, and what of it could not be split.

    Attributes
    ----------
    schema : AlertSchema or None
        None if not even the schema could be read.
    records : list of memoryview
        Schemaless Avro, one alert each; not yet known to fit the schema.
    numbers : list of int
        Number of each record within the packet.
    damage : list of Damage
    """

    schema: AlertSchema | None = None
    records: list[memoryview] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    damage: list[Damage] = field(default_factory=list)

    def add(self, number: int, record: memoryview) -> None:
        """Take one more record."""
        self.records.append(record)
        self.numbers.append(number)

    def lose(self, number: int, count: int, reason: str, data: bytes) -> None:
        """Give up on records; the packet's word on how many is taken up to MOST_LOST."""
        self.damage.append(Damage(number, min(max(count, 1), MOST_LOST), reason, data))


@dataclass(frozen=True)
class Header:
    """The beginning of a container: `raw` is magic and metadata, `sync` the marker behind."""

    raw: bytes
    schema: AlertSchema
    codec: str
    sync: bytes

    @property
    def size(self) -> int:
        """Bytes up to the first block."""
        return len(self.raw) + SYNC_BYTES


@dataclass(frozen=True)
class BlockHead:
    """Where a block of a container lies, and how many records it says it holds."""

    count: int
    start: int
    stop: int


def split(data: bytes, key: bytes | None = None) -> Packet:
    """Split a packet into records.

    Parameters
    ----------
    data : bytes
        A container file, or a bare record.
    key : bytes, optional
        Schema of a bare record, as JSON.

    Returns
    -------
    Packet
        Never raises for what the bytes hold: that is in ``damage``.
    """
    try:
        if data[: len(MAGIC)] == MAGIC:
            return _split_container(data)
        return _split_record(data, key)
    except (PacketError, SchemaError) as error:
        return Packet(damage=[Damage(0, 1, str(error), bytes(data))])


def _split_record(data: bytes, key: bytes | None) -> Packet:
    if not data:
        raise PacketError("it is empty")
    if key is None or not key.lstrip().startswith((b"{", b"[", b'"')):
        raise PacketError(_foreign(data))
    packet = Packet(parse(_text(key)))
    packet.add(0, memoryview(data))
    return packet


def _foreign(data: bytes) -> str:
    if data[:1] == CONFLUENT and len(data) > 5:
        number = int.from_bytes(data[1:5], "big")
        return (
            f"it is in the wire format of a Confluent schema registry (schema {number}), "
            "and comes without its schema"
        )
    return "it is neither an Avro container, nor a record that comes with its schema"


def _split_container(data: bytes) -> Packet:
    header = read_header(data)
    packet = Packet(header.schema)
    at, number = header.size, 0
    while at < len(data):
        try:
            block = read_block_head(data, at)
        except PacketError as error:
            packet.lose(number, 1, str(error), data[at:])
            break
        _split_block(packet, header.codec, memoryview(data), number, block)
        number += block.count
        at = block.stop + SYNC_BYTES
        if data[block.stop : at] != header.sync:
            if at <= len(data):
                reason = "a block of the container is not followed by its sync marker"
                packet.lose(number, 1, reason, data[block.stop :])
            break
    return packet


def _split_block(
    packet: Packet, codec: str, data: memoryview, number: int, block: BlockHead
) -> None:
    packed = data[block.start : block.stop]
    try:
        content = _unpacked(packed, codec)
    except PacketError as error:
        packet.lose(number, block.count, str(error), bytes(packed))
        return
    if block.count == 1:
        packet.add(number, content)
    elif block.count > 1:
        _split_records(packet, content, number, block.count)


def _split_records(packet: Packet, content: memoryview, number: int, count: int) -> None:
    """Find the records of a block; what is left over behind the last spoils that one."""
    assert packet.schema is not None
    stops, reason = measure(packet.schema, content, count)
    if len(stops) == count:
        stops[-1] = len(content)
    start = 0
    for i, stop in enumerate(stops):
        packet.add(number + i, content[start:stop])
        start = stop
    if len(stops) < count:
        packet.lose(number + len(stops), count - len(stops), reason, bytes(content[start:]))


def _unpacked(content: memoryview, codec: str) -> memoryview:
    """Undo the codec of a block, never to more than MAX_BLOCK_BYTES."""
    if codec == "null":
        return content
    try:
        unpacked = zlib.decompressobj(-zlib.MAX_WBITS).decompress(content, MAX_BLOCK_BYTES + 1)
    except zlib.error as error:
        raise PacketError(f"a block of the container cannot be unpacked: {error}") from error
    if len(unpacked) > MAX_BLOCK_BYTES:
        raise PacketError(f"a block of the container unpacks to more than {MAX_BLOCK_BYTES} bytes")
    return memoryview(unpacked)


def read_header(data: bytes) -> Header:
    """Read the header of a container; one that was met before is recognised by its bytes.

    Raises
    ------
    PacketError, SchemaError
        If it is cut short, its codec is unknown, or its schema cannot be used.
    """
    for known in _recent:
        if data.startswith(known.raw):
            return replace(known, sync=data[len(known.raw) : known.size])
    header = _parse_header(data)
    _recent.insert(0, header)
    del _recent[REMEMBERED_HEADERS:]
    return header


_recent: list[Header] = []


def _parse_header(data: bytes) -> Header:
    metadata, at = _read_metadata(data)
    codec = metadata.get(b"avro.codec", b"null").decode("ascii", "replace")
    if codec not in CODECS:
        raise PacketError(
            f"the container's blocks are packed with {codec!r}; "
            f"what can be read is {' and '.join(CODECS)}"
        )
    if b"avro.schema" not in metadata:
        raise PacketError("the container has no schema")
    schema = parse(_text(metadata[b"avro.schema"]))
    return Header(data[:at], schema, codec, data[at : at + SYNC_BYTES])


def _read_metadata(data: bytes) -> tuple[dict[bytes, bytes], int]:
    """Read the map behind the magic: (metadata, position behind it)."""
    metadata: dict[bytes, bytes] = {}
    at = len(MAGIC)
    while True:
        count, at = _long(data, at)
        if count == 0:
            return metadata, at
        if count < 0:
            _, at = _long(data, at)
        for _ in range(abs(count)):
            key, at = _span(data, at)
            metadata[key], at = _span(data, at)


def read_block_head(data: bytes, at: int) -> BlockHead:
    """Read the two numbers that open a block.

    Raises
    ------
    PacketError
        If they are cut short or negative.
    """
    count, start = _long(data, at)
    size, start = _long(data, start)
    if count < 0 or size < 0:
        raise PacketError("a block of the container has a negative length")
    return BlockHead(count, start, start + size)


def _span(data: bytes, at: int) -> tuple[bytes, int]:
    size, at = _long(data, at)
    if size < 0 or at + size > len(data):
        raise PacketError("the container's header ends too early")
    return data[at : at + size], at + size


def _long(data: bytes, at: int) -> tuple[int, int]:
    raw = shift = 0
    while at < len(data) and shift < 64:
        byte = data[at]
        raw |= (byte & 0x7F) << shift
        shift += 7
        at += 1
        if byte < 0x80:
            return (raw >> 1) ^ -(raw & 1), at
    raise PacketError("the container ends too early")


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise PacketError("its Avro schema is not UTF-8 text") from error
