"""``skysift data build vra`` and ``skysift train vra``: from packets and labels to scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from typer.testing import CliRunner

from skysift.cli.main import USER_ERRORS, app
from skysift.models.vra import load, members
from skysift.models.vra.dust import FILES as DUST_FILES
from skysift.models.vra.inputs import FEATURES
from skysift.models.vra.labels import FILE
from skysift.simulate import write_night
from tests.datasets.lasair import TOKEN, Lasair, serving

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


def test_reddening_and_sherlock_come_into_the_table_where_they_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("lasair", reason="the lasair client is not installed")
    write_night(12, 4, tmp_path / "night", alerts_per_object=2)
    for name in DUST_FILES.values():
        fits.PrimaryHDU(np.full((64, 64), 0.25, np.float32)).writeto(tmp_path / name)
    plain, full = tmp_path / "plain.parquet", tmp_path / "full.parquet"
    run("data", "build", "vra", "--alerts", tmp_path / "night", "--output", plain)
    lasair = Lasair([(0.0, 0.0, "SN", 1.5)])
    monkeypatch.setenv("LASAIR_TOKEN", TOKEN)
    with serving(lasair) as endpoint:
        told = run(
            "data", "build", "vra", "--alerts", tmp_path / "night", "--output", full,
            "--dust", tmp_path, "--sherlock", tmp_path / "sherlock.sqlite",
            "--lasair-endpoint", endpoint, "--lasair-rate", 1000,
        )  # fmt: skip
    alone, both = pd.read_parquet(plain), pd.read_parquet(full)
    asked = alone["status"] == "ok"
    assert f"Sherlock: {asked.sum()} matched" in told
    assert TOKEN not in told
    assert len(lasair.asked) == alone["objectId"][asked].nunique()
    assert alone["sep_arcsec"].isna().all()
    assert alone["ebv"].isna().all()
    assert both["sep_arcsec"].eq(1.5).equals(asked)
    np.testing.assert_allclose(both["ebv"], 0.25)
    others = [name for name in alone if name not in ("sep_arcsec", "ebv")]
    pd.testing.assert_frame_equal(both[others], alone[others])
    run(
        "train", "vra", "--table", full, "--labels", tmp_path / "night" / "truth.csv",
        "--column", "class", "--label-map", SIMULATION, "--output", tmp_path / "weights",
    )  # fmt: skip
    assert load(tmp_path / "weights").features == FEATURES


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--dust", "nowhere"], "no dust map"),
        (["--sherlock", "s.sqlite"], "Set LASAIR_TOKEN"),
        (["--sherlock", "s.sqlite", "--lasair-token", "nowhere"], "nowhere"),
        (["--sherlock", "night"], "cannot hold Sherlock's answers"),
    ],
)
def test_what_is_missing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], message: str
) -> None:
    monkeypatch.delenv("LASAIR_TOKEN", raising=False)
    monkeypatch.chdir(tmp_path)
    write_night(3, 4, tmp_path / "night", alerts_per_object=1)
    result = CliRunner().invoke(
        app, ["data", "build", "vra", "--alerts", "night", "--output", "t.parquet", *options]
    )
    assert result.exit_code != 0
    assert isinstance(result.exception, USER_ERRORS)
    assert message in str(result.exception)
    assert not (tmp_path / "t.parquet").exists()
