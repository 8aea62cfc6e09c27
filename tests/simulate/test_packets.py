"""Truth: fastavro reads what was written; real packets say what the fields are."""

from __future__ import annotations

import io
from pathlib import Path

import fastavro
import numpy as np
import pytest

from skysift.simulate.packets import load_schema

REAL = Path(__file__).parents[2] / ".." / "shared" / "data" / "ztf" / "packets" / "20231012"


def record_fields(schema, name):
    """Field name → type of a record within a packet's schema, null stripped of arrays."""
    kind = next(field["type"] for field in schema["fields"] if field["name"] == name)
    if isinstance(kind, list):
        kind = next(option for option in kind if option != "null")
    kind = kind["items"] if kind["type"] == "array" else kind
    return [(field["name"], field["type"]) for field in kind["fields"]]


def test_fastavro_reads_every_packet_back_as_it_was(alerts, folder) -> None:
    for packet, _ in alerts:
        stored = (folder / "packets" / f"{packet['candid']}.avro").read_bytes()
        reader = fastavro.reader(io.BytesIO(stored))
        assert reader.writer_schema["version"] == "4.02"
        (found,) = reader
        assert set(found) == set(packet)
        assert found["cutoutScience"] == packet["cutoutScience"]
        assert found["candidate"]["candid"] == packet["candid"]
        assert found["candidate"]["magpsf"] == np.float32(packet["candidate"]["magpsf"])
        assert len(found["prv_candidates"] or []) == len(packet["prv_candidates"] or [])


def test_every_candidate_field_is_filled(alerts) -> None:
    names = [name for name, _ in record_fields(load_schema(), "candidate")]
    assert len(names) == 103
    for packet, _ in alerts:
        assert set(names) == set(packet["candidate"])
        assert all(packet["candidate"][name] is not None for name in names)
        numbers = [v for v in packet["candidate"].values() if isinstance(v, float)]
        assert np.isfinite(numbers).all()


@pytest.mark.parametrize("record", ["candidate", "prv_candidates", "fp_hists"])
def test_names_types_and_order_are_those_of_real_packets(record) -> None:
    files = sorted(REAL.glob("*.avro"))
    if not files:
        pytest.skip("needs the real packets of ../shared/data")
    with files[0].open("rb") as stream:
        real = fastavro.reader(stream).writer_schema
    ours = load_schema()
    assert [f["name"] for f in ours["fields"]] == [f["name"] for f in real["fields"]]
    assert record_fields(ours, record) == record_fields(real, record)


def test_history_is_in_order_and_ends_before_the_alert(alerts) -> None:
    for packet, _ in alerts:
        now = packet["candidate"]["jd"]
        jd = [entry["jd"] for entry in packet["prv_candidates"] or []]
        assert jd == sorted(set(jd))
        assert all(now - 30.0 <= t < now for t in jd)
        forced = [entry["jd"] for entry in packet["fp_hists"] or []]
        assert forced == jd[::-1]


def test_upper_limits_are_null_and_detections_are_significant(alerts) -> None:
    entries = [e for packet, _ in alerts for e in packet["prv_candidates"] or []]
    limits = [e for e in entries if e["magpsf"] is None]
    detections = [e for e in entries if e["magpsf"] is not None]
    assert limits and detections
    for entry in limits:
        assert 17.0 < entry["diffmaglim"] < 22.0
        assert entry["candid"] is entry["isdiffpos"] is entry["ra"] is entry["rb"] is None
    for entry in detections:
        assert entry["scorr"] > 5.0
        assert entry["sigmapsf"] < 2.5 / np.log(10.0) / 5.0


def test_history_agrees_between_the_packets_of_one_object(alerts) -> None:
    seen: dict[tuple[str, float], float | None] = {}
    shared = 0
    for packet, _ in alerts:
        for entry in [*(packet["prv_candidates"] or []), packet["candidate"]]:
            key = (packet["objectId"], entry["jd"])
            shared += key in seen
            assert seen.setdefault(key, entry["magpsf"]) == entry["magpsf"]
    assert shared


def test_counts_cover_the_history(alerts) -> None:
    for packet, _ in alerts:
        candidate, history = packet["candidate"], packet["prv_candidates"] or []
        detections = sum(entry["magpsf"] is not None for entry in history) + 1
        assert candidate["ndethist"] >= detections
        assert candidate["ncovhist"] >= candidate["ndethist"]
        assert candidate["jdstarthist"] <= candidate["jdendhist"] == candidate["jd"]
        assert candidate["jdstartref"] < candidate["jdendref"] < candidate["jd"]
        if candidate["ndethist"] == 1:
            assert candidate["jdstarthist"] == candidate["jd"]


def test_counts_never_fall_through_the_life_of_an_object(alerts) -> None:
    last: dict[str, dict] = {}
    for packet, _ in alerts:
        now = packet["candidate"]
        before = last.setdefault(packet["objectId"], now)
        assert now["ndethist"] >= before["ndethist"] and now["ncovhist"] >= before["ncovhist"]
        assert now["jdstarthist"] == before["jdstarthist"]
        last[packet["objectId"]] = now


def test_matches_are_sorted_and_absent_ones_are_marked(alerts) -> None:
    absent = 0
    for packet, _ in alerts:
        candidate = packet["candidate"]
        distances = [candidate[f"distpsnr{place}"] for place in (1, 2, 3)]
        there = [distance for distance in distances if distance != -999.0]
        assert there == sorted(there) and all(0.0 <= d < 30.0 for d in there)
        assert len(there) == min(candidate["nmtchps"], 3)
        for place in range(len(there) + 1, 4):
            absent += 1
            assert candidate[f"sgscore{place}"] == candidate[f"srmag{place}"] == -999.0
            assert candidate[f"objectidps{place}"] == -999
        assert all(s == -999.0 or 0.0 <= s <= 1.0 for s in (candidate["sgscore1"],))
    assert absent


def test_kinds_can_be_told_apart_as_on_the_sky(alerts) -> None:
    def median(name: str, *kinds: str) -> float:
        values = [p["candidate"][name] for p, row in alerts if row["class"] in kinds]
        return float(np.median(values))

    hosts = ("supernova", "dim_supernova")
    assert median("sgscore1", "variable") > 0.9 > 0.5 > median("sgscore1", *hosts)
    assert median("distpsnr1", "variable") < 0.5 < median("distpsnr1", *hosts)
    assert median("drb", "bogus") < 0.5 < median("drb", *hosts)
    assert median("ndethist", "variable") > 50 > median("ndethist", "asteroid")
    known = [p["candidate"]["ssdistnr"] for p, row in alerts if row["class"] == "asteroid"]
    assert np.mean(np.array(known) >= 0.0) > 0.5
