"""Truth is fastavro: on every real packet at hand, and on random schemas and records."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import fastavro
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skysift.alerts.avro import AvroAlerts
from skysift.alerts.packet import split
from skysift.alerts.records import RawRecords
from skysift.alerts.schema import parse
from tests.alerts.packets import LSST_SCHEMA, REAL_PACKETS, SCHEMA, SCHEMA_JSON, alert, bare

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
WANTED = (
    "candid", "objectId", "candidate.jd", "candidate.magpsf", "candidate.isdiffpos",
    "prv_candidates.jd", "prv_candidates.magpsf", "prv_candidates.isdiffpos",
    "cutoutScience.stampData", "cutoutTemplate.stampData",
)  # fmt: skip


def read(records: Sequence[bytes], schema: Any = SCHEMA, paths: Any = WANTED) -> AvroAlerts:
    parsed = parse(json.dumps(schema))
    return AvroAlerts(RawRecords.join(records, [parsed] * len(records)), paths)


def naive(record: Any, path: str) -> Any:
    """Follow a path through what fastavro decoded."""
    for name in path.split("."):
        record = record.get(name) if isinstance(record, dict) else None
    return record


def naive_items(record: Any, path: str) -> list[Any]:
    """Follow a path through one list on its way; the items' values."""
    parts = path.split(".")
    for i in range(1, len(parts) + 1):
        value = naive(record, ".".join(parts[:i]))
        if isinstance(value, list):
            rest = ".".join(parts[i:])
            return [naive(item, rest) if rest else item for item in value]
    return []


def as_number(value: Any) -> float:
    if isinstance(value, datetime):  # fastavro applies logical types, the walker does not
        return float((value - EPOCH) // timedelta(microseconds=1))
    return float(value) if isinstance(value, (bool, int, float)) else np.nan


def as_integer(value: Any) -> int:
    if isinstance(value, datetime):
        return (value - EPOCH) // timedelta(microseconds=1)
    return int(value) if isinstance(value, (bool, int)) else 0


def as_text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def assert_same(found: AvroAlerts, truth: list[dict[str, Any]], paths: Any) -> None:
    """Compare every field, in every way it can be read."""
    for path in paths:
        slot = next(s for schema in found.records.schemas if (s := schema.slot(path)))
        if "[]" in slot:
            assert_same_list(found, truth, path, slot)
            continue
        values = [naive(record, path) for record in truth]
        np.testing.assert_array_equal(found.numbers(path), [as_number(v) for v in values])
        np.testing.assert_array_equal(found.integers(path), [as_integer(v) for v in values])
        if not any(isinstance(v, bytes) for v in values):
            assert found.texts(path).tolist() == [as_text(v) for v in values]
        blobs = [None if b is None else bytes(b) for b in found.blobs(path)]
        for blob, value in zip(blobs, values, strict=True):
            assert not isinstance(value, bytes) or blob == value


def assert_same_list(found: AvroAlerts, truth: list[Any], path: str, slot: str) -> None:
    name = slot.partition("[]")[0]
    field = path[len(name) + 1 :]
    offsets, is_null = found.list_offsets(name)
    lists = [naive(record, name) for record in truth]
    assert np.diff(offsets).tolist() == [len(items or []) for items in lists]
    assert is_null.tolist() == [not isinstance(items, list) for items in lists]
    values = [v for record in truth for v in naive_items(record, path)]
    np.testing.assert_array_equal(found.list_numbers(name, field), [as_number(v) for v in values])
    if not any(isinstance(v, bytes) for v in values):
        assert found.list_texts(name, field).tolist() == [as_text(v) for v in values]


@pytest.mark.skipif(not REAL_PACKETS, reason="no real packets at ../shared/data/ztf/packets")
@pytest.mark.parametrize("path", REAL_PACKETS, ids=lambda p: p.name)
def test_every_field_of_every_real_packet(path: Path) -> None:
    truth = list(fastavro.reader(io.BytesIO(path.read_bytes())))
    packet = split(path.read_bytes())
    assert packet.schema is not None
    paths = packet.schema.paths()
    leaves = sorted(p for p in paths if not any(q.startswith(f"{p}.") for q in paths))
    schemas = [packet.schema] * len(packet.records)
    found = AvroAlerts(RawRecords.join(packet.records, schemas), leaves)
    assert not found.damaged
    assert len(leaves) > 100
    assert_same(found, truth, leaves)


@pytest.mark.skipif(not REAL_PACKETS, reason="no real packets at ../shared/data/ztf/packets")
def test_real_packets_of_all_schemas_in_one_batch() -> None:
    packets = [split(path.read_bytes()) for path in REAL_PACKETS]
    truth = [r for p in REAL_PACKETS for r in fastavro.reader(io.BytesIO(p.read_bytes()))]
    found = AvroAlerts(
        RawRecords.join(
            [r for p in packets for r in p.records],
            [p.schema for p in packets for _ in p.records if p.schema is not None],
        ),
        (*WANTED, "fp_hists.forcediffimflux"),
    )
    assert len(found.records.schemas) >= 4
    assert_same(found, truth, (*WANTED, "fp_hists.forcediffimflux", "candidate.drb", "fp_hists.jd"))


def test_null_histories_are_told_from_empty_ones() -> None:
    found = read([bare(alert(0, history=None)), bare(alert(1, history=0)), bare(alert(2))])
    offsets, is_null = found.list_offsets("prv_candidates")
    assert offsets.tolist() == [0, 0, 0, 3]
    assert is_null.tolist() == [True, False, False]


def test_a_history_longer_than_the_room_made_for_it_is_read_whole() -> None:
    truth = [alert(0), alert(1, history=1000), alert(2)]
    assert_same(read([bare(a) for a in truth]), truth, WANTED)


def test_fields_not_named_beforehand_are_read_when_asked_for() -> None:
    truth = [alert(i) for i in range(4)]
    assert_same(read([bare(a) for a in truth], paths=()), truth, WANTED)


def test_fields_that_are_not_there_raise() -> None:
    found = read([bare(alert())])
    assert not found.has("candidate.drb")
    assert found.has("prv_candidates") and found.has("prv_candidates.jd")
    with pytest.raises(KeyError, match=r"candidate\.drb"):
        found.numbers("candidate.drb")
    with pytest.raises(KeyError, match="lies in one"):
        found.numbers("prv_candidates.jd")
    with pytest.raises(KeyError, match="no list"):
        found.list_numbers("candidate", "jd")


def test_alerts_of_several_schemas_share_a_batch() -> None:
    older = json.loads(SCHEMA_JSON)
    del older["fields"][4]  # no history
    records = [bare(alert(0)), bare(alert(1), older), bare(alert(2))]
    schemas = [parse(SCHEMA_JSON), parse(json.dumps(older)), parse(SCHEMA_JSON)]
    found = AvroAlerts(RawRecords.join(records, schemas), WANTED)
    truth = [alert(0), {**alert(1), "prv_candidates": None}, alert(2)]
    assert_same(found, truth, WANTED)
    assert found.record_bytes(1) == records[1]
    assert found.schema_json(1) == json.dumps(older)


def test_enums_of_several_schemas_keep_their_symbols() -> None:
    records, schemas = [], []
    for number, symbols in enumerate((["a", "b"], ["c", "d"])):
        kind = {"type": "enum", "name": "e", "symbols": symbols}
        fields = [{"name": "candidate", "type": kind}, {"name": "n", "type": "int"}]
        schema = {"type": "record", "name": "alert", "fields": fields}
        records.append(bare({"candidate": symbols[number], "n": 7}, schema))
        schemas.append(parse(json.dumps(schema)))
    found = AvroAlerts(RawRecords.join(records, schemas), ("candidate",))
    assert found.texts("candidate").tolist() == ["a", "d"]
    assert found.numbers("n").tolist() == [7.0, 7.0]
    assert read(
        [b"\x04\x0e"], json.loads(schemas[0].text), ("candidate",)
    ).damaged  # there is no third


def test_a_schema_with_lists_in_odd_places_does_not_spoil_the_others() -> None:
    odd = json.loads(SCHEMA_JSON)
    odd["fields"][3]["type"] = {"type": "array", "items": odd["fields"][3]["type"]}
    strange = {**alert(0), "candidate": [alert(0)["candidate"]] * 2}
    schemas = [parse(json.dumps(odd)), parse(SCHEMA_JSON)]
    found = AvroAlerts(RawRecords.join([bare(strange, odd), bare(alert(1))], schemas), WANTED)
    assert found.numbers("candidate.jd").tolist()[1:] == [alert(1)["candidate"]["jd"]]
    assert np.isnan(found.numbers("candidate.jd")[0])
    assert found.list_numbers("candidate", "jd").tolist() == [alert(0)["candidate"]["jd"]] * 2


def test_alerts_of_two_surveys_do_not() -> None:
    schemas = [parse(SCHEMA_JSON), parse(json.dumps(LSST_SCHEMA))]
    with pytest.raises(ValueError, match="one survey"):
        AvroAlerts(RawRecords.join([b"", b""], schemas), WANTED)


def test_some_alerts_can_be_picked() -> None:
    truth = [alert(i, history=i) for i in range(4)]
    found = read([bare(a) for a in truth]).take(np.array([False, True, False, True]))
    assert_same(found, [truth[1], truth[3]], WANTED)


def test_a_bad_record_is_null_and_its_neighbours_are_unharmed() -> None:
    truth = [alert(i, history=40) for i in range(3)]
    for point in truth[1]["prv_candidates"]:
        point["magpsf"] = 12.0  # must not show where the next alert has none
    records = [bare(a) for a in truth]
    records[1] = records[1][:-30]
    found = read(records)
    assert list(found.damaged) == [1]
    assert "too early" in found.damaged[1] or "impossible" in found.damaged[1]
    nothing: dict[str, Any] = {}
    assert_same(found, [truth[0], nothing, truth[2]], WANTED)


def test_bytes_behind_a_record_make_it_bad() -> None:
    found = read([bare(alert()) + b"\x00"])
    assert found.damaged[0].startswith("bytes are left over")


ENDLESS = {
    "type": "record",
    "name": "alert",
    "fields": [
        {"name": "candidate", "type": "int"},
        {"name": "x", "type": {"type": "array", "items": "null"}},
    ],
}


@pytest.mark.parametrize("paths", [(), ("x",)])
def test_items_without_bytes_do_not_hang_it(paths: tuple[str, ...]) -> None:
    count = io.BytesIO()
    fastavro.schemaless_writer(count, {"type": "long"}, 2**50)
    found = read([b"\x02" + count.getvalue() + b"\x00"], ENDLESS, paths)
    assert "items without end" in found.damaged[0]


def test_records_that_hold_themselves_end_at_a_depth() -> None:
    node: dict[str, Any] = {
        "type": "record",
        "name": "node",
        "fields": [{"name": "candidate", "type": "int"}, {"name": "n", "type": ["null", "node"]}],
    }
    deep = b"\x02\x02" * 10 + b"\x04\x00"
    found = read([deep], node, ("n.n.n.n.candidate", "n.candidate"))
    assert not found.damaged
    assert found.numbers("n.n.n.n.candidate").tolist() == [1.0]
    assert "deeper" in read([b"\x02\x02" * 1000 + b"\x04\x00"], node).damaged[0]


def test_a_record_that_can_only_hold_itself_is_bad() -> None:
    node: dict[str, Any] = {"type": "record", "name": "node", "fields": []}
    node["fields"] = [{"name": "candidate", "type": "node"}, {"name": "b", "type": "node"}]
    assert read([b"\x00"], node).damaged


def test_blocks_of_items_may_tell_their_size() -> None:
    schema = {
        "type": "record",
        "name": "alert",
        "fields": [
            {"name": "candidate", "type": {"type": "array", "items": "int"}},
            {"name": "last", "type": "int"},
        ],
    }
    # two items of three bytes in all, then one without the size, then the end
    record = b"\x03\x06\x02\x80\x01" + b"\x02\x05" + b"\x00" + b"\x0e"
    found = read([record], schema, ("candidate", "last"))
    assert found.list_numbers("candidate", "").tolist() == [1.0, 64.0, -3.0]
    assert found.numbers("last").tolist() == [7.0]


# Random schemas and records

INTS = st.integers(-(2**31), 2**31 - 1)
LEAVES: list[tuple[Any, st.SearchStrategy[Any]]] = [
    ("null", st.none()),
    ("boolean", st.booleans()),
    ("int", INTS),
    ("long", st.integers(-(2**63), 2**63 - 1)),
    ("float", st.floats(width=32)),
    ("double", st.floats()),
    ("string", st.text(max_size=12)),
    ("bytes", st.binary(max_size=12)),
    ({"type": "long", "logicalType": "local-timestamp-nope"}, INTS),
]


@st.composite
def typed(draw: Any, names: list[str], depth: int) -> tuple[Any, st.SearchStrategy[Any]]:
    """A random type, and a strategy for its values."""
    kinds = ["leaf", "leaf", "option", "union", "enum", "fixed"]
    kind = draw(st.sampled_from(kinds + (["record", "array", "map"] if depth else [])))
    name = f"t{len(names)}"
    if kind == "enum":
        names.append(name)
        symbols = ["A", "BB", "CCCCCCCCCCCC"]
        return {"type": "enum", "name": name, "symbols": symbols}, st.sampled_from(symbols)
    if kind == "fixed":
        names.append(name)
        return {"type": "fixed", "name": name, "size": 5}, st.binary(min_size=5, max_size=5)
    if kind == "record":
        return draw(record_type(names, depth - 1))
    if kind in ("array", "map"):
        inner, values = draw(typed(names, depth - 1))
        if kind == "array":
            return {"type": "array", "items": inner}, st.lists(values, max_size=4)
        return {"type": "map", "values": inner}, st.dictionaries(st.text(max_size=3), values)
    if kind == "leaf":
        return draw(st.sampled_from(LEAVES))
    inner, values = (
        draw(typed(names, depth - 1 if depth else 0))
        if kind == "option"
        else (
            "int",
            INTS,
        )
    )
    if isinstance(inner, list) or inner == "null":
        inner, values = "string", st.text(max_size=9)
    branches = [inner, "null"] if draw(st.booleans()) else ["null", inner]
    if kind == "union":
        return [*branches, "string", "double"], st.one_of(values, st.none(), st.text(max_size=4))
    return branches, st.one_of(st.none(), values)


@st.composite
def record_type(draw: Any, names: list[str], depth: int) -> tuple[Any, st.SearchStrategy[Any]]:
    name = f"t{len(names)}"
    names.append(name)
    parts = [draw(typed(names, depth)) for _ in range(draw(st.integers(1, 5)))]
    fields = [{"name": f"f{i}", "type": part[0]} for i, part in enumerate(parts)]
    values = st.fixed_dictionaries({f"f{i}": part[1] for i, part in enumerate(parts)})
    return {"type": "record", "name": name, "fields": fields}, values


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_random_records_are_read_as_fastavro_reads_them(data: st.DataObject) -> None:
    schema, values = data.draw(record_type([], 3))
    schema["fields"].append({"name": "candidate", "type": "null"})
    text = json.dumps(schema)
    drawn = data.draw(st.lists(values, min_size=1, max_size=4))
    written = [bare(record, json.loads(text)) for record in drawn]
    truth = [fastavro.schemaless_reader(io.BytesIO(w), json.loads(text), None) for w in written]
    parsed = parse(text)
    paths = sorted(p for p in parsed.paths() if parsed.slot(p))
    wanted = data.draw(st.lists(st.sampled_from(paths), unique=True)) if paths else []
    found = AvroAlerts(RawRecords.join(written, [parsed] * len(written)), wanted)
    assert not found.damaged
    assert_same(found, truth, paths)  # type: ignore[arg-type]


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_damage_never_reaches_the_neighbours(data: st.DataObject) -> None:
    truth = [alert(i, history=data.draw(st.integers(0, 5))) for i in range(3)]
    records = [bare(a) for a in truth]
    bad = bytearray(records[1])
    for _ in range(data.draw(st.integers(1, 4))):
        bad[data.draw(st.integers(0, len(bad) - 1))] = data.draw(st.integers(0, 255))
    records[1] = bytes(bad[: data.draw(st.integers(0, len(bad)))])
    found = read(records)
    assert set(found.damaged) <= {1}
    expected = [truth[0], {}, truth[2]]
    if not found.damaged:
        # Damage within values cannot be seen; fastavro must have read the same.
        reader = io.BytesIO(records[1])
        expected[1] = fastavro.schemaless_reader(
            reader, SCHEMA, None, handle_unicode_errors="replace"
        )  # type: ignore[assignment]
    assert_same(found, expected, WANTED)
