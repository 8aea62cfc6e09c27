"""Truth is fastavro on the same bytes, and the count: records in = alerts + dead letters."""

from __future__ import annotations

import io
import json
from copy import deepcopy
from typing import Any

import fastavro
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skysift.alerts.decode import Decoded, decode
from skysift.alerts.payloads import Payload, iter_payloads
from tests.alerts.packets import (
    LSST_SCHEMA,
    REAL_PACKETS,
    SCHEMA,
    SCHEMA_JSON,
    SHARED,
    alert,
    bare,
    container,
)

COLUMNS = ("candid", "objectId", "magpsf", "light_curve")


def ocf(*alerts: dict[str, Any], source: str = "a.avro", offset: int = 0, **how: Any) -> Payload:
    return Payload("ocf", container(list(alerts), **how), None, source, offset)


def table(rows: dict[str, list[Any]], source: str = "t.parquet", offset: int = 0) -> Payload:
    sink = pa.BufferOutputStream()
    whole = pa.table(rows)
    with pa.ipc.new_stream(sink, whole.schema) as writer:
        writer.write_table(whole)
    return Payload("table", sink.getvalue().to_pybytes(), None, source, offset)


def letters(decoded: Decoded) -> list[tuple[str, int, str]]:
    return [(d.source, d.offset, d.reason) for d in decoded.dead]


def test_containers_and_bare_records_become_one_batch() -> None:
    payloads = [
        ocf(alert(0), alert(1), source="a"),
        Payload("record", bare(alert(2)), SCHEMA_JSON.encode(), "kafka:t/0", 77),
        ocf(alert(3), source="b", offset=10),
    ]
    decoded = decode(payloads, COLUMNS)
    (alerts,) = decoded.alerts
    assert not decoded.dead and len(decoded) == 4
    assert alerts.batch.survey == "ztf"
    assert alerts.batch.column("candid").tolist() == [alert(i)["candid"] for i in range(4)]
    assert alerts.source.tolist() == ["a", "a", "kafka:t/0", "b"]
    assert alerts.offset.tolist() == [0, 1, 77, 10]
    assert np.diff(alerts.batch.column("light_curve").offsets).tolist() == [4, 4, 4, 4]


def test_avro_alerts_leave_as_the_bytes_they_came_in() -> None:
    (alerts,) = decode([ocf(alert(0), alert(1))], COLUMNS).alerts
    assert alerts.record_bytes(1) == bare(alert(1))
    assert json.loads(alerts.schema_json(1))["name"] == "ztf.alert"


def test_rows_of_a_table_leave_as_avro() -> None:
    rows = {"objectId": ["x", "y"], "candid": [1, 2], "candidate": [{"jd": 2460000.5}] * 2}
    (alerts,) = decode([table(rows)], COLUMNS).alerts
    schema = json.loads(alerts.schema_json(1))
    record = fastavro.schemaless_reader(io.BytesIO(alerts.record_bytes(1)), schema, None)
    assert record == {"objectId": "y", "candid": 2, "candidate": {"jd": 2460000.5}}


def test_each_survey_has_its_batch() -> None:
    rubin = {"diaSource": {"diaSourceId": 5, "midpointMjdTai": 61000.0}}
    payloads = [ocf(alert(0)), ocf(rubin, schema=LSST_SCHEMA, source="r"), ocf(alert(1))]
    decoded = decode(payloads, ("alert_id",))
    assert {a.batch.survey: len(a.batch) for a in decoded.alerts} == {"ztf": 2, "lsst": 1}


def test_alerts_without_id_or_time_are_dead_letters() -> None:
    bad = [{**alert(1), "candid": None}, alert(2, jd=None), alert(3, jd=float("nan"))]
    decoded = decode([ocf(alert(0), *bad, alert(4))], COLUMNS)
    (alerts,) = decoded.alerts
    assert alerts.offset.tolist() == [0, 4]
    assert letters(decoded) == [
        ("a.avro", 1, "it has no candid"),
        ("a.avro", 2, "it has no candidate.jd"),
        ("a.avro", 3, "it has no candidate.jd"),
    ]
    assert decoded.dead[1].data == bare(alert(2, jd=None))


def test_rows_without_id_or_time_are_dead_letters() -> None:
    rows = {
        "candid": [1, None, 3],
        "candidate": [{"jd": 2460000.5, "magpsf": 18.0}, {"jd": 1.0}, {"jd": None}],
        "objectId": ["x", "y", "z"],
    }
    decoded = decode([table(rows, offset=100)], COLUMNS)
    (alerts,) = decoded.alerts
    assert alerts.batch.column("candid").tolist() == [1]
    assert alerts.offset.tolist() == [100]
    assert letters(decoded) == [
        ("t.parquet", 101, "it has no candid"),
        ("t.parquet", 102, "it has no candidate.jd"),
    ]
    assert decoded.dead[0].data


def test_tables_of_other_things_are_dead_letters() -> None:
    decoded = decode([table({"x": [1, 2]}), table({"candid": ["no"], "objectId": ["x"]})], ())
    assert not decoded.alerts
    assert [offset for _, offset, _ in letters(decoded)] == [0, 1, 0]
    assert "cannot tell the survey" in decoded.dead[0].reason


def test_tables_that_differ_have_batches_of_their_own() -> None:
    rows = {"candid": [1], "candidate": [{"jd": 2460000.5}], "objectId": ["x"]}
    decoded = decode([table(rows), table({**rows, "rb": [0.5]}), table(rows, source="u")], ())
    assert [a.source.tolist() for a in decoded.alerts] == [["t.parquet", "u"], ["t.parquet"]]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (Payload("broken", b"xx", b"it is empty", "a", 3), "it is empty"),
        (Payload("ocf", b"Obj\x01", None, "a", 3), "the container ends too early"),
        (Payload("table", b"xx", None, "a", 3), "the table cannot be read"),
        (Payload("record", b"\x02", SCHEMA_JSON.encode(), "a", 3), "impossible length"),
        (
            Payload("record", b"\x02", b'{"type":"record","name":"a","fields":[]}', "a", 3),
            "neither of ZTF, nor of LSST",
        ),
    ],
)
def test_whatever_cannot_be_decoded_is_a_dead_letter(payload: Payload, reason: str) -> None:
    decoded = decode([payload, ocf(alert(0))], COLUMNS)
    assert len(decoded.alerts) == 1 and len(decoded) == 2
    (letter,) = decoded.dead
    assert (letter.source, letter.offset, letter.data) == ("a", 3, payload.data)
    assert reason in letter.reason


def test_batches_can_be_given_up() -> None:
    (alerts,) = decode([ocf(alert(0), alert(1))], COLUMNS).alerts
    dead = alerts.as_dead_letters("of another survey")
    assert [(d.offset, d.reason, d.data) for d in dead] == [
        (0, "of another survey", bare(alert(0))),
        (1, "of another survey", bare(alert(1))),
    ]


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_nothing_is_lost_whatever_is_damaged(data: st.DataObject) -> None:
    payloads = [ocf(alert(i), source=f"{i}") for i in range(4)]
    damaged = bytearray(payloads[1].data)
    for _ in range(data.draw(st.integers(1, 5))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    damaged = damaged[: data.draw(st.integers(0, len(damaged)))]
    payloads[1] = Payload("ocf", bytes(damaged), None, "1", 0)
    decoded = decode(payloads, COLUMNS)
    sources = [s for a in decoded.alerts for s in a.source]
    assert [s for s in sources if s != "1"] == ["0", "2", "3"]
    assert {d.source for d in decoded.dead} <= {"1"}
    for alerts in decoded.alerts:
        for name in COLUMNS:
            alerts.batch.column(name)


ODD_TYPES = [
    None, 5, 2**80, "int", "nonsense", "ztf.alert", "ztf.alert.cutout", [], {}, ["int"],
    [["null", "int"], "string"], {"type": {"type": "int"}}, {"type": ["null", "int"]},
    {"type": "array", "items": "ztf.alert.cutout"}, {"type": "map", "values": "int"},
    {"type": "fixed", "name": "a", "size": 3}, {"type": "fixed", "name": "b", "size": "3"},
    {"type": "enum", "name": "c", "symbols": []}, {"type": "error", "name": "d", "fields": []},
]  # fmt: skip


def parts(node: Any) -> list[tuple[Any, Any]]:
    """All places in a JSON value, as container and key."""
    keys = list(node) if isinstance(node, dict) else range(len(node))
    here = [(node, key) for key in keys]
    inner = [node[key] for key in keys if isinstance(node[key], (dict, list))]
    return here + [place for value in inner for place in parts(value)]


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_odd_schemas_do_not_raise_and_leave_the_others(data: st.DataObject) -> None:
    schema = json.loads(SCHEMA_JSON)
    for _ in range(data.draw(st.integers(1, 2))):
        node, key = data.draw(st.sampled_from(parts(schema)))
        node[key] = deepcopy(data.draw(st.sampled_from(ODD_TYPES)))  # the next draw may change it
    odd = Payload("record", bare(alert(1)), json.dumps(schema).encode(), "odd", 0)
    decoded = decode([odd, ocf(alert(0))], COLUMNS)
    assert len(decoded) == 2
    (alerts,) = [a for a in decoded.alerts if "a.avro" in a.source]
    row = alerts.source.tolist().index("a.avro")
    assert alerts.batch.column("candid")[row] == alert(0)["candid"]
    assert alerts.batch.column("light_curve").one(row)["jd"][-1] == alert(0)["candidate"]["jd"]


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_damaged_tables_do_not_raise(data: st.DataObject) -> None:
    rows = {"candid": [1, 2], "candidate": [{"jd": 2460000.5}] * 2, "objectId": ["x", None]}
    damaged = bytearray(table(rows).data)
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    decode([Payload("table", bytes(damaged), None, "t", 0)], COLUMNS)


@pytest.mark.skipif(not REAL_PACKETS, reason="no real packets at ../shared/data/ztf/packets")
def test_every_real_alert_is_decoded() -> None:
    counts = {}
    for name in ("ztf/packets", "ztf/tables", "lsst"):
        decoded = decode(list(iter_payloads(SHARED / name)), COLUMNS)
        assert not decoded.dead
        counts[name] = sum(len(a.batch) for a in decoded.alerts)
    assert counts == {"ztf/packets": 41, "ztf/tables": 280, "lsst": 37}


def test_the_schema_of_the_packets_is_one_fastavro_accepts() -> None:
    assert fastavro.schemaless_reader(io.BytesIO(bare(alert(1))), SCHEMA, None) == alert(1)
