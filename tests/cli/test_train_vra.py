"""``skysift data build vra`` and ``skysift train vra``: from packets and labels to scores."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from skysift.cli.main import app
from skysift.models.vra import load, members
from skysift.models.vra.labels import FILE
from skysift.simulate import write_night

SIMULATION = FILE.with_name("labels_simulation.toml")


@pytest.fixture(autouse=True)
def small_forests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tests quick; what holds for 10 trees holds for more."""
    monkeypatch.setattr(members, "TREES", 10)


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_from_packets_and_labels_to_scores(tmp_path: Path) -> None:
    mix = {"supernova": 0.5, "variable": 0.3, "bogus": 0.2}
    write_night(60, 4, tmp_path / "night", mix=mix, alerts_per_object=1)
    table, weights = tmp_path / "made" / "features.parquet", tmp_path / "weights"
    run("data", "build", "vra", "--alerts", tmp_path / "night", "--output", table)
    run(
        "train", "vra", "--table", table, "--labels", tmp_path / "night" / "truth.csv",
        "--column", "class", "--label-map", SIMULATION, "--most", 30, "--name", "mine",
        "--trained-on", "sixty simulated alerts", "--output", weights,
    )  # fmt: skip
    scorer = load(weights)
    assert scorer.trained_on == "sixty simulated alerts"
    alerts = pd.read_parquet(table).merge(
        pd.read_csv(tmp_path / "night" / "truth.csv")[["candid", "class"]], on="candid"
    )
    scores = pd.DataFrame(scorer.score(alerts[list(scorer.features)].to_numpy()))
    mean = scores.groupby(alerts["class"].to_numpy()).mean()
    assert mean.loc["variable", "galactic"] > mean.loc["supernova", "galactic"] + 0.3
    assert mean.loc["supernova", "real"] > mean.loc["bogus", "real"] + 0.3
    assert mean["rank"].idxmax() == "supernova"


def test_answers_that_the_map_does_not_have_are_refused(tmp_path: Path) -> None:
    pd.DataFrame({"candid": [1], "objectId": ["a"], "jd": [0.0], "status": ["ok"]}).to_parquet(
        tmp_path / "table.parquet"
    )
    (tmp_path / "labels.csv").write_text("candid,label\n1,comet\n")
    result = CliRunner().invoke(
        app,
        ["train", "vra", "--table", str(tmp_path / "table.parquet"), "--labels",
         str(tmp_path / "labels.csv"), "--output", str(tmp_path)],
    )  # fmt: skip
    assert result.exit_code != 0
    assert "comet" in f"{result.output} {result.exception}"
