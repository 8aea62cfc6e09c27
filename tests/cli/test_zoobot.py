"""``skysift train zoobot`` and ``evaluate zoobot``: from a set to a report."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from skysift.cli.main import USER_ERRORS, app
from tests.models.zoobot_galaxies import make_set

CONFIG = """
[network]
name = "bayesian_cnn"
side = 16
features = 8

[training]
steps = 2
batch = 4
precision = "float32"

[finetune]
head_epochs = 1
blocks = 0
"""


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_from_a_set_to_a_report_and_to_new_questions(tmp_path: Path) -> None:
    make_set(tmp_path / "set", count=60)
    config = tmp_path / "config.toml"
    config.write_text(CONFIG)
    told = run("train", "zoobot", "--set", tmp_path / "set", "--config", config, "--output",
               tmp_path / "weights", "--epochs", 1, "--name", "small")  # fmt: skip
    assert "small+" in told
    assert "left out" not in told
    facts = json.loads((tmp_path / "weights" / "small.json").read_text())
    assert facts["training"]["epochs"] == 1
    assert facts["trained_on"] == "galaxies of unstated origin"
    told = run("evaluate", "zoobot", "--data", tmp_path / "set", "--weights", tmp_path / "weights",
               "--output", tmp_path / "report", "--passes", 3, "--representations", 2,
               "--json")  # fmt: skip
    report = json.loads(told[told.index("{") : told.rindex("}") + 1])
    assert (report["galaxies"], report["passes"], report["set"]) == (12, 3, {"part": "test"})
    assert report["weights"]["version"] == facts["version"]
    assert (tmp_path / "report" / "evaluation.png").stat().st_size > 10_000
    components = pd.read_parquet(tmp_path / "report" / "representations.parquet")
    assert components.shape == (12, 3)

    config.write_text(CONFIG + '[labels]\nquestion = "bar"\nmin_votes = 8\n')
    told = run("train", "zoobot", "--set", tmp_path / "set", "--config", config, "--output",
               tmp_path / "bars", "--finetune", tmp_path / "weights")  # fmt: skip
    assert "galaxies of the train part have less than 8 votes on every question" in told
    told = run("evaluate", "zoobot", "--data", tmp_path / "set", "--weights", tmp_path / "bars",
               "--output", tmp_path / "bars" / "report", "--part", "train")  # fmt: skip
    assert "coverage error of bar_yes at ±0.2" in told


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("train", "zoobot", "--set", "{}", "--output", "{}/o"), "no complete set of galaxies in"),
        (("train", "zoobot", "--set", "{}", "-o", "{}/o", "--config", "vgg"), "no config file"),
        (("train", "zoobot", "--set", "{}", "-o", "{}/o", "--start", "{}", "--finetune", "{}"),
         "give --start or --finetune"),
        (("evaluate", "zoobot", "--data", "{}", "--weights", "{}", "-o", "{}/o"),
         "no complete set of galaxies in"),
        (("evaluate", "zoobot", "--data", "{}", "--weights", "{}", "--weights", "{}", "-o", "{}/o",
          "--representations", "3"), "--representations are of one network"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(tmp_path: Path, arguments: tuple[str, ...], reason: str) -> None:
    given = [argument.format(tmp_path) for argument in arguments]
    result = CliRunner().invoke(app, given)
    assert isinstance(result.exception, USER_ERRORS)
    assert reason in str(result.exception)
