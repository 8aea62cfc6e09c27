"""Rounds on frames whose truth answers: what is told, and that the same command goes on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from skysift.campaigns.tails import simulation
from skysift.campaigns.tails.simulation import NIGHT, SHARES, Options, simulate
from skysift.models.tails.training_set import read_frame_set
from tests.campaigns.tails.conftest import THRESHOLD, silent
from tests.models.tails_frames import make_set

SMALL = {"threshold": THRESHOLD, "epochs": 1, "steps": 2, "initial": 6, "batch": 3, "labels": 9}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, searching: None) -> None:
    """Lay small sets down, in place of minutes of simulated frames."""

    def lay(options, count, made, output: Path, shares, seed, tell) -> None:
        if not output.exists():
            make_set(output, frames=10, side=96)

    monkeypatch.setattr(simulation, "_frames", lay)


def test_rounds_are_taken_and_told(made, start, tmp_path):
    save, asked = tmp_path / "out", {**SMALL, "start": str(start)}
    stages = []

    def die(stage: str, done: int, of: int) -> None:
        stages.append(stage)
        if (stage, done) == ("learning", 1):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(asked, save, die)
    assert stages == ["searching"] * 6 + ["learning"] * 2
    first = json.loads((save / "rounds" / "round_0000" / "round.json").read_text())
    told = simulate(asked, save, silent)
    assert json.loads((save / "result.json").read_text()) == told
    assert [row["labels"] + row["held_out"] for row in told["rounds"]] == [6, 9]
    assert told["rounds"][0]["recall"] == first["metrics"]["recall"]
    assert {"recall_before", "false_at_half_before"} <= told["rounds"][1].keys()
    with pytest.raises(ValueError, match="holds another simulation, with steps 2"):
        simulate({**asked, "steps": 3}, save, silent)


def test_frames_are_simulated_and_parted(tmp_path):
    options = Options(size=256, confusers=0.0)
    for name, count, shares in (("set", 3, SHARES), ("night_set", 1, NIGHT)):
        made = tmp_path / f"of_{name}"
        simulation._frames(options, count, made, tmp_path / name, shares, 1, silent)
    parted = read_frame_set(tmp_path / "set")
    assert (parted.frames[["height", "width"]] == 256).all(axis=None) and len(parted.comets) == 3
    assert len(parted.part("train")) and len(parted.part("test"))
    assert read_frame_set(tmp_path / "night_set").frames["split"].tolist() == ["train"]


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match=r"labels must be 40 or more\. Got: 10"):
        Options(labels=10)
