"""Truth is fastavro: what it wrote is split into the records that it writes bare."""

from __future__ import annotations

import io
import re
import tracemalloc
import zlib

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skysift.alerts import packet
from skysift.alerts.packet import split
from tests.alerts.packets import SCHEMA, SCHEMA_JSON, alert, bare, container

ALERTS = [alert(i, history=i) for i in range(6)]
BARE = [bare(a) for a in ALERTS]


@pytest.mark.parametrize("codec", ["null", "deflate"])
@pytest.mark.parametrize("block_bytes", [1, 400, 100_000])
def test_a_container_gives_its_records_byte_for_byte(codec: str, block_bytes: int) -> None:
    found = split(container(ALERTS, codec=codec, block_bytes=block_bytes))
    assert [bytes(r) for r in found.records] == BARE
    assert found.numbers == list(range(6))
    assert not found.damage
    assert found.schema is not None and found.schema.survey == "ztf"


def test_an_empty_container_holds_nothing() -> None:
    found = split(container([]))
    assert not found.records and not found.damage


def test_containers_of_one_survey_share_their_schema() -> None:
    first, second = split(container(ALERTS[:1])), split(container(ALERTS[1:2]))
    assert first.schema is second.schema
    assert bytes(second.records[0]) == BARE[1]


def test_a_bare_record_takes_its_schema_from_the_key() -> None:
    found = split(BARE[2], SCHEMA_JSON.encode())
    assert [bytes(r) for r in found.records] == [BARE[2]]
    assert found.schema is not None and found.schema.text == SCHEMA_JSON


@pytest.mark.parametrize(
    ("data", "key", "reason"),
    [
        (b"", None, "empty"),
        (b"", SCHEMA_JSON.encode(), "empty"),
        (b"not avro", None, "neither"),
        (BARE[0], b"ZTF23aaaaa00", "neither"),
        (b"\x00\x00\x00\x02\x9a" + BARE[0], None, r"Confluent schema registry \(schema 666\)"),
        (b"Obj\x01", None, "ends too early"),
        (BARE[0], b'{"type": "record"', "schema cannot be read"),
        (BARE[0], b'{"type": "\xff"', "not UTF-8"),
        (b'Obj\x01\x02\x16avro.schema\x0c{"type\x00' + b"s" * 16, None, "schema cannot be read"),
        (b"Obj\x01\x00" + b"s" * 16, None, "no schema"),
        (
            b"Obj\x01\x02\x14avro.codec\x0csnappy\x00" + b"s" * 16,
            None,
            "'snappy'",
        ),
    ],
)
def test_what_cannot_be_read_has_a_reason(data: bytes, key: bytes | None, reason: str) -> None:
    found = split(data, key)
    assert not found.records
    assert [d.number for d in found.damage] == [0]
    assert found.damage[0].data == data
    assert re.search(reason, found.damage[0].reason)


@pytest.mark.parametrize("codec", ["null", "deflate"])
@pytest.mark.parametrize("block_bytes", [1, 400, 100_000])
def test_records_before_a_cut_are_delivered(codec: str, block_bytes: int) -> None:
    data = container(ALERTS, codec=codec, block_bytes=block_bytes)
    delivered = 0
    for stop in range(len(data)):
        found = split(data[:stop])
        whole = [bytes(r) for r in found.records if bytes(r) in BARE]
        assert whole == BARE[: len(whole)]
        assert len(whole) >= delivered
        delivered = len(whole)
        # The last one may be cut: only the walker can tell.
        assert len(found.records) - len(whole) <= 1
    assert delivered == len(ALERTS)


def test_records_of_a_damaged_block_are_counted() -> None:
    data = bytearray(container(ALERTS, block_bytes=100_000))
    at = data.index(BARE[4][:20])
    data[at] = 0x01  # the length of the first text becomes negative
    found = split(bytes(data))
    assert [bytes(r) for r in found.records] == BARE[:4]
    assert [(d.number, d.count) for d in found.damage] == [(4, 2)]
    assert "impossible length" in found.damage[0].reason


def test_a_block_that_cannot_be_unpacked_leaves_the_others() -> None:
    data = bytearray(container(ALERTS, codec="deflate", block_bytes=1))
    packed = zlib.compress(BARE[2], wbits=-15)
    at = data.index(packed[:30])
    data[at] = 0xFF  # no such kind of deflate block
    found = split(bytes(data))
    assert [bytes(r) for r in found.records] == [*BARE[:2], *BARE[3:]]
    assert found.numbers == [0, 1, 3, 4, 5]
    assert [(d.number, d.count) for d in found.damage] == [(2, 1)]


def test_a_lost_sync_marker_ends_the_container() -> None:
    data = bytearray(container(ALERTS, block_bytes=1))
    at = data.index(BARE[1]) + len(BARE[1])
    data[at] ^= 0xFF
    found = split(bytes(data))
    assert [bytes(r) for r in found.records] == BARE[:2]
    assert [d.number for d in found.damage] == [2]


def test_a_bomb_is_bounded_before_it_is_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packet, "MAX_BLOCK_BYTES", 2**20)
    bomb = {**alert(), "cutoutScience": {"fileName": "", "stampData": bytes(2**26)}}
    data = container([bomb], codec="deflate")
    tracemalloc.start()
    found = split(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [d.reason for d in found.damage] == [
        "a block of the container unpacks to more than 1048576 bytes"
    ]
    assert peak < 2**23


def test_an_absurd_number_of_records_costs_nothing() -> None:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, {"type": "long"}, 2**40)
    whole = container(ALERTS[:1])
    start = whole.index(BARE[0])
    sync = whole[-16:]
    head = whole[: whole.index(sync) + 16]
    size = whole[start - 2 : start]  # the block's length, of two bytes
    found = split(head + out.getvalue() + size + BARE[0] + sync)
    assert [bytes(r) for r in found.records] == BARE[:1]
    assert found.damage[0].count <= packet.MOST_LOST


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_no_damage_makes_it_raise(data: st.DataObject) -> None:
    codec = data.draw(st.sampled_from(["null", "deflate"]))
    whole = bytearray(container(ALERTS, codec=codec, block_bytes=600))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] = data.draw(st.integers(0, 255))
    found = split(bytes(whole))
    assert sum(map(len, found.records)) < 10 * len(whole)


def test_the_key_may_be_any_schema_fastavro_reads() -> None:
    key = SCHEMA_JSON.encode()
    assert fastavro.schemaless_reader(io.BytesIO(split(BARE[1], key).records[0]), SCHEMA) == {
        **ALERTS[1],
    }
