"""The Python stage by itself: whatever comes in leaves as an alert or as a dead letter."""

from __future__ import annotations

import io
import json

import fastavro
import numpy as np
import pyarrow as pa
import pytest

from skysift.alerts.payload import Payload
from skysift.filters import Filter
from skysift.science_modules import ScienceModule
from skysift.stream import stage as staging
from skysift.stream.plan import Plan
from skysift.stream.stage import Stage

CANDIDATE = {
    "type": "record",
    "name": "candidate",
    "fields": [
        {"name": "jd", "type": "double"},
        {"name": "fid", "type": "int"},
        {"name": "magpsf", "type": ["null", "float"]},
        {"name": "sigmapsf", "type": ["null", "float"]},
        {"name": "isdiffpos", "type": "string"},
        {"name": "ra", "type": "double"},
        {"name": "dec", "type": "double"},
    ],
}
SCHEMA = {
    "type": "record",
    "name": "alert",
    "fields": [
        {"name": "objectId", "type": "string"},
        {"name": "candid", "type": "long"},
        {"name": "candidate", "type": CANDIDATE},
    ],
}


def brightness(magpsf: np.ndarray) -> dict:
    """Score by brightness, 0 at 25 mag."""
    known = np.isfinite(magpsf)
    status = np.where(known, "ok", "nan_feature").astype(object)
    return {"score": (25 - magpsf).astype(np.float32), "status": status, "version": "b1"}


def bright(brightness: dict, *, least: float = 6.0) -> np.ndarray:
    """Brighter than 19."""
    return brightness["score"] > least


def make_stage(score=brightness, select=bright) -> Stage:
    module = ScienceModule("brightness", score, {"score": "float"}, ("ztf",))
    chosen = Filter("bright", select, "skysift_bright_{survey}")
    return Stage(Plan("ztf", (module,), (chosen,)), unpack=lambda batch: iter(()))


def packet(candid: int, magpsf: float | None = 18.0) -> dict:
    place = {"ra": 1.0, "dec": 2.0, "jd": 2460000.5, "fid": 1}
    candidate = {"magpsf": magpsf, "sigmapsf": 0.1, "isdiffpos": "t", **place}
    return {"objectId": f"ZTF{candid}", "candid": candid, "candidate": candidate}


def payload(*packets: dict, source: str = "a.avro") -> Payload:
    out = io.BytesIO()
    fastavro.writer(out, fastavro.parse_schema(SCHEMA), packets)
    return Payload("ocf", out.getvalue(), None, source, 0)


def run(stage: Stage, *payloads: Payload) -> list[dict]:
    return pa.Table.from_batches(stage.process(list(payloads))).to_pylist()


def test_each_alert_leaves_with_its_score_and_where_it_goes():
    bright_one, faint, unknown = run(
        make_stage(), payload(packet(1), packet(2, 22.0), packet(3, None))
    )
    assert bright_one["brightness"] == {"score": 7.0, "status": "ok", "version": "b1"}
    assert bright_one["topics"] == ["skysift_bright_ztf"]
    assert (faint["topics"], faint["value"]) == ([], None)
    assert unknown["brightness"] == {"score": None, "status": "nan_feature", "version": "b1"}
    assert [row["row"] for row in (bright_one, faint, unknown)] == [f"a.avro#{i}" for i in range(3)]


def test_a_routed_alert_reads_back_with_its_schema():
    (row,) = run(make_stage(), payload(packet(1)))
    schema = fastavro.parse_schema(json.loads(row["schema"]))
    alert = fastavro.schemaless_reader(io.BytesIO(row["value"]), schema)
    assert alert["candidate"]["magpsf"] == 18.0
    assert alert["brightness"]["score"] == 7.0


def test_garbage_becomes_a_dead_letter_and_leaves_its_neighbours_alone():
    rows = run(make_stage(), payload(packet(1)), Payload("ocf", b"junk", None, "b.avro", 0))
    alert, letter = rows
    assert alert["alert_id"] == 1
    assert (letter["source"], letter["value"]) == ("b.avro", b"junk")
    assert letter["reason"]


def test_alerts_of_another_survey_are_dead_letters_that_say_so():
    stage = make_stage()
    stage = Stage(Plan("lsst", (), ()), stage.unpack)
    (letter,) = run(stage, payload(packet(1)))
    assert letter["reason"] == "an alert of ztf in a job for lsst"
    assert letter["value"]


def test_a_module_that_raises_costs_its_score_not_the_alert():
    def broken(magpsf: np.ndarray) -> dict:
        """Fail."""
        raise RuntimeError("no luck")

    (row,) = run(make_stage(score=broken), payload(packet(1)))
    assert row["alert_id"] == 1
    assert row["brightness"] == {"score": None, "status": "module_error", "version": None}


def test_a_filter_that_raises_selects_nothing_and_stops_nothing():
    def broken(brightness: dict) -> np.ndarray:
        """Fail."""
        raise RuntimeError("no luck")

    (row,) = run(make_stage(select=broken), payload(packet(1)))
    assert (row["alert_id"], row["topics"]) == (1, [])


def test_a_payload_that_breaks_the_stage_itself_is_buried_alone(monkeypatch):
    decode = staging.decode

    def fails_on_b(payloads, columns):
        if any(p.source == "b.avro" for p in payloads):
            raise MemoryError("too much")
        return decode(payloads, columns)

    monkeypatch.setattr(staging, "decode", fails_on_b)
    rows = run(make_stage(), payload(packet(1)), payload(packet(2), source="b.avro"))
    assert [row["alert_id"] for row in rows] == [1, None]
    assert rows[1]["reason"] == "MemoryError: too much"


@pytest.mark.parametrize("packets", [0, 1, 5])
def test_rows_in_are_rows_out(packets):
    stage = make_stage()
    incoming = [payload(*(packet(n) for n in range(packets))), Payload("broken", b"", b"x", "s", 0)]
    assert sum(batch.num_rows for batch in stage.process(incoming)) == packets + 1
