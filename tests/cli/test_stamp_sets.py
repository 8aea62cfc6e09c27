"""``skysift data build ganomaly``: from alerts to a set, and what makes none."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from skysift.cli.main import USER_ERRORS, app
from skysift.simulate import write_night


def build(*arguments: object):
    return CliRunner().invoke(app, ["data", "build", "ganomaly", *map(str, arguments)])


def test_alerts_become_a_set_with_labels(tmp_path: Path) -> None:
    write_night(5, 8, tmp_path / "night", oddities=3, workers=1)
    packets, truth = tmp_path / "night" / "packets", tmp_path / "night" / "truth.csv"
    made = build("--alerts", packets, "--truth", truth, "--abnormal", "oddity", "--side", 32,
                 "--output", tmp_path / "set")  # fmt: skip
    assert made.exit_code == 0, made.output
    table = pd.read_parquet(tmp_path / "set" / "stamps.parquet")
    assert table["label"].value_counts()["oddity"] == 3
    assert f"of 8 alerts → {tmp_path / 'set'}" in made.output.replace("\n", "")
    for arguments, message in (
        ((tmp_path / "set",), "there is a set in"),
        ((tmp_path / "a", "--abnormal", "oddity"), "need a truth"),
        ((tmp_path / "b", "--survey", "panstarrs"), "must be ztf or lsst. Got: 'panstarrs'"),
    ):
        refused = build("--alerts", packets, "--output", *arguments)
        assert isinstance(refused.exception, USER_ERRORS)
        assert message in str(refused.exception)


def test_nothing_to_read_is_told(tmp_path: Path) -> None:
    refused = build("--alerts", tmp_path / "none", "--output", tmp_path / "set")
    assert isinstance(refused.exception, USER_ERRORS)
    with pytest.raises(FileNotFoundError):
        raise refused.exception
