"""Which images are wanted: those of a folder, or of a catalog row by row."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from skysift.datasets.galaxies.catalog import CatalogError
from skysift.predictions import in_folder, of_catalog


def put(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def test_all_images_of_a_folder_are_counted_and_hidden_ones_told(tmp_path: Path) -> None:
    folder = put(tmp_path / "a", "1.png", "deep/2.JPG", "deep/er/3.jpeg", "notes.txt", "_4.png",
                 ".5.png", "_old/6.png")  # fmt: skip
    wanted = in_folder(folder)
    assert (wanted.count, wanted.kind, wanted.galaxies) == (3, "picture", None)
    assert wanted.hidden == (".5.png", "_4.png", "_old/6.png")


def test_the_pattern_fits_the_names_that_are_counted(tmp_path: Path) -> None:
    """Read as Hadoop reads it: braces for one of several, brackets for one of two letters."""
    for kind, names, others in (
        ("picture", ("1.png", "2.JPG", "3.Jpeg"), ("4.fits", "5.png.txt", "png")),
        ("fits", ("1.fits", "2.FITS.GZ", "3.fit", "4.fits.fz"), ("5.png", "6.gz")),
    ):
        wanted = in_folder(put(tmp_path / kind, *names), kind)
        assert wanted.count == len(names)
        pattern = wanted.pattern.replace(".", r"\.").replace("*", ".*")
        pattern = pattern.replace("{", "(").replace("}", ")").replace(",", "|")
        assert all(re.fullmatch(pattern, name) for name in names)
        assert not any(re.fullmatch(pattern, name) for name in others)


def test_pictures_and_fits_are_not_mixed_but_one_can_be_chosen(tmp_path: Path) -> None:
    folder = put(tmp_path, "1.png", "2.png", "3.fits")
    with pytest.raises(ValueError, match=r"2 pictures and 1 FITS images.*--format"):
        in_folder(folder)
    assert (in_folder(folder, "fits").count, in_folder(folder, "picture").count) == (1, 2)
    with pytest.raises(ValueError, match="--format must be picture or fits"):
        in_folder(folder, "png")


def test_a_folder_without_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no image in"):
        in_folder(put(tmp_path, "notes.txt"))
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        in_folder(tmp_path / "none")


def test_each_row_of_a_catalog_stays_with_its_image_or_a_reason(tmp_path: Path) -> None:
    folder = put(tmp_path / "images", "x/0012.png", "7.png", "9.png")
    catalog = tmp_path / "mine.csv"
    catalog.write_text("name,z\n0012,0.1\n7,\n8,0.2\n9,0\n,0.3\n9,0\n")
    wanted = of_catalog(catalog, folder, id_column="name")
    table = wanted.galaxies
    assert wanted.count == 6
    assert table["galaxy"].tolist() == ["0012", "7", "8", "9", "", "9"]
    assert table["reason"].tolist() == ["", "", "no_image", "id_twice", "no_id", "id_twice"]
    assert [(wanted.root / file).exists() for file in table["file"][:2]] == [True, True]
    assert table["place"].tolist() == list(range(6))


def test_a_column_may_say_where_the_image_is(tmp_path: Path) -> None:
    folder = put(tmp_path / "images", "0000/a.png", "b.png")
    table = pd.DataFrame({"id_str": ["1", "2"], "image": ["images/0000/a.png", "b.png"]})
    table.to_parquet(tmp_path / "votes.parquet")
    wanted = of_catalog(tmp_path / "votes.parquet", folder, image_column="image")
    assert wanted.galaxies["file"].tolist() == ["images/0000/a.png", "images/b.png"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,z\n1,0\n", "lacks the columns: id_str; it has: id, z"),
        ("id_str\n", "has no rows"),
        ("id_str\n5.877e+17\n", "was rounded"),
    ],
)
def test_a_catalog_that_says_nothing_is_refused(tmp_path: Path, text: str, told: str) -> None:
    catalog = tmp_path / "c.csv"
    catalog.write_text(text)
    with pytest.raises(CatalogError, match=re.escape(told)):
        of_catalog(catalog, put(tmp_path, "1.png"))
