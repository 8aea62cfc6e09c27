"""The columns' declarations, against the schema of a genuine ZTF packet and an LSST table."""

from __future__ import annotations

import fastavro
import pyarrow.parquet as pq
import pytest

from skysift.alerts.columns import COLUMNS, SURVEYS, column, missing, source_paths

AVRO_KINDS = {
    "float": {"float", "double"},
    "int": {"int", "long"},
    "id": {"long"},
    "text": {"string"},
    "bool": {"string"},  # isdiffpos
}


@pytest.fixture(scope="module")
def candidate_fields(shared_data):
    """Fields of ``candidate`` in schema 4.01: name, type and whether it may be null."""
    packet = shared_data / "ztf/packets/20231012/2475433850215010007.avro"
    with packet.open("rb") as file:
        schema = fastavro.reader(file).writer_schema
    (candidate,) = (f["type"] for f in schema["fields"] if f["name"] == "candidate")
    found = {}
    for field in candidate["fields"]:
        kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
        found[field["name"]] = (kinds[-1], "null" in kinds)
    return found


def test_every_scalar_of_ztf_s_candidate_has_a_column(candidate_fields):
    assert len(candidate_fields) == 103
    for name in candidate_fields:
        paths = COLUMNS[name].paths["ztf"]
        assert paths == ((name,) if name == "candid" else (f"candidate.{name}",))


def test_kinds_agree_with_the_packet_s_types(candidate_fields):
    for name, (avro_type, _) in candidate_fields.items():
        assert avro_type in AVRO_KINDS[COLUMNS[name].kind], name


def test_columns_that_only_ztf_has_are_nullable_as_the_packet_says(candidate_fields):
    own = [n for n in candidate_fields if set(COLUMNS[n].paths) == {"ztf"}]
    wrong = [
        name
        for name in own
        if COLUMNS[name].nullable != (candidate_fields[name][1] or bool(COLUMNS[name].since))
    ]
    assert len(own) > 90
    assert not wrong


def test_every_lsst_path_is_in_a_genuine_table(shared_data):
    schema = pq.read_schema(shared_data / "lsst/v10_27.parquet")
    paths = source_paths(COLUMNS, "lsst")
    for path in paths:
        group, _, field = path.rpartition(".")
        kind = schema.field(group or field).type
        if group:
            struct = kind if group != "prvDiaSources" else kind.value_type
            assert struct.get_field_index(field) >= 0, path


def test_a_wrong_name_is_answered_with_the_nearest():
    with pytest.raises(KeyError, match="did you mean magpsf"):
        column("magpfs")


def test_every_column_says_what_it_is_and_where():
    for name, described in COLUMNS.items():
        assert described.name == name
        assert described.doc
        assert described.paths.keys() <= set(SURVEYS)
        assert described.paths
        assert described.optional <= {p for paths in described.paths.values() for p in paths}
        if described.low is not None and described.high is not None:
            assert described.low < described.high


def test_source_paths_name_each_field_once():
    assert source_paths(["ra", "magpsf", "ra"], "ztf") == ("candidate.ra", "candidate.magpsf")


def test_source_paths_pass_over_modules_and_what_the_survey_lacks():
    assert source_paths(["btsbot", "drb", "ra"], "lsst") == ("diaSource.ra",)


def test_a_light_curve_is_made_from_history_and_alert():
    paths = source_paths(["light_curve"], "ztf")
    fields = ["jd", "fid", "magpsf", "sigmapsf", "diffmaglim", "isdiffpos"]
    wanted = {f"{group}.{f}" for group in ("prv_candidates", "candidate") for f in fields}
    assert set(paths) == wanted


def test_missing_tells_what_was_looked_for():
    offered = {"candidate.ra"}
    assert missing(["ra", "magpsf"], "ztf", offered.__contains__) == {
        "magpsf": "looked for candidate.magpsf"
    }


def test_what_a_younger_schema_added_is_never_missing():
    assert missing(["drb", "drbversion"], "ztf", set().__contains__) == {}


def test_what_the_survey_does_not_send_is_missing():
    assert "lsst alerts" in missing(["rb"], "lsst", lambda path: True)["rb"]


def test_a_light_curve_can_do_without_limits():
    offered = set(source_paths(["light_curve"], "ztf"))
    limits = {"prv_candidates.diffmaglim", "candidate.diffmaglim"}
    assert missing(["light_curve"], "ztf", (offered - limits).__contains__) == {}
    assert missing(["light_curve"], "ztf", (offered - {"candidate.jd"}).__contains__)
