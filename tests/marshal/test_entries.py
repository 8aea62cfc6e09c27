"""The index of alerts: held to fastavro's own reading of the same files."""

from __future__ import annotations

import gzip
import io
import json
import math
import tarfile
from importlib.resources import files
from pathlib import Path

import fastavro
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io import fits

from skysift.marshal.entries import PILE, Entry, Place, read_entries
from skysift.marshal.open_alert import GoneError, read_alert
from tests.marshal.browser.night import SCORE

ALERT = json.loads(files("skysift.simulate").joinpath("ztf_alert.avsc").read_text())


def write(path: Path, alerts: list, *, schema=None, codec: str = "null", **more) -> Path:
    fields = ALERT["fields"] + [SCORE]
    schema = fastavro.parse_schema({**ALERT, "fields": fields} if schema is None else schema)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        fastavro.writer(file, schema, alerts, codec=codec, **more)
    return path


def entries(*paths: Path) -> list[Entry]:
    found = list(read_entries(paths))
    assert all(isinstance(entry, Entry) for entry in found), found
    return sorted(found, key=lambda entry: entry.alert_id)


def test_an_entry_says_what_the_alert_does(tmp_path, night_alerts):
    found = entries(write(tmp_path / "a.avro", night_alerts))
    told = sorted(night_alerts, key=lambda alert: alert["candid"])
    bands = {1: "g", 2: "r", 3: "i"}
    for entry, alert in zip(found, told, strict=True):
        candidate, score = alert["candidate"], alert["btsbot"]["score"]
        assert (entry.alert_id, entry.object) == (alert["candid"], alert["objectId"])
        assert (entry.jd, entry.band) == (candidate["jd"], bands[candidate["fid"]])
        assert entry.magpsf == pytest.approx(candidate["magpsf"], rel=1e-6)
        assert (entry.ra, entry.dec) == (candidate["ra"], candidate["dec"])
        assert entry.scores == ({} if score is None else {"btsbot.score": score})
        assert entry.statuses == {"btsbot": alert["btsbot"]["status"]}
    assert {entry.statuses["btsbot"] for entry in found} == {"ok", "missing_stamp"}


@pytest.mark.parametrize("layout", ["blocks", "one block", "deflate", "files", "tarball"])
def test_an_alert_is_read_back_from_its_place_whatever_it_lies_in(tmp_path, night_alerts, layout):
    if layout == "files":
        for alert in night_alerts:
            write(tmp_path / f"{alert['candid']}.avro", [alert])
        paths = sorted(tmp_path.iterdir())
    elif layout == "tarball":
        paths = [tmp_path / "night.tar.gz"]
        with tarfile.open(paths[0], "w:gz") as tar:
            for alert in night_alerts:
                tar.add(write(tmp_path / "x.avro", [alert]), f"{alert['candid']}.avro")
    else:
        how = {"blocks": {"sync_interval": 1}, "one block": {"sync_interval": 10**8},
               "deflate": {"codec": "deflate"}}[layout]  # fmt: skip
        paths = [write(tmp_path / "a.avro", night_alerts, **how)]
    by_id = {alert["candid"]: alert for alert in night_alerts}
    found = entries(*paths)
    assert len(found) == len(by_id)
    for entry in found:
        opened = read_alert(entry)
        assert opened.value("alert_id") == entry.alert_id
        assert opened.value("objectId") == by_id[entry.alert_id]["objectId"]
        assert opened.modules == {"btsbot": by_id[entry.alert_id]["btsbot"]}
        packed = by_id[entry.alert_id]["cutoutScience"]["stampData"]
        science = fits.getdata(io.BytesIO(gzip.decompress(packed)))
        np.testing.assert_array_equal(opened.stamp("science"), science)


def test_many_files_are_piled_and_none_is_lost(tmp_path, night_alerts):
    packet = [night_alerts[0]]
    for number in range(PILE + 10):
        write(tmp_path / f"{number}.avro", [packet[0] | {"candid": 10**15 + number}])
    found = entries(*tmp_path.iterdir())
    assert [entry.alert_id for entry in found] == [10**15 + n for n in range(PILE + 10)]
    assert all(entry.place.file.endswith(f"/{entry.alert_id - 10**15}.avro") for entry in found)


def test_alerts_with_and_without_scores_lie_side_by_side(tmp_path, night_alerts):
    scored = write(tmp_path / "scored.avro", night_alerts[:2])
    raw = write(tmp_path / "raw.avro", night_alerts[2:4], schema=ALERT)
    found = {entry.alert_id: entry.scores for entry in entries(scored, raw)}
    assert [bool(found[alert["candid"]]) for alert in night_alerts[:4]] == [
        True,
        True,
        False,
        False,
    ]


def test_tables_are_read_without_their_stamps(tmp_path, night_alerts):
    rows = [
        {"candid": a["candid"], "objectId": a["objectId"], "candidate": a["candidate"],
         "btsbot": a["btsbot"], "cutoutScience": a["cutoutScience"]}
        for a in night_alerts
    ]  # fmt: skip
    path = tmp_path / "t.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=7)
    found = entries(path)
    assert len(found) == len(night_alerts)
    by_id = {alert["candid"]: alert for alert in night_alerts}
    for entry in (found[0], found[-1]):
        opened = read_alert(entry)
        assert opened.modules["btsbot"]["status"] == by_id[entry.alert_id]["btsbot"]["status"]
        assert opened.stamp("science") is None  # the other two are not there


def test_what_cannot_be_read_is_told_and_spoils_nothing_else(tmp_path, night_alerts):
    good = write(tmp_path / "good.avro", night_alerts[:3])
    cut = write(tmp_path / "cut.avro", night_alerts[3:4])
    cut.write_bytes(cut.read_bytes()[:-2000])
    for name, data in {"text.avro": b"no alert", "empty.avro": b"", "p.parquet": b"PAR1x"}.items():
        (tmp_path / name).write_bytes(data)
    nameless = [{**night_alerts[4], "candid": 0}]
    write(tmp_path / "nameless.avro", nameless)
    other = {"type": "record", "name": "other", "fields": [{"name": "x", "type": "int"}]}
    write(tmp_path / "other.avro", [{"x": 1}], schema=other)
    found = list(read_entries(sorted(tmp_path.iterdir())))
    assert {e.alert_id for e in found if isinstance(e, Entry)} == {
        alert["candid"] for alert in night_alerts[:3]
    }
    told = [line for line in found if isinstance(line, str)]
    for name in ("cut", "text", "empty", "p.parquet", "nameless", "other"):
        assert sum(f"/{name}" in line for line in told) == 1, (name, told)
    assert not any(str(good) in line for line in told)


def test_missing_numbers_are_told_as_missing(tmp_path, night_alerts):
    alert = night_alerts[0]
    odd = {**alert, "btsbot": {"score": math.nan, "status": "ok", "version": "v"}}
    odd["candidate"] = {**alert["candidate"], "fid": 9}
    none = {**alert, "candid": alert["candid"] + 1, "btsbot": None}
    first, second = entries(write(tmp_path / "a.avro", [odd, none]))
    assert (first.scores, first.statuses, first.band) == ({}, {"btsbot": "ok"}, None)
    assert (second.scores, second.statuses) == ({}, {})
    assert read_alert(second).modules == {}


def test_an_alert_that_has_moved_is_not_taken_for_another(tmp_path, night_alerts):
    path = write(tmp_path / "a.avro", night_alerts[:2])
    first, second = entries(path)
    other = Place(second.place.file, second.place.piece, second.place.number)
    swapped = Entry(**{f: getattr(first, f) for f in Entry.__dataclass_fields__} | {"place": other})
    with pytest.raises(GoneError, match=str(first.alert_id)):
        read_alert(swapped)
    write(path, night_alerts[5:6])
    with pytest.raises(GoneError):
        read_alert(second)


def test_real_alerts_of_both_surveys_are_found_and_opened(shared_data):
    for folder, survey in (("ztf", "ztf"), ("lsst", "lsst")):
        paths = sorted(
            p for p in (shared_data / folder).rglob("*") if p.suffix in (".avro", ".parquet")
        )
        found = entries(*paths)
        assert len(found) > 30
        for entry in found[:: len(found) // 8]:
            opened = read_alert(entry)
            assert opened.survey == survey
            assert len(opened.light_curve()["jd"]) >= 1
            assert np.isfinite([entry.jd, entry.ra, entry.dec]).all()


def test_a_bare_record_of_a_pool_is_read_back(tmp_path, night_alerts):
    from skysift.alerts.packet_table import PACKET, PACKET_SCHEMA

    schema = {**ALERT, "fields": ALERT["fields"] + [SCORE]}
    parsed = fastavro.parse_schema(schema)
    rows = []
    for alert in night_alerts[:5]:
        out = io.BytesIO()
        fastavro.schemaless_writer(out, parsed, alert)
        rows.append({PACKET: out.getvalue(), PACKET_SCHEMA: json.dumps(schema), "feature": 1.0})
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "pool.parquet", row_group_size=2)
    found = entries(tmp_path / "pool.parquet")
    assert [e.alert_id for e in found] == sorted(a["candid"] for a in night_alerts[:5])
    for entry in found:
        assert read_alert(entry).value("objectId") == entry.object
