"""``skysift data build tails``, ``train tails`` and ``evaluate tails``: from frames to a report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from skysift.cli.main import USER_ERRORS, app
from tests.datasets.frame_files import write

CONFIG = """
[network]
widths = [4, 4, 6, 6, 6]

[windows]
tile = 64

[training]
steps = 2
validation_steps = 1
batch = 2
stamp_batch = 2
precision = "float32"
"""


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "frames"
    made.mkdir()
    for number in range(8):
        write(made, f"frame{number}", f"field{number}")
    return made


def test_from_frames_to_a_report(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    told = run("data", "build", "tails", "--frames", folder, "--output", tmp_path / "set",
               "--shares", "train=0.5,validation=0.25,test=0.25")  # fmt: skip
    assert "train: 4 frames, 4 comets" in told
    told = run("train", "tails", "--set", tmp_path / "set", "--config", tmp_path / "config.toml",
               "--output", tmp_path / "weights", "--epochs", 1, "--name", "small")  # fmt: skip
    assert "small+" in told
    facts = json.loads((tmp_path / "weights" / "small.json").read_text())
    assert facts["training"]["epochs"] == 1
    assert facts["trained_on"] == "frames of unstated origin"
    told = run("evaluate", "tails", "--data", tmp_path / "set", "--weights", tmp_path / "weights",
               "--output", tmp_path / "report", "--json")  # fmt: skip
    report = json.loads(told[told.index("{") : told.rindex("}") + 1])
    assert (report["frames"], report["comets"], report["set"]) == (2, 2, {"part": "test"})
    assert report["weights"]["version"] == facts["version"]
    assert (tmp_path / "report" / "evaluation.png").stat().st_size > 10_000
    told = run("data", "mine", "tails", "--set", tmp_path / "set", "--weights",
               tmp_path / "weights", "-o", tmp_path / "mined", "--threshold", 0.02)  # fmt: skip
    assert "4 frames searched" in told
    run("train", "tails", "--set", tmp_path / "mined", "--config", tmp_path / "config.toml",
        "--output", tmp_path / "again", "--epochs", 1, "--name", "again", "--start",
        tmp_path / "weights")  # fmt: skip
    again = json.loads((tmp_path / "again" / "again.json").read_text())
    assert again["training"]["start"]["version"] == facts["version"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("data", "build", "tails", "--frames", "{}", "--output", "{}/o"), "no frames in"),
        (("data", "build", "tails", "--frames", "{}", "-o", "{}/o", "--shares", "train"),
         "--shares takes PART=SHARE"),
        (("train", "tails", "--set", "{}", "--output", "{}/o"), "no complete set of frames in"),
        (("train", "tails", "--set", "{}", "-o", "{}/o", "--config", "unet"), "no config file"),
        (("evaluate", "tails", "--data", "{}", "--weights", "{}", "-o", "{}/o"),
         "no complete set of frames in"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(tmp_path: Path, arguments: tuple[str, ...], reason: str) -> None:
    given = [argument.format(tmp_path) for argument in arguments]
    result = CliRunner().invoke(app, given)
    assert isinstance(result.exception, USER_ERRORS)
    assert reason in str(result.exception)
