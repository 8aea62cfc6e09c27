"""What is known of images: joined tables, galaxies by name, views and orientation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skysift.models.ganomaly.rating.catalogue import Catalogue, galaxies_of
from skysift.models.ganomaly.rating.views import by_galaxy, orientation, spread


def catalogue(tmp_path, name="t.csv", **columns):
    table = pd.DataFrame(columns)
    path = tmp_path / name
    table.to_csv(path, index=False) if name.endswith("csv") else table.to_parquet(path)
    return Catalogue(path)


def images(*names, galaxy=None):
    return pd.DataFrame({"filename": names, "galaxy": galaxy or names})


def test_a_row_finds_its_image_by_path_by_name_and_without_its_suffix(tmp_path):
    table = catalogue(tmp_path, filename=["a/007.png", "b.png", "c", "z"], mass=[1.0, 2, 3, 4])
    joined = table.join({"s": images("a/007.png", "x/b.png", "x/y/c.fits", "d.png")})["s"]
    np.testing.assert_array_equal(joined["mass"], [1, 2, 3, np.nan])
    assert joined["filename"].tolist()[0] == "a/007.png"


def test_names_that_are_numbers_keep_their_zeros(tmp_path):
    table = catalogue(tmp_path, filename=["007", "070"], mass=[1.0, 2.0])
    assert table.columns == ["mass"]
    joined = table.join({"s": images("070.png", "7.png")})["s"]
    np.testing.assert_array_equal(joined["mass"], [2, np.nan])


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_a_table_may_be_of_galaxies_which_several_sets_share(tmp_path, name):
    table = catalogue(tmp_path, name, galaxy=["g1", "g2"], mass=[9.5, 11.0], kind=["E", "S"])
    sets = {"agn": images("a", "b", galaxy=["g1", "g1"]), "no": images("c", galaxy=["g1"])}
    joined = table.join(sets)
    assert joined["agn"]["mass"].tolist() == [9.5, 9.5]
    assert joined["no"]["mass"].tolist() == [9.5]
    assert "kind" not in joined["no"]


def test_a_set_is_told_from_another_with_the_same_names(tmp_path):
    names = {"s": images("1.png"), "r": images("1.png")}
    table = catalogue(
        tmp_path, set=["s", "r"], filename=["1.png", "1.png"], mass=[1, 2], galaxy=["g", "h"]
    )
    joined = table.join(names)
    assert joined["s"]["mass"].tolist() == [1.0] and joined["r"]["mass"].tolist() == [2.0]
    assert joined["r"]["galaxy"].tolist() == ["h"]
    with pytest.raises(ValueError, match="so have both s and r: add a column 'set'"):
        catalogue(tmp_path, filename=["1.png"], mass=[1]).join(names)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"image": ["a"]}, "needs a column filename or galaxy"),
        ({"filename": ["a.png", "a.png"], "mass": [1, 2]}, "has 'a.png' in more than one row"),
        ({"filename": ["q.png"], "mass": [1]}, "no image is in"),
        ({"filename": ["a.png"], "raw": [1]}, "has a column 'raw'"),
        ({"filename": ["b.png"], "mass": [1]}, "several images of s are called so"),
    ],
)
def test_what_does_not_fit_is_said(tmp_path, columns, reason):
    found = images("a.png", "x/b.png", "y/b.png").assign(raw=0.0)
    with pytest.raises(ValueError, match=reason):
        catalogue(tmp_path, **columns).join({"s": found})


def test_what_is_no_table_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no .*t\.csv"):
        Catalogue(tmp_path / "t.csv")
    (tmp_path / "t.parquet").write_text("no")
    with pytest.raises(ValueError, match="cannot be read"):
        Catalogue(tmp_path / "t.parquet")
    with pytest.raises(ValueError, match=r"must be a \.csv or \.parquet"):
        Catalogue(tmp_path.joinpath("t.parquet").rename(tmp_path / "t.txt"))


def test_a_pattern_names_galaxies_and_what_it_does_not_match_stands_alone():
    names = pd.Series(["AGN_g1_00.png", "AGN_g1_01.png", "g2.png"])
    assert galaxies_of(names, None).tolist() == names.tolist()
    assert galaxies_of(names, r"_(g\d)_").tolist() == ["g1", "g1", "g2.png"]
    assert galaxies_of(names, r"g\d").tolist() == ["g1", "g1", "g2"]
    with pytest.raises(ValueError, match="is no regular expression"):
        galaxies_of(names, "(")


def seen(rng, galaxies=30, views=12):
    """Galaxies whose score is lower edge-on, by as much as the sine of their inclination."""
    inclination = np.tile(np.arange(views) * 30.0, galaxies)
    own = np.repeat(rng.normal(0, 2, galaxies), views)
    score = own - np.abs(np.sin(np.radians(inclination))) + rng.normal(0, 0.1, len(own))
    return pd.DataFrame(
        {
            "galaxy": np.repeat([f"g{i}" for i in range(galaxies)], views),
            "inclination": inclination, "azimuth": 0.0,
            "combined": score, "raw": 1.0, "published": 0.1, "percentile": 50.0,
        }
    )  # fmt: skip


def test_mean_and_spread_over_views(rng):
    table = seen(rng)
    galaxies = by_galaxy(table)
    assert (galaxies["views"] == 12).all()
    one = table[table["galaxy"] == "g3"]["combined"]
    row = galaxies[galaxies["galaxy"] == "g3"].iloc[0]
    assert row["combined_mean"] == pytest.approx(one.mean())
    assert row["combined_std"] == pytest.approx(one.std())
    told = spread(galaxies, seed=1)
    assert told["between"] == pytest.approx(2, rel=0.3)
    assert told["within"] == pytest.approx(np.sqrt(np.mean(galaxies["combined_std"] ** 2)))
    assert told["mean"]["low"] < told["mean"]["value"] < told["mean"]["high"]
    single = spread(by_galaxy(table.drop_duplicates("galaxy")), seed=1)
    assert single["several"] == 0 and np.isnan(single["within"])


def test_orientation_curves_find_the_side_that_matters(rng):
    table = seen(rng)
    told = orientation(table, "inclination", seed=1)
    assert told["galaxies"] == 30
    assert told["angle"] == list(range(0, 360, 30))
    wanted = -np.abs(np.sin(np.radians(told["angle"])))
    wanted -= wanted.mean()
    np.testing.assert_allclose(told["value"], wanted, atol=0.1)
    inside = (np.array(told["low"]) <= told["value"]) & (told["value"] <= np.array(told["high"]))
    assert inside.all()
    assert orientation(table, "azimuth", seed=1) is None  # all were seen at one
    table["inclination"] = 360.0 * (np.arange(len(table)) % 2)
    assert orientation(table, "inclination", seed=1) is None  # 360 is 0
