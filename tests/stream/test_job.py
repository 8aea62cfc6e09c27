"""The job as a process: folder in, folders out. Packets in = alerts + repeats + dead letters."""

from __future__ import annotations

import shutil
import signal
import tarfile
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.stream.jobs import annotated, candids, kill, skysift, start, topic, wait_for

BRIGHT = "skysift_bts_candidates_ztf"


@pytest.fixture(scope="module")
def night(packets: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the job over the night, with a repeat and two broken files in it."""
    source = tmp_path_factory.mktemp("source") / "packets"
    shutil.copytree(packets, source)
    some = sorted(source.glob("*.avro"))
    shutil.copy(some[0], source / "again.avro")
    (source / "garbage.avro").write_bytes(b"no packet at all")
    (source / "cut.avro").write_bytes(some[1].read_bytes()[:40_000])
    sink = tmp_path_factory.mktemp("sink") / "out"
    skysift("run", "--source", source, "--sink", sink, "--once")
    return sink


def test_every_packet_is_annotated_once(packets, night):
    rows = annotated(night)
    assert sorted(rows["candid"]) == sorted(int(p.stem) for p in packets.glob("*.avro"))


def test_annotated_rows_carry_score_status_and_version(night):
    scores = pd.json_normalize(annotated(night)["btsbot"])
    assert set(scores.columns) == {"score", "uncertainty", "stage", "status", "version"}
    assert scores["score"].notna().eq(scores["status"] == "ok").all()
    assert (scores["status"] == "ok").any()
    assert scores["score"].dropna().between(0, 1).all()


def test_a_topic_holds_what_the_parquet_says_was_routed(night):
    rows = annotated(night)
    routed = rows[[BRIGHT in topics for topics in rows["topics"]]]
    assert candids(topic(night, BRIGHT)) == sorted(routed["candid"])
    assert len(routed), "the simulated night has no bright supernova: give it another seed"


def test_a_routed_alert_is_the_packet_with_the_scores_added(packets, night):
    import fastavro

    alert = topic(night, BRIGHT)[0]
    with (packets / f"{alert['candid']}.avro").open("rb") as file:
        packet = next(fastavro.reader(file))
    assert {name: alert[name] for name in packet} == packet
    assert alert["btsbot"]["score"] >= 0.5


def test_what_cannot_be_decoded_is_kept_with_reason_source_and_offset(night):
    letters = pq.read_table(night / "dead_letters").to_pandas().set_index("source")
    letters.index = [Path(name).name for name in letters.index]
    assert set(letters.index) == {"garbage.avro", "cut.avro"}
    assert letters["reason"].str.len().gt(10).all()
    assert letters.loc["garbage.avro", "value"] == b"no packet at all"


def test_a_second_run_finds_nothing_new_and_changes_nothing(packets, night):
    before = sorted((str(p), p.stat().st_mtime_ns) for p in night.glob("annotated/*/*.parquet"))
    shown = skysift("run", "--source", _source_of(night), "--sink", night, "--once")
    assert "0 new alerts" in shown
    after = sorted((str(p), p.stat().st_mtime_ns) for p in night.glob("annotated/*/*.parquet"))
    assert after == before


def test_pictures_of_the_candidates_are_drawn(night):
    pictures = list((night / "pictures").glob("*.png"))
    assert pictures
    assert all(p.read_bytes().startswith(b"\x89PNG") for p in pictures)


def test_a_nightly_tarball_gives_the_same_alerts_and_scores(packets, night, tmp_path):
    tarball = tmp_path / "ztf_public_20240101.tar.gz"
    with tarfile.open(tarball, "w:gz") as tar:
        for path in sorted(packets.glob("*.avro")):
            tar.add(path, arcname=path.name)
    skysift("run", "--source", tarball, "--sink", tmp_path / "out", "--once")
    _same_scores(annotated(tmp_path / "out"), annotated(night))


def test_killed_in_the_middle_and_started_again_nothing_is_lost_or_doubled(packets, tmp_path):
    source, sink, log = tmp_path / "in", tmp_path / "out", tmp_path / "log"
    source.mkdir()
    names = sorted(packets.glob("*.avro"))
    _drop(names[:40], source)
    job = start("run", "--source", source, "--sink", sink, log=log)
    wait_for(lambda: any(sink.glob("annotated/batch=*/_SUCCESS")), job, log)
    _drop(names[40:90], source)
    wait_for(lambda: any(sink.glob("_checkpoint/spool/*.arrow")), job, log)
    kill(job)
    _drop(names[90:], source)
    job = start("run", "--source", source, "--sink", sink, log=log)
    wait_for(lambda: _count(sink) >= len(names), job, log)
    job.send_signal(signal.SIGTERM)
    assert job.wait(60) == 0, log.read_text()
    assert sorted(annotated(sink)["candid"]) == sorted(int(p.stem) for p in names)
    routed = candids(topic(sink, BRIGHT))
    assert len(routed) == len(set(routed))


def test_asked_to_stop_while_it_starts_it_stops(packets, tmp_path):
    log = tmp_path / "log"
    job = start("run", "--source", packets, "--sink", tmp_path / "out", log=log)
    wait_for(lambda: "reading" in log.read_text(), job, log)
    job.send_signal(signal.SIGTERM)
    assert job.wait(60) == 0, log.read_text()


def test_a_checkpoint_of_another_source_is_refused(packets, night):
    shown = skysift("run", "--source", packets, "--sink", night, "--once", code=2)
    assert "belongs to a job" in shown


def _same_scores(a: pd.DataFrame, b: pd.DataFrame) -> None:
    both = a.merge(b, on="candid", validate="one_to_one")
    assert len(both) == len(a) == len(b)
    left, right = (pd.json_normalize(both[name]) for name in ("btsbot_x", "btsbot_y"))
    assert (left["status"] == right["status"]).all()
    assert (left["score"] - right["score"]).abs().max() < 1e-6


def _drop(paths: list[Path], folder: Path) -> None:
    for path in paths:
        shutil.copy(path, folder / f".{path.name}.tmp")
        (folder / f".{path.name}.tmp").rename(folder / path.name)


def _count(sink: Path) -> int:
    return sum(pq.read_metadata(p).num_rows for p in sink.glob("annotated/*/*.parquet"))


def _source_of(sink: Path) -> str:
    import json

    return json.loads((sink / "_checkpoint" / "job.json").read_text())["source"]
