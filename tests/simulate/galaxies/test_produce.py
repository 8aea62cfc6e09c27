"""Galaxies in a folder: the same bytes however they were made, and votes that fit the truth."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from skysift.galaxy_zoo import read_tree
from skysift.simulate.galaxies import KINDS, Settings, make_galaxies, produce, write_galaxies

SETTINGS = Settings(seed=3, size=24)
COUNT = 11


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(produce, "BLOCK", 4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(produce, "BLOCK", 4)
        return write_galaxies(COUNT, tmp_path_factory.mktemp("galaxies"), SETTINGS, workers=1)


def content(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def test_a_picture_votes_and_truth_for_each(folder):
    votes, truth = pd.read_csv(folder / "votes.csv"), pd.read_parquet(folder / "truth.parquet")
    assert len(votes) == COUNT
    assert votes["id_str"].tolist() == truth["id_str"].tolist()
    assert votes["id_str"].is_unique
    assert set(truth["kind"]) <= set(KINDS)
    for image in votes["image"]:
        assert np.asarray(Image.open(folder / image)).shape == (24, 24, 3)
    tree = read_tree("gz2")
    for question in tree.questions:
        assert (votes[list(question.columns)].sum(axis=1) == votes[question.total]).all()
        shares = truth[[f"{column}_p" for column in question.columns]]
        assert shares.sum(axis=1).to_numpy() == pytest.approx(np.ones(COUNT))


def test_the_folder_holds_what_the_api_makes(folder):
    galaxy = next(make_galaxies(SETTINGS, [6]))
    row = pd.read_csv(folder / "votes.csv").iloc[6]
    assert row["id_str"] == galaxy.id_str
    assert (np.asarray(Image.open(folder / row["image"])) == galaxy.picture).all()
    assert row[list(read_tree("gz2").columns)].to_list() == galaxy.votes.tolist()


def test_what_was_stopped_goes_on_with_the_same_bytes(folder, tmp_path):
    write_galaxies(5, tmp_path, SETTINGS, workers=1)
    second = tmp_path / "blocks" / "0001.parquet"
    assert len(pd.read_parquet(second)) == 1
    kept = (tmp_path / "blocks" / "0000.parquet").stat().st_mtime_ns
    write_galaxies(COUNT, tmp_path, SETTINGS, workers=1)
    assert content(tmp_path) == content(folder)
    assert (tmp_path / "blocks" / "0000.parquet").stat().st_mtime_ns == kept


def test_two_processes_write_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(produce, "BLOCK", 250)  # the other processes know nothing of ours
    small = Settings(seed=3, size=16)
    one = write_galaxies(3, tmp_path / "one", small, workers=1)
    two = write_galaxies(3, tmp_path / "two", small, workers=2)
    assert content(one) == content(two)


def test_fewer_galaxies_are_the_first_of_more(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "copy")
    write_galaxies(6, tmp_path / "copy", SETTINGS, workers=1)
    assert len(pd.read_csv(tmp_path / "copy" / "votes.csv")) == 6
    assert len(pd.read_parquet(tmp_path / "copy" / "truth.parquet")) == 6


def test_other_settings_need_another_folder(folder):
    with pytest.raises(ValueError, match=r"holds other galaxies \(\{'seed': 3\}\)"):
        write_galaxies(2, folder, Settings(seed=4, size=24))


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(FileExistsError, match="choose an empty folder"):
        write_galaxies(2, tmp_path, SETTINGS)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"size": 8}, "size must be 16 to 1024 px, got 8"),
        ({"tree": "gz3"}, "tree must be one of decals, decals-dr12, gz2; got 'gz3'"),
        ({"survey": "lsst"}, "survey must be one of sdss, decals, ztf; got 'lsst'"),
        ({"overdispersion": 1.0}, "overdispersion must be from 0 to below 1"),
        ({"mix": {"spirals": 1.0}}, "no kind of galaxy is called 'spirals'"),
        ({"mix": {"spiral": 0.0}}, "mix must be shares of 0 or more, not all of them 0"),
        ({"volunteers": 0}, "volunteers must be 1 to 10000"),
        ({"pixel": 0.0}, "pixel must be 0.05 to 5 arcsec"),
    ],
)
def test_settings_that_cannot_be_are_refused(wrong, reason):
    with pytest.raises(ValueError, match=reason):
        Settings(**{"seed": 0, **wrong})


def test_the_survey_is_that_of_the_tree():
    assert Settings(seed=0).survey == "sdss"
    assert Settings(seed=0, tree="decals-dr12").survey == "decals"


def test_the_manifest_says_how_it_was_made(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["settings"]["seed"] == 3
    assert set(manifest["versions"]) >= {"skysift", "galsim", "numpy"}


@pytest.mark.parametrize("tree", ["decals", "decals-dr12"])
@pytest.mark.parametrize("kind", ["merger", "star", "trail", "blank"])
def test_every_kind_is_drawn_for_every_campaign(tree, kind):
    settings = Settings(seed=2, size=32, tree=tree, mix={kind: 1.0})
    pictures = [galaxy.picture for galaxy in make_galaxies(settings, range(4))]
    assert all(picture.dtype == np.uint8 for picture in pictures)
    brightest = max(int(picture.max()) for picture in pictures)
    assert brightest > (120 if kind != "blank" else 20)
    assert not (pictures[0] == pictures[1]).all()
