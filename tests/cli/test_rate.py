"""``skysift rate``: from folders of images to a page, a report and tables."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

from skysift.cli.main import USER_ERRORS, app
from skysift.models.ganomaly import training
from skysift.models.ganomaly.config import read_config
from skysift.models.ganomaly.training_set import read_training_set
from tests.models.ganomaly_images import SIDE, glow, strange, write_folder

CONFIG = {
    "network": {"width": 8, "codes": 8},
    "inputs": {"side": SIDE},
    "training": {
        "epochs": 12, "batch": 16, "validation": 0.3, "precision": "float32",
        "learning_rate": 2e-3, "average": 0.9,
    },
}  # fmt: skip

VIEWS = 4


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that has learned glows."""
    folder = tmp_path_factory.mktemp("learned")
    settings = read_config(CONFIG)
    images = read_training_set(write_folder(folder / "glows"), settings.inputs, folder / "store")
    training.train(images, settings, folder / "w", name="it", trained_on="made-up glows")
    return folder / "w"


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A survey of glows; simulations of glows without noise, and of rings, four views a galaxy."""
    folder = tmp_path_factory.mktemp("sets")
    rng = np.random.default_rng(8)
    for name in ("survey", "smooth", "rings"):
        (folder / name).mkdir()
    for number in range(40):
        Image.fromarray(glow(rng)).save(folder / "survey" / f"s{number:02d}.png")
    (folder / "rings" / "torn.png").write_bytes(b"no")
    rows = []
    for number in range(6):
        for view in range(VIEWS):
            name = f"g{number}_{view:02d}.png"
            Image.fromarray(strange(rng)).save(folder / "rings" / name)
            quiet = np.asarray(Image.fromarray(glow(rng)).resize((2 * SIDE, 2 * SIDE)), float)
            quiet = np.where(quiet < 30, 2, quiet).astype(np.uint8)
            Image.fromarray(quiet).save(folder / "smooth" / name)
            rows += [{"set": one, "filename": name, "mass": 9.5 + number / 3, "size": 3.0 + number,
                      "inclination": 30 * view} for one in ("rings", "smooth")]  # fmt: skip
    rows += [{"set": "survey", "filename": f"s{i:02d}", "mass": 9.2 + i / 15, "size": 2 + i / 6,
              "inclination": np.nan} for i in range(40)]  # fmt: skip
    pd.DataFrame(rows).to_csv(folder / "known.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def rated(weights: Path, sets: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("rated") / "report"
    told = CliRunner().invoke(
        app,
        ["rate", "--reference", f"{sets}/survey",
         "--candidates", f"{sets}/rings,{sets}/smooth", "--weights", str(weights),
         "--table", f"{sets}/known.csv", "--galaxy", r"(g\d+)_", "--output", str(output)],
    )  # fmt: skip
    assert told.exit_code == 0, told.output
    assert "88 images rated" in told.output
    return output


@pytest.fixture(scope="module")
def report(rated: Path) -> dict:
    return json.loads((rated / "report.json").read_text())


def test_what_is_unlike_the_survey_lies_far_and_the_report_says_how_far(report: dict) -> None:
    rings, smooth = report["candidates"]["rings"], report["candidates"]["smooth"]
    assert rings["as_given"]["images"] == 24 and rings["as_given"]["galaxies"] == 6
    assert rings["as_given"]["ks"]["value"] > 0.95
    assert rings["as_given"]["wasserstein"]["low"] > rings["usual"]["wasserstein"]["high"]
    assert report["sets"]["rings"]["scores"]["percentile"]["median"] == 100
    assert report["sets"]["rings"]["left_out"] == {"unreadable": 1}
    # a sky as the survey's brings glows without noise nearer; rings stay rings
    for name in ("wasserstein", "ks"):
        assert smooth["observed"][name]["value"] < smooth["as_given"][name]["value"]
    assert rings["observed"]["ks"]["value"] > 0.95
    assert smooth["observed"]["ks"]["value"] < rings["observed"]["ks"]["value"]


def test_what_a_table_says_of_galaxies_is_used(report: dict) -> None:
    rings = report["candidates"]["rings"]
    assert rings["matched"]["columns"] == ["mass", "size"]
    assert 0 < rings["matched"]["as_given"]["found"] <= 1
    assert rings["by_mass"]["low"]["as_given"]["galaxies"] == 3
    assert rings["by_mass"]["high"]["as_given"] is None
    told = report["sets"]["rings"]
    assert told["views"]["several"] == 6
    assert told["orientation"]["inclination"]["galaxies"] == 6
    assert told["orientation"]["inclination"]["angle"] == [0, 30, 60, 90]
    assert report["sets"]["survey"]["orientation"]["inclination"] is None
    assert report["sets"]["survey"]["correlations"]["mass"]["combined"]["galaxies"] == 40


def test_probes_are_found_strange(report: dict) -> None:
    told = {(one["name"], one["level"]): one for one in report["probes"]}
    assert 20 < told["untouched", None]["percentile"] < 80
    for name in ("stripe", "noise", "photo"):
        assert told[name, None]["beyond"] == 1, name
    assert told["grain", 0.2]["combined"] > told["grain", 0.02]["combined"]


def test_tables_have_all_images_and_galaxies(rated: Path) -> None:
    images = pd.read_parquet(rated / "scores.parquet")
    assert images.groupby("set").size().to_dict() == {
        "survey": 40, "rings": 25, "rings, observed": 25, "smooth": 24, "smooth, observed": 24,
    }  # fmt: skip
    torn = images[images["status"] != "ok"]
    assert set(torn["filename"]) == {"torn.png"} and torn["combined"].isna().all()
    assert len(images["code"].iloc[0]) == 8
    galaxies = pd.read_csv(rated / "galaxies.csv")
    some = images[(images["set"] == "rings") & (images["galaxy"] == "g2")]
    row = galaxies[(galaxies["set"] == "rings") & (galaxies["galaxy"] == "g2")].iloc[0]
    assert row["views"] == VIEWS
    assert row["combined_mean"] == pytest.approx(some["combined"].mean(), rel=1e-5)


def test_the_page_loads_nothing_and_shows_everything(rated: Path) -> None:
    page = (rated / "index.html").read_text()
    assert "http" not in page.replace("data:image/png;base64", "")
    for title in ("Distances from the reference", "Matched", "By mass", "Views", "Orientation",
                  "Correlations", "Codes", "Along component 2", "Strangest images",
                  "Interpolation", "Probes"):  # fmt: skip
        assert f"<h2>{title}</h2>" in page, title
    assert page.count('src="data:image/png;base64,') == 12
    assert (rated / "figures.pdf").read_bytes().startswith(b"%PDF")


def test_a_candidate_that_is_the_survey_is_told_from_it_by_nothing(
    weights: Path, sets: Path, tmp_path: Path
) -> None:
    told = CliRunner().invoke(
        app,
        ["rate", "--reference", f"a={sets}/survey", "--candidates", f"b={sets}/survey",
         "--weights", str(weights), "--mock", "none", "-o", str(tmp_path), "--json"],
    )  # fmt: skip
    assert told.exit_code == 0, told.output
    report = json.loads(told.output[told.output.index("{") : told.output.rindex("}") + 1])
    same = report["candidates"]["b"]
    assert "observed" not in same and same["matched"] is None
    assert same["as_given"]["overlap"]["value"] == pytest.approx(1)
    assert same["as_given"]["ks"]["value"] == 0
    assert same["as_given"]["wasserstein"]["value"] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--candidates", "{s}/none"), "there is no"),
        (("--candidates", ","), "--candidates needs a folder"),
        (("--candidates", "{s}/survey"), "two sets are called 'survey'"),
        (("--candidates", "x="), "a set is given as PATH or NAME=PATH"),
        (("--candidates", "{s}/rings", "--mock", "hst"), "no config file hst"),
        (("--candidates", "{s}/rings", "--match", "mass"), "there is no column 'mass'"),
        (("--candidates", "{s}/rings", "--galaxy", "("), "is no regular expression"),
        (("--candidates", "{s}/rings", "--table", "{s}/no.csv"), "there is no"),
        (("--candidates", "{s}/rings", "--reference", "{s}/few"), "few has 1 images with a score"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(
    weights: Path, sets: Path, tmp_path: Path, arguments: tuple[str, ...], reason: str
) -> None:
    (sets / "few").mkdir(exist_ok=True)
    Image.fromarray(glow(np.random.default_rng(1))).save(sets / "few" / "1.png")
    given = [argument.format(s=sets) for argument in arguments]
    if "--reference" not in given:
        given += ["--reference", f"{sets}/survey"]
    result = CliRunner().invoke(
        app, ["rate", *given, "--weights", str(weights), "-o", str(tmp_path / "o")]
    )
    assert isinstance(result.exception, USER_ERRORS), result.output
    assert reason in str(result.exception)
    assert not (tmp_path / "o").exists()
