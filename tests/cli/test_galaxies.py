"""``skysift simulate galaxies`` and ``skysift data build``, ``check`` and ``fetch zoobot``."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from skysift.cli.main import USER_ERRORS, app
from tests.datasets.galaxies.made_up import hart_catalog, ids, own_catalog, pictures
from tests.datasets.galaxies.sky_server import Sky, compressed, serving


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_from_nothing_to_a_set(tmp_path: Path) -> None:
    made = tmp_path / "galaxies"
    told = run("simulate", "galaxies", "--count", 12, "--seed", 5, "--size", 24, "-o", made,
               "--mix", "spiral=0.7,elliptical=0.3", "--overdispersion", 0.1,
               "--workers", 1)  # fmt: skip
    assert "12 simulated galaxies" in told
    told = run("data", "build", "zoobot", "--catalog", made / "votes.csv", "--images", made,
               "--truth", made / "truth.parquet", "-o", tmp_path / "set", "--size", 16,
               "--shares", "train=0.5,validation=0.25,test=0.25")  # fmt: skip
    assert "train: 6 galaxies" in told
    assert "12 galaxies with votes" in told
    table = pd.read_parquet(tmp_path / "set" / "galaxies.parquet")
    assert set(table["kind"]) == {"spiral", "elliptical"}
    assert "12 galaxies in 3 shards" in run("data", "check", "zoobot", tmp_path / "set")


def test_what_is_left_out_is_printed(tmp_path: Path) -> None:
    catalog = own_catalog(tmp_path / "votes.csv", [*ids(6), ids(1)[0]])
    pictures(tmp_path / "images", ids(5))
    told = run("data", "build", "zoobot", "--catalog", catalog, "--images", tmp_path / "images",
               "-o", tmp_path / "set", "--size", 20)  # fmt: skip
    assert "id_twice" in told
    assert "no_image" in told
    assert "4 galaxies with votes" in told


def test_the_published_table_and_images_by_id(tmp_path: Path) -> None:
    text = hart_catalog(tmp_path / "table.csv", ids(8)).read_bytes()
    sky = Sky(table=compressed(text), trouble={})
    (tmp_path / "mine.txt").write_text("\n".join(ids(3)))
    folder = tmp_path / "gz2"
    with serving(sky) as url:
        told = run("data", "fetch", "zoobot", "-o", folder, "--url", f"{url}/table.csv.gz")
        assert "the table of Galaxy Zoo 2" in told
        image = f"{url}/cut?ra={{ra}}&dec={{dec}}&scale={{scale}}&width={{side}}"
        told = run("data", "fetch", "zoobot", "-o", folder, "--ids", tmp_path / "mine.txt",
                   "--url", image, "--side", 32)  # fmt: skip
    assert "3 images fetched, 0 were there, 0 could not be had" in told
    told = run("data", "build", "zoobot", "--catalog", folder / "gz2_hart16.csv.gz",
               "--images", folder / "images", "-o", tmp_path / "set", "--size", 16)  # fmt: skip
    assert "3 galaxies with votes" in told


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("simulate", "galaxies", "-o", "{}/o", "--size", "9"), "size must be 16 to 1024 px"),
        (("simulate", "galaxies", "-o", "{}/o", "--tree", "gz3"), "tree must be one of"),
        (("simulate", "galaxies", "-o", "{}/o", "--mix", "spiral"), "--mix takes KIND=SHARE"),
        (("simulate", "galaxies", "-o", "{}"), "choose an empty folder"),
        (("data", "build", "zoobot", "--catalog", "{}/votes.csv", "--images", "{}/no", "-o",
          "{}/o"), "there is no folder"),
        (("data", "build", "zoobot", "--catalog", "{}/none.csv", "--images", "{}", "-o", "{}/o"),
         "none.csv"),
        (("data", "build", "zoobot", "--catalog", "{}/votes.csv", "--images", "{}", "-o", "{}/o",
          "--shares", "train"), "--shares takes PART=SHARE"),
        (("data", "build", "zoobot", "--catalog", "{}/votes.csv", "--images", "{}", "-o", "{}/o",
          "--layout", "gz3"), "no layout 'gz3'"),
        (("data", "build", "zoobot", "--catalog", "{}/votes.csv", "--images", "{}", "-o", "{}/o",
          "--id", "name"), "give --layout, or --tree"),
        (("data", "check", "zoobot", "{}"), "no complete set of galaxies"),
        (("data", "fetch", "zoobot", "-o", "{}/o", "--service", "hst"), "--service must be one of"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(tmp_path: Path, arguments: tuple[str, ...], reason: str) -> None:
    own_catalog(tmp_path / "votes.csv", ids(2))
    given = [argument.format(tmp_path) for argument in arguments]
    result = CliRunner().invoke(app, given)
    assert isinstance(result.exception, USER_ERRORS)
    assert reason in str(result.exception)
    assert not os.path.exists(tmp_path / "o" / "manifest.json")
