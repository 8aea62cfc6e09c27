"""The annotated record on the wire; truth is fastavro reading it as any client would."""

from __future__ import annotations

import io
import json

import fastavro
import pytest

from skysift.stream.container import write_container
from skysift.stream.wire import annotated_schema, append_structs, fingerprint

ALERT = {
    "type": "record",
    "name": "alert",
    "namespace": "ztf",
    "fields": [
        {"name": "objectId", "type": "string"},
        {"name": "candid", "type": "long"},
        {
            "name": "candidate",
            "type": {
                "type": "record",
                "name": "candidate",
                "fields": [{"name": "magpsf", "type": ["null", "float"], "default": None}],
            },
        },
    ],
}
STRUCTS = {"btsbot": {"score": "float", "status": "string", "version": "string"}}
VALUES = {"btsbot": {"score": 0.5, "status": "ok", "version": "v1"}}


def encode(alert: dict, schema: dict) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), alert)
    return out.getvalue()


def decode(record: bytes, schema_json: str) -> dict:
    return fastavro.schemaless_reader(
        io.BytesIO(record), fastavro.parse_schema(json.loads(schema_json))
    )


@pytest.fixture
def alert() -> dict:
    return {"objectId": "ZTF1", "candid": 7, "candidate": {"magpsf": None}}


def test_structs_are_appended_and_the_rest_is_untouched(alert):
    record = append_structs(encode(alert, ALERT), json.dumps(ALERT), STRUCTS, VALUES)
    assert decode(record, annotated_schema(json.dumps(ALERT), STRUCTS)) == {**alert, **VALUES}


def test_a_null_score_stays_null_beside_its_status(alert):
    values = {"btsbot": {"score": None, "status": "bad_stamp", "version": "v1"}}
    record = append_structs(encode(alert, ALERT), json.dumps(ALERT), STRUCTS, values)
    assert (
        decode(record, annotated_schema(json.dumps(ALERT), STRUCTS))["btsbot"] == values["btsbot"]
    )


def test_an_alert_that_was_annotated_before_gets_the_new_score_only(alert):
    once = annotated_schema(json.dumps(ALERT), STRUCTS)
    record = append_structs(encode(alert, ALERT), json.dumps(ALERT), STRUCTS, VALUES)
    again = {"btsbot": {"score": 0.25, "status": "ok", "version": "v2"}}
    record = append_structs(record, once, STRUCTS, again)
    assert decode(record, annotated_schema(once, STRUCTS)) == {**alert, **again}


def test_the_schema_is_the_same_whether_or_not_it_was_extended_before():
    once = annotated_schema(json.dumps(ALERT), STRUCTS)
    assert json.loads(annotated_schema(once, STRUCTS)) == json.loads(once)


def test_fingerprints_tell_schemas_apart():
    assert fingerprint(json.dumps(ALERT)) != fingerprint(
        annotated_schema(json.dumps(ALERT), STRUCTS)
    )


def test_a_container_of_encoded_records_is_read_by_fastavro(tmp_path, alert):
    records = [encode({**alert, "candid": number}, ALERT) for number in range(3)]
    path = tmp_path / "topic.avro"
    write_container(path, json.dumps(ALERT), records)
    with path.open("rb") as file:
        assert [row["candid"] for row in fastavro.reader(file)] == [0, 1, 2]
    assert [p.name for p in tmp_path.iterdir()] == ["topic.avro"]


def test_an_empty_container_is_a_container(tmp_path):
    write_container(tmp_path / "none.avro", json.dumps(ALERT), [])
    with (tmp_path / "none.avro").open("rb") as file:
        assert list(fastavro.reader(file)) == []
