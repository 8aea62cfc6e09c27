"""``skysift train``, ``evaluate``, ``predict ganomaly``: from a folder to scores and a report."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

from skysift.cli.main import USER_ERRORS, app
from tests.models.ganomaly_images import write_folder

CONFIG = """
[network]
width = 8
codes = 8

[inputs]
side = 32

[training]
batch = 8
epochs = 2
validation = 0.4
precision = "float32"
"""


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_from_a_folder_to_scores_and_a_report(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "glows", train=40, test=4)
    Image.new("RGB", (50, 40)).save(folder / "train" / "0.normal" / "black.png")
    (folder / "test" / "0.normal" / "torn.jpg").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "config.toml").write_text(CONFIG)
    weights, scores = tmp_path / "weights", tmp_path / "made" / "scores.csv"
    told = run("train", "ganomaly", "--data", folder, "--config", tmp_path / "config.toml",
               "--output", weights, "--epochs", 1, "--name", "small")  # fmt: skip
    assert "small+" in told
    assert "left out, blank: 1, train/0.normal/black.png" in told
    facts = json.loads((weights / "small.json").read_text())
    assert facts["training"]["images"]["left_out"] == {"blank": 1}
    assert facts["trained_on"] == "images of unstated origin"
    assert not (weights / "small.images").exists()

    told = run("predict", "ganomaly", folder / "test", "--weights", weights, "--output", scores,
               "--panels", tmp_path / "panels", "--count", 3)  # fmt: skip
    assert "8 of 9 images scored" in told
    table = pd.read_csv(scores, keep_default_na=False, na_values=[""])
    assert list(table.columns[:7]) == [
        "filename", "label", "status", "artefact", "raw", "percentile", "L1",
    ]  # fmt: skip
    torn = table[table["filename"] == "0.normal/torn.jpg"]
    assert torn["status"].tolist() == ["unreadable"]
    assert torn[["raw", "percentile", "L1"]].isna().all(axis=None)
    rest = table.drop(torn.index)
    assert np.isfinite(rest[["raw", "percentile", "L1", "combined", "published"]]).all(axis=None)
    assert (rest["version"] == facts["version"]).all()
    assert set(table["label"]) == {"0.normal", "1.abnormal"}
    assert len(list((tmp_path / "panels").glob("00?-*.png"))) == 3

    told = run("evaluate", "ganomaly", "--data", folder, "--weights", weights,
               "--output", tmp_path / "report", "--json")  # fmt: skip
    report = json.loads(told[told.index("{") : told.rindex("}") + 1])
    assert report["images"] == {"normal": 4, "abnormal": 4, "unscored": 1, "artefacts": 0}
    assert report["weights"]["version"] == facts["version"]
    assert (tmp_path / "report" / "evaluation.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("train", "ganomaly", "--data", "{}/x", "-o", "{}/o"), "there is no"),
        (("train", "ganomaly", "--data", "{}", "-o", "{}/o"), "no image in"),
        (("train", "ganomaly", "--data", "{}", "-o", "{}/o", "--config", "gan"), "no config file"),
        (("train", "ganomaly", "--data", "{}", "-o", "{}/o", "--name", "a/b"),
         "a name of weights must be that of a file"),
        (("predict", "ganomaly", "{}", "--weights", "{}", "-o", "{}/s.csv"),
         "must hold exactly one .keras file; found: none"),
        (("predict", "ganomaly", "{}", "--weights", "{}/no.keras", "-o", "{}/s.csv"),
         "no weights at"),
        (("predict", "ganomaly", "{}", "--weights", "{}", "-o", "{}/s.txt"),
         "must be a .csv or .parquet file"),
        (("evaluate", "ganomaly", "--data", "{}", "--weights", "{}", "-o", "{}/r"),
         "must hold exactly one .keras file"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(tmp_path: Path, arguments: tuple[str, ...], reason: str) -> None:
    result = CliRunner().invoke(app, [argument.format(tmp_path) for argument in arguments])
    assert isinstance(result.exception, USER_ERRORS)
    assert reason in str(result.exception)


def test_nothing_is_predicted_without_weights(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["predict", "ganomaly", str(tmp_path), "-o", "s.csv"])
    assert result.exit_code == 2
    assert "--weights" in result.output
