"""Truth: the same simulation asked for differently, and the definition of a bright transient."""

from __future__ import annotations

import tarfile

import numpy as np
import pytest

from skysift.simulate import KINDS, simulate_night, write_night
from skysift.simulate.containers import encode_packet
from skysift.simulate.night import DEFAULT_NIGHT
from tests.simulate.conftest import COUNT, EVEN_MIX, SEED

LATER = ("comet", "streak", "oddity")
"""Kinds that a night has only where they are asked for."""


def contents(folder):
    """Name → bytes of every file below a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_the_same_seed_writes_the_same_bytes_whoever_works(folder, tmp_path) -> None:
    write_night(COUNT, SEED, tmp_path, mix=EVEN_MIX, workers=2)
    assert contents(tmp_path) == contents(folder)


def test_another_seed_shares_no_alert_and_no_object(alerts) -> None:
    others = list(simulate_night(COUNT, seed=SEED + 1, mix=EVEN_MIX))
    for name in ("candid", "objectId"):
        assert not {packet[name] for packet, _ in alerts} & {packet[name] for packet, _ in others}


def test_a_longer_night_starts_with_the_same_alerts(alerts) -> None:
    shorter = [packet for packet, _ in simulate_night(20, seed=SEED, mix=EVEN_MIX)]
    assert [encode_packet(p) for p in shorter] == [encode_packet(p) for p, _ in alerts[:20]]


def test_comets_are_added_and_leave_the_others_as_they_are(folder, tmp_path) -> None:
    steps: list[int] = []
    write_night(COUNT, SEED, tmp_path, mix=EVEN_MIX, comets=3, workers=1, progress=steps.append)
    ours, theirs = contents(tmp_path), contents(folder)
    added = set(ours) - set(theirs)
    assert len(added) == 3 and steps[-1] == COUNT + 3
    assert all(ours[name] == theirs[name] for name in theirs if name != "truth.csv")
    *before, a, b, c = (tmp_path / "truth.csv").read_text().splitlines()
    assert before == (folder / "truth.csv").read_text().splitlines()
    assert all('"comet"' in line for line in (a, b, c))
    fewer = tmp_path / "fewer"
    write_night(5, SEED, fewer, mix=EVEN_MIX, comets=3, workers=1)
    assert (fewer / "truth.csv").read_text().splitlines()[-3:] == [a, b, c]


def test_oddities_are_added_behind_the_comets(folder, tmp_path) -> None:
    write_night(COUNT, SEED, tmp_path, mix=EVEN_MIX, comets=2, oddities=3, workers=1)
    ours, theirs = contents(tmp_path), contents(folder)
    assert len(set(ours) - set(theirs)) == 5
    assert all(ours[name] == theirs[name] for name in theirs if name != "truth.csv")
    rows = (tmp_path / "truth.csv").read_text().splitlines()[-5:]
    assert ['"comet"' in row for row in rows] == [True, True, False, False, False]
    assert ['"oddity"' in row for row in rows] == [False, False, True, True, True]


def test_a_tarball_holds_the_same_files_as_the_folder(folder, tmp_path) -> None:
    first = write_night(12, SEED, tmp_path / "a", mix=EVEN_MIX, tarball=True)
    again = write_night(12, SEED, tmp_path / "b", mix=EVEN_MIX, tarball=True)
    assert first.read_bytes() == again.read_bytes()
    with tarfile.open(first) as archive:
        members = {m.name: archive.extractfile(m).read() for m in archive.getmembers()}
    assert len(members) == 12
    for name, content in members.items():
        assert content == (folder / "packets" / name).read_bytes()


def test_a_second_simulation_does_not_mix_into_a_folder(folder) -> None:
    with pytest.raises(FileExistsError, match="holds alerts already"):
        write_night(1, SEED, folder)


def test_every_alert_is_a_file_a_row_and_a_step_of_progress(truth, folder, tmp_path) -> None:
    names = {path.name for path in (folder / "packets").iterdir()}
    assert names == {f"{row['candid']}.avro" for row in truth}
    assert len(names) == len(truth) == COUNT
    steps: list[int] = []
    write_night(5, SEED, tmp_path, progress=steps.append)
    assert steps == [1, 2, 3, 4, 5]
    header, *rows = (tmp_path / "truth.csv").read_text().splitlines()
    assert header.startswith('"candid","objectId"') and len(rows) == 5


def test_the_label_is_a_supernova_that_peaks_at_18_5_or_brighter(truth) -> None:
    for row in truth:
        is_supernova = row["class"] in ("supernova", "dim_supernova")
        assert row["label"] == int(is_supernova and row["peak_mag"] <= 18.5)
    assert {row["label"] for row in truth if row["class"] == "dim_supernova"} == {0}
    assert {row["label"] for row in truth if row["class"] == "supernova"} == {1}


def test_every_kind_is_there_and_a_mix_of_one_is_pure(truth) -> None:
    assert {row["class"] for row in truth} == set(EVEN_MIX) == set(KINDS) - set(LATER)
    only = [row["class"] for _, row in simulate_night(8, seed=1, mix={"cv": 1, "agn": 0})]
    assert only == ["cv"] * 8


def test_every_object_is_detected_on_the_night_and_sends_no_more_than_asked(truth) -> None:
    latest: dict[str, list[float]] = {}
    for row in truth:
        latest.setdefault(row["objectId"], []).append(row["jd"])
    complete = list(latest.values())[:-1]
    assert all(np.floor(max(jds) - 0.5) == np.floor(DEFAULT_NIGHT - 0.5) for jds in complete)
    assert max(map(len, complete)) == 3
    assert all(jds == sorted(set(jds)) for jds in complete)
    alone = [row["objectId"] for _, row in simulate_night(20, seed=2, alerts_per_object=1)]
    assert len(set(alone)) == 20


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"mix": {"nova": 1.0}}, r"unknown kinds \['nova'\]"),
        ({"mix": {"cv": -1.0}}, "0 or more"),
        ({"mix": {"cv": 0.0}}, "not all 0"),
        ({"mix": {}}, "not all 0"),
        ({"alerts_per_object": 0}, "alerts_per_object must be 1 or more"),
        ({"seed": -1}, "seed must be 0 or more"),
    ],
)
def test_what_cannot_be_simulated_is_refused_at_once(wrong, message) -> None:
    with pytest.raises(ValueError, match=message):
        simulate_night(1, **({"seed": 1} | wrong))
