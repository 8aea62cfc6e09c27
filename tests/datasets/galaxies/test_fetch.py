"""Fetching the table of Galaxy Zoo 2 and images, from a server on this machine."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from skysift.datasets.download import DownloadError
from skysift.datasets.galaxies import cutouts
from skysift.datasets.galaxies.cutouts import SERVICES, fetch_images, read_targets
from skysift.datasets.galaxies.images import read_image
from skysift.datasets.galaxies.published import TABLE, fetch_table
from tests.datasets.galaxies.made_up import hart_catalog, ids
from tests.datasets.galaxies.sky_server import Sky, compressed, serving

SOON = (0.01, 0.01)
NAMES = ids(6)
GALAXIES = pd.DataFrame({"id_str": NAMES, "ra": np.arange(6) + 10.0, "dec": -1.5})


@pytest.fixture
def sky(tmp_path: Path) -> Sky:
    path = hart_catalog(tmp_path / "table.csv", ids(50))
    return Sky(table=compressed(path.read_bytes()))


def get(sky: Sky, folder: Path, name: str = "sdss", galaxies=GALAXIES, **options):
    with serving(sky) as url:
        path = SERVICES[name].url.split("/", 3)[3]
        service = replace(SERVICES[name], url=f"{url}/{path}")
        given = {"side": 24, "per_second": 500.0, "waits": SOON, **options}
        return fetch_images(galaxies, folder, service, **given)


# The table


def test_the_table_is_fetched_once(sky, tmp_path):
    with serving(sky) as url:
        path = fetch_table(tmp_path / "gz2", url=f"{url}/table.csv.gz", waits=SOON)
        again = fetch_table(tmp_path / "gz2", url=f"{url}/table.csv.gz", waits=SOON)
    assert path == again == tmp_path / "gz2" / TABLE
    assert path.read_bytes() == sky.table
    assert len(sky.asked) == 1


def test_a_table_that_broke_off_goes_on(sky, tmp_path):
    sky.cut = 500
    steps = []
    with serving(sky) as url:
        path = fetch_table(tmp_path, url=f"{url}/table.csv.gz", waits=SOON, progress=steps.append)
    assert path.read_bytes() == sky.table
    assert [asked["first"] for asked in sky.asked] == ["0", "500"]
    assert {step.what for step in steps} >= {"fetching"}


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda table: table[:-20] + bytes(20), "came damaged"),
        (lambda table: b"<html>moved</html>", "came damaged"),
        (lambda table: compressed(b"id,votes\n1,2\n"), "is not the table of Galaxy Zoo 2"),
    ],
)
def test_another_file_is_not_kept(sky, tmp_path, spoil, reason):
    sky.table = spoil(sky.table)
    with serving(sky) as url, pytest.raises(DownloadError, match=reason):
        fetch_table(tmp_path / "gz2", url=f"{url}/table.csv.gz", waits=SOON)
    assert not (tmp_path / "gz2" / TABLE).exists()


# Images


@pytest.mark.parametrize("name", ["sdss", "legacy", "legacy-fits"])
def test_each_service_is_asked_in_its_own_words(sky, tmp_path, name):
    report = get(sky, tmp_path, name, scale=0.2)
    assert (report.there, report.fetched, report.failed) == (0, 6, {})
    suffix = ".fits" if name == "legacy-fits" else ".jpg"
    for galaxy in NAMES:
        assert read_image(tmp_path / galaxy[:6] / f"{galaxy}{suffix}", 24).shape == (24, 24, 3)
    asked = sky.asked[0]
    assert float(asked["dec"]) == -1.5
    assert {float(a["ra"]) for a in sky.asked} == set(GALAXIES["ra"])
    assert float(asked.get("scale") or asked["pixscale"]) == 0.2
    assert int(asked.get("width") or asked["size"]) == 24
    assert ("bands" in asked) == (name == "legacy-fits")


def test_what_is_there_is_not_asked_for_again(sky, tmp_path):
    get(sky, tmp_path, galaxies=GALAXIES[:4])
    before = len(sky.asked)
    told = []
    report = get(sky, tmp_path, progress=lambda done, total: told.append((done, total)))
    assert (report.there, report.fetched) == (4, 2)
    assert len(sky.asked) == before + 2
    assert told[0] == (4, 6)
    assert told[-1] == (6, 6)


def test_what_is_no_image_is_listed_and_tried_again(sky, tmp_path):
    sky.trouble = {10.0: "blank", 11.0: "html", 12.0: "small", 13.0: "404"}
    report = get(sky, tmp_path)
    assert report.fetched == 2
    reasons = ["blank", "no image came", "24 px a side were asked for", "404"]
    for galaxy, reason in zip(NAMES, reasons, strict=False):
        assert reason in report.failed[galaxy]
    with (tmp_path / "failed.csv").open(newline="") as file:
        assert [row["id_str"] for row in csv.DictReader(file)] == NAMES[:4]
    assert len(list(tmp_path.rglob("*.jpg"))) == 2
    assert not list(tmp_path.rglob("*.part"))
    sky.trouble = {}
    assert get(sky, tmp_path).failed == {}
    assert (tmp_path / "failed.csv").read_text().splitlines() == ["id_str,reason"]


def test_a_server_that_stumbles_is_asked_again(sky, tmp_path):
    sky.fail = [503, 500]
    assert get(sky, tmp_path, workers=1).failed == {}
    assert len(sky.asked) == 8


def test_a_service_that_is_down_is_left_alone(sky, tmp_path, monkeypatch):
    monkeypatch.setattr(cutouts, "IN_A_ROW", 5)
    galaxies = pd.DataFrame({"id_str": ids(60), "ra": 10.0, "dec": 0.0})
    sky.trouble = {10.0: "404"}
    with pytest.raises(DownloadError, match=r"5 images one after another.*404.*try again later"):
        get(sky, tmp_path, galaxies=galaxies, workers=2)
    assert len(sky.asked) < 20


def test_several_at_a_time_and_not_too_fast(sky, tmp_path):
    get(sky, tmp_path, workers=3, per_second=40.0)
    assert 1 <= sky.most_at_once <= 3
    assert max(sky.began) - min(sky.began) >= 4 / 40.0


def test_half_an_image_is_never_there(sky, tmp_path):
    get(sky, tmp_path, galaxies=GALAXIES[:1])
    path = tmp_path / NAMES[0][:6] / f"{NAMES[0]}.jpg"
    assert Image.open(path).size == (24, 24)


# Whose images


def test_the_galaxies_of_a_list(tmp_path):
    catalog = hart_catalog(tmp_path / "gz2.csv", ids(5))
    (tmp_path / "ids.txt").write_text(f"{ids(5)[3]}\n\n{ids(5)[0]}\n{ids(5)[3]}\n")
    found = read_targets(catalog, "dr7objid", tmp_path / "ids.txt")
    assert found["id_str"].tolist() == [ids(5)[3], ids(5)[0]]
    assert found.columns.tolist() == ["id_str", "ra", "dec"]
    assert read_targets(catalog, "dr7objid", limit=2)["id_str"].tolist() == ids(2)


@pytest.mark.parametrize(
    ("text", "reason"), [("12345\n", "12345 is not in"), ("\n", "there is no id in it")]
)
def test_a_list_that_does_not_fit_is_said(tmp_path, text, reason):
    catalog = hart_catalog(tmp_path / "gz2.csv", ids(2))
    (tmp_path / "ids.txt").write_text(text)
    with pytest.raises(ValueError, match=reason):
        read_targets(catalog, "dr7objid", tmp_path / "ids.txt")


def test_a_catalog_without_places_is_said(tmp_path):
    (tmp_path / "a.csv").write_text("name,ra\nx,1\n")
    with pytest.raises(ValueError, match="lacks the columns: dec"):
        read_targets(tmp_path / "a.csv", "name")
    (tmp_path / "a.csv").write_text("name,ra,dec\nx,1,100\n")
    with pytest.raises(ValueError, match="x has no place on the sky"):
        read_targets(tmp_path / "a.csv", "name")
