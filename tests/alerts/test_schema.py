"""Truth is the Avro specification, and the schemas written out here."""

from __future__ import annotations

import json

import pytest

from skysift.alerts.schema import SchemaError, parse
from tests.alerts.packets import LSST_SCHEMA, SCHEMA, SCHEMA_JSON


def test_the_same_json_is_parsed_once() -> None:
    assert parse(SCHEMA_JSON) is parse(SCHEMA_JSON)
    assert parse(SCHEMA_JSON).text == SCHEMA_JSON


def test_the_survey_is_told_by_a_top_level_field() -> None:
    assert parse(SCHEMA_JSON).survey == "ztf"
    assert parse(json.dumps(LSST_SCHEMA)).survey == "lsst"
    assert parse('{"type": "record", "name": "a", "fields": []}').survey is None


@pytest.mark.parametrize(
    ("path", "slot"),
    [
        ("objectId", "objectId"),
        ("candidate.magpsf", "candidate.magpsf"),
        ("cutoutScience.stampData", "cutoutScience.stampData"),
        ("cutoutTemplate.stampData", "cutoutTemplate.stampData"),
        ("prv_candidates", "prv_candidates[]"),
        ("prv_candidates.jd", "prv_candidates[].jd"),
        ("candidate.none", None),
        ("objectId.none", None),
        ("magpsf", None),
        ("", None),
    ],
)
def test_fields_are_found_through_unions_lists_and_names(path: str, slot: str | None) -> None:
    assert parse(SCHEMA_JSON).slot(path) == slot


def test_all_listed_paths_are_found() -> None:
    schema = parse(SCHEMA_JSON)
    assert {"objectId", "prv_candidates", "prv_candidates.jd", "candidate.ra"} <= schema.paths()
    assert all(schema.slot(path) for path in schema.paths())


def test_a_list_within_a_list_has_no_slot() -> None:
    inner = {"type": "array", "items": "int"}
    outer = {"type": "array", "items": inner}
    schema = {"type": "record", "name": "a", "fields": [{"name": "x", "type": outer}]}
    assert parse(json.dumps(schema)).slot("x") == "x[]"
    assert "x" in parse(json.dumps(schema)).paths()


def test_a_type_that_holds_itself_has_finitely_many_paths() -> None:
    node = {
        "type": "record",
        "name": "node",
        "fields": [{"name": "v", "type": "int"}, {"name": "next", "type": ["null", "node"]}],
    }
    schema = parse(json.dumps(node))
    assert schema.slot("next.next.next.next.next.v") == "next.next.next.next.next.v"
    assert schema.paths() == {"v", "next"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        '"string"',
        '{"type": "array", "items": "int"}',
        '{"type": "record", "name": "a", "fields": [{"name": "x", "type": "nonsense"}]}',
        '{"type": "record", "name": "a", "fields": [{"name": "x", "type": 7}]}',
        "[" * 100_000,
        '{"type": "record", "name": "a", "fields": '
        '[{"name": "x", "type": {"type": "fixed", "name": "f", "size": 9999999999999999999}}]}',
        json.dumps(SCHEMA).replace('"double"', "[" * 150 + '"int"' + "]" * 150),
    ],
)
def test_what_is_no_schema_of_a_record_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(SchemaError, match=r"its (Avro schema|JSON)"):
        parse(text)
