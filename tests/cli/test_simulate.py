"""Simulating as a user does: what is written, what is told, and going on."""

from __future__ import annotations

import pandas as pd
import pytest
from typer.testing import CliRunner

from skysift.cli.main import app


def simulate(*arguments: object) -> str:
    """Run a verb of `skysift simulate` in this process; return what it printed."""
    done = CliRunner().invoke(app, ["simulate", *map(str, arguments)])
    if done.exception is not None:
        raise done.exception
    return done.output


def test_frames_are_written_and_the_command_goes_on(tmp_path):
    arguments = ["frames", "--seed", 3, "--size", 256, "--comets", 2]
    printed = simulate(*arguments, "--count", 1, "--output", tmp_path)
    assert "1 simulated frames" in printed and "truth.csv" in printed
    (first,) = tmp_path.rglob("*_sciimg.fits")
    written = first.stat().st_mtime_ns
    simulate(*arguments, "--count", 2, "--output", tmp_path)
    frames, truth = (pd.read_csv(tmp_path / name) for name in ("frames.csv", "truth.csv"))
    assert first.stat().st_mtime_ns == written
    assert len(frames) == 2
    assert all((tmp_path / path).is_file() for path in frames["difference"])
    comets = truth[truth["kind"] == "comet"]
    assert set(comets["id"]) <= set(frames["id"])
    assert 0 < len(comets) <= 4
    with pytest.raises(ValueError, match="holds other frames"):
        simulate("frames", "--seed", 4, "--size", 256, "--output", tmp_path)


def test_small_frames_have_their_share_of_comets(tmp_path):
    simulate("frames", "--count", 1, "--size", 300, "--output", tmp_path)
    assert '"comets": 1,' in (tmp_path / "manifest.json").read_text()


def test_a_night_may_have_comets(tmp_path):
    printed = simulate("alerts", "--count", 4, "--comets", 2, "--output", tmp_path)
    assert "6 simulated alerts" in printed
    truth = pd.read_csv(tmp_path / "truth.csv")
    assert list(truth["class"][4:]) == ["comet", "comet"]
    assert len(list((tmp_path / "packets").iterdir())) == 6
