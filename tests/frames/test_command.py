"""``skysift frames run`` and ``watch`` on simulated frames: whole nights, broken frames, kills."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from skysift.cli.main import app
from skysift.frames.ids import frames_in
from skysift.frames.state import DATABASE
from skysift.frames.table import DETECTIONS
from tests.frames.broken import break_copies
from tests.stream.jobs import start, wait_for

NIGHT = "20240503"
LOW = "0.3"
"""A threshold at which the network that ships finds something in small frames."""


def call(*arguments: object):
    """Call a verb of `skysift frames` in this process, whose Spark it joins."""
    return CliRunner().invoke(app, ["frames", *map(str, arguments)])


def run(folder: Path, output: Path, code: int) -> dict:
    """Search a folder on two workers; return what was said."""
    done = call("run", folder, "-o", output, "--workers", 2, "--threshold", LOW, "--json")
    assert done.exit_code == code and isinstance(done.exception, SystemExit | None), done
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def broken(frames, tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """Return a folder of eight sound frames and six broken ones, and what must be said of these."""
    folder = tmp_path_factory.mktemp("broken") / "frames"
    shutil.copytree(frames, folder)
    return folder, break_copies(folder)


@pytest.fixture(scope="module")
def ran(spark, broken, tmp_path_factory) -> tuple[Path, dict]:
    """Search them on two workers; return the output folder and what was said."""
    output = tmp_path_factory.mktemp("comets")
    return output, run(broken[0], output, code=1)


def test_broken_frames_fail_with_their_reasons_and_the_others_are_done(ran, broken, frames):
    output, told = ran
    assert told["frames"] == {"done": 8, "failed": 6}
    for frame, reason in broken[1].items():
        assert reason in told["failed"][frame]
    sound = [files.id for files in frames_in(frames)]
    assert sorted(path.name for path in (output / NIGHT).glob("ztf_*")) == sound


def test_nothing_is_written_half(ran):
    output, _ = ran
    assert [path for path in output.rglob("*") if path.name.endswith((".part", ".partial"))] == []
    for folder in (output / NIGHT).glob("ztf_*"):
        facts = json.loads((folder / "frame.json").read_text())
        table = folder / "detections.parquet"
        found = pq.read_table(table).to_pylist() if table.exists() else []
        assert facts["detections"] == len(found)
        names = {row[name] for row in found for name in ("cutouts", "panel")}
        expected = {"frame.json", *names} | ({table.name} if found else set())
        assert {path.name for path in folder.iterdir()} == expected


def test_the_night_has_what_the_frames_have(ran):
    output, told = ran
    night = pq.read_table(output / NIGHT / "detections.parquet")
    assert night.schema.equals(DETECTIONS)
    assert told["detections"] == night.num_rows > 0
    assert told["best"][0]["p"] == max(night["p"].to_pylist())
    page = (output / NIGHT / "index.html").read_text()
    assert told["pages"] == {NIGHT: str(output / NIGHT / "index.html")}
    assert "on 8 frames; 6 failed" in page


def test_the_same_command_tries_again_only_what_failed(ran, broken, frames):
    output, told = ran
    before = {path: path.stat().st_mtime_ns for path in (output / NIGHT).glob("ztf_*/frame.json")}
    cut_off = next(frame for frame, reason in broken[1].items() if reason == "cut off")
    mended = next(files for files in frames_in(broken[0]) if files.id == cut_off)
    shutil.copy(frames_in(frames)[0].difference, mended.difference)
    again = run(broken[0], output, code=1)
    assert again["frames"] == {"done": 9, "failed": 5}
    assert again["detections"] >= told["detections"]
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_frames_searched_otherwise_need_another_folder(ran, broken):
    done = call("run", broken[0], "-o", ran[0], "--threshold", 0.6)
    assert isinstance(done.exception, ValueError), done.output
    assert "threshold 0.3, not 0.6: give another --output" in str(done.exception)


@pytest.mark.parametrize(
    "arguments, told",
    [
        (["run"], "say what to search"),
        (["run", "nowhere/"], "no folder, no night YYYYMMDD, and no frame"),
        (["run", "20240503", "--data", "nowhere"], "no folder at nowhere"),
        (["run", "FRAMES", "--threshold", "2"], "threshold"),
        (["run", "FRAMES", "--align", "magic"], "reproject"),
        (["run", "FRAMES", "--weights", "nowhere"], "no weights at"),
        (["run", "FRAMES", "--comets", "nowhere.txt"], "nowhere.txt"),
        (["run", "FRAMES", "--online", "oracle"], "no service 'oracle': there are mpc, skybot"),
        (["run", "FRAMES", "--post", "https://x.example"], "--post needs --group and --filter"),
        (["run", "FRAMES", "--survey", "ftp://x"], "http"),
        (["watch"], "say where frames appear"),
        (["watch", "FRAMES", "--from", "tomorrow"], "'tomorrow' is no time"),
    ],
)
def test_bad_input_is_told_before_anything_is_searched(arguments, told, frames, tmp_path):
    arguments = [str(frames) if one == "FRAMES" else one for one in arguments]
    done = call(*arguments, "--output", tmp_path / "out")
    assert isinstance(done.exception, ValueError | OSError), done.output
    assert told in str(done.exception)


def test_an_aligner_that_is_not_installed_is_told_once(frames, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    done = call("run", frames, "--align", "swarp", "--output", tmp_path / "out")
    assert "SWarp is not installed" in str(done.exception)


def written(output: Path) -> dict[str, int]:
    """When each frame's results were written."""
    return {path.parent.name: path.stat().st_mtime_ns for path in output.glob("*/ztf_*/frame.json")}


def noted(output: Path) -> dict[str, str]:
    """What the state says of each frame."""
    with sqlite3.connect(f"file:{output / DATABASE}?mode=ro", uri=True) as state:
        return dict(state.execute("SELECT id, status FROM frames"))


def test_kill_9_of_a_watch_loses_nothing_and_does_nothing_twice(frames, tmp_path):
    output, log = tmp_path / "out", tmp_path / "log"
    watch = ["frames", "watch", frames, "-o", output, "--workers", "2", "--every", "1"]
    watch += ["--threshold", LOW]
    everything = dict.fromkeys((files.id for files in frames_in(frames)), "done")
    first = start(*watch, log=log)
    wait_for(lambda: bool(written(output)), first, log)
    first.kill()
    first.wait()
    before = written(output)
    assert 0 < len(before) < 8 and noted(output) != everything
    second = start(*watch, log=log)
    wait_for(lambda: noted(output) == everything, second, log)
    wait_for(lambda: (output / NIGHT / "index.html").exists(), second, log)
    second.send_signal(signal.SIGTERM)
    assert second.wait(120) == 0, log.read_text()
    after = written(output)
    assert after.keys() == everything.keys()
    assert {frame: after[frame] for frame in before} == before
    found = pq.read_table(output / NIGHT / "detections.parquet")["candid"].to_pylist()
    assert len(set(found)) == len(found) > 0
    assert not list(output.rglob("*.part*"))
