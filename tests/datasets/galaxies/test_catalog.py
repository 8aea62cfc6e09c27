"""Catalogs of votes: those that are known, one's own, and what is wrong with some."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skysift.datasets.exclusions import Exclusions
from skysift.datasets.galaxies import LAYOUTS, CatalogError, choose_layout, read_layout
from skysift.datasets.galaxies.catalog import read_catalog
from skysift.datasets.galaxies.layout import LayoutError
from skysift.galaxy_zoo import read_tree
from tests.datasets.galaxies.made_up import GZ2, LONG, hart_catalog, ids, own_catalog, votes


def read(path: Path, layout=None, **options):
    exclusions = Exclusions()
    table, layout = read_catalog(path, layout, exclusions, **options)
    return table, layout, exclusions.counts


def test_galaxy_zoo_2_is_known_by_its_columns(tmp_path):
    table, layout, left_out = read(hart_catalog(tmp_path / "gz2.csv", ids(5)))
    assert layout.tree.name == "gz2"
    assert table["id_str"].tolist() == ids(5)
    assert (table[list(GZ2.columns)] == votes(5)).all(axis=None)
    assert (table["bar_total"] == table["bar_yes"] + table["bar_no"]).all()
    assert left_out == {}


def test_every_answer_of_galaxy_zoo_2_has_its_column():
    """Tasks and answers as Willett et al. (2013, table 2) number them."""
    layout = read_layout("gz2-hart16")
    assert set(layout.votes) == set(layout.tree.columns)
    for column, task in [("bar_yes", "t03_"), ("has-spiral-arms_yes", "t04_"),
                         ("something-odd_yes", "t06_"), ("bulge-shape_boxy", "t09_")]:  # fmt: skip
        assert layout.votes[column].startswith(task)
    numbers = [int(re.search(r"_a(\d\d)_", name).group(1)) for name in layout.votes.values()]
    assert sorted(numbers) == [*range(1, 19), *range(25, 35), 36, 37]


def test_stripe_82_is_left_out(tmp_path):
    path = hart_catalog(tmp_path / "gz2.csv", ids(4))
    table = pd.read_csv(path, dtype=str)
    table.loc[1:2, "sample"] = "stripe82"
    table.to_csv(path, index=False)
    found, _, left_out = read(path)
    assert found["id_str"].tolist() == [ids(4)[0], ids(4)[3]]
    assert left_out == {"other_sample": 2}


@pytest.mark.parametrize("name", ["decals", "decals-dr12"])
def test_decals_is_known_by_its_columns(tmp_path, name):
    tree = read_tree(name)
    table = pd.DataFrame(np.ones((3, len(tree.columns)), int), columns=tree.columns)
    table["iauname"] = ["J100000.1+020304.5", "J2", "J3"]
    table["bar_total-votes"] = 3
    table.loc[2, list(tree["how-rounded"].columns)] = np.nan  # nobody was asked
    table.to_csv(tmp_path / "decals.csv", index=False)
    found, layout, _ = read(tmp_path / "decals.csv")
    assert layout.tree.name == name
    assert found["how-rounded_total"].tolist() == [3, 3, 0]
    assert found["id_str"][0] == "J100000.1+020304.5"


def test_ids_are_text_to_the_last_digit(tmp_path):
    names = ["007", str(LONG), "1.50"]
    table, _, _ = read(own_catalog(tmp_path / "own.csv", names))
    assert table["id_str"].tolist() == names


def test_long_whole_numbers_of_parquet_keep_their_digits(tmp_path):
    table = votes(2).assign(id_str=np.array([LONG, LONG + 1]), image="")
    table.to_parquet(tmp_path / "own.parquet")
    found, _, _ = read(tmp_path / "own.parquet")
    assert found["id_str"].tolist() == [str(LONG), str(LONG + 1)]


def test_compressed_catalogs_are_read(tmp_path):
    own_catalog(tmp_path / "own.csv.gz", ids(3))
    assert len(read(tmp_path / "own.csv.gz")[0]) == 3


def test_who_is_there_twice_is_left_out_altogether(tmp_path):
    path = own_catalog(tmp_path / "own.csv", ["a", "b", "a", "c", ""])
    table, _, left_out = read(path)
    assert table["id_str"].tolist() == ["b", "c"]
    assert left_out == {"no_id": 1, "id_twice": 2}


def test_galaxies_without_votes_are_left_out(tmp_path):
    first = list(GZ2.questions[0].columns)
    table = votes(4).assign(id_str=list("abcd"), image="")
    table.loc[1, first] = 0
    table.loc[2, first] = [1, 2, 0]
    table.loc[3, first] = [10, 10, 10]
    table.to_csv(tmp_path / "own.csv", index=False)
    found, _, left_out = read(tmp_path / "own.csv", min_votes=4)
    assert found["id_str"].tolist() == ["a", "d"]
    assert left_out == {"no_votes": 1, "few_votes": 1}
    assert len(read(tmp_path / "own.csv", min_votes=0)[0]) == 4


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"id_str": ["5.877e+17", "2"]}, "the id 5.877e+17 in id_str was rounded"),
        ({"id_str": ["587722981741363200.0", "2"]}, "was rounded"),
        ({"id_str": ["../../etc", "2"]}, "can name no file"),
        ({"bar_yes": [0.37, 1.0]}, "bar_yes holds fractions of votes"),
        ({"bar_yes": ["many", "1"]}, "'many' in bar_yes is no number of votes"),
        ({"bar_yes": [-1, 3]}, "bar_yes holds numbers below 0"),
        ({"smooth-or-featured_smooth": [0, 0], "smooth-or-featured_artifact": [0, 0],
          "smooth-or-featured_featured-or-disk": [0, 0]}, "no galaxy that could be learned from"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(tmp_path, columns, reason):
    path = own_catalog(tmp_path / "own.csv", ["1", "2"], **columns)
    with pytest.raises(CatalogError, match=reason.replace("+", r"\+")):
        read(path)


def test_floats_as_ids_are_refused(tmp_path):
    votes(2).assign(id_str=[1e18, 2e18], image="").to_parquet(tmp_path / "own.parquet")
    with pytest.raises(CatalogError, match="ids in id_str are floats"):
        read(tmp_path / "own.parquet")


def test_what_is_no_catalog_is_said(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and nothing")
    with pytest.raises(CatalogError, match="cannot be read as a catalog"):
        read(tmp_path / "a.parquet")
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(CatalogError, match="cannot be read as a catalog"):
        read(tmp_path / "empty.csv")
    (tmp_path / "b.csv").write_text("name,smooth\nx,3\n")
    with pytest.raises(LayoutError, match="no known layout has these columns"):
        read(tmp_path / "b.csv")


# Layouts of one's own

BARS = """
title = "bars"
[[questions]]
name = "bar"
answers = ["yes", "no"]
"""
OWN = """
tree = "bars.toml"
id = "galaxy"
image_column = "file"
keep = { field = ["A"] }
[votes]
bar_yes = "k"
"""


def test_a_layout_of_ones_own(tmp_path):
    (tmp_path / "bars.toml").write_text(BARS)
    (tmp_path / "own.toml").write_text(OWN)
    (tmp_path / "own.csv").write_text(
        "galaxy,file,k,bar_no,field\n1,x/1.png,3,4,A\n2,x/2.png,3.0,,A\n3,x/3.png,1,1,B\n"
    )
    table, _, left_out = read(tmp_path / "own.csv", read_layout(tmp_path / "own.toml"))
    assert table[["id_str", "image", "bar_yes", "bar_no", "bar_total"]].to_numpy().tolist() == [
        ["1", "x/1.png", 3, 4, 7], ["2", "x/2.png", 3, 0, 3]
    ]  # fmt: skip
    assert left_out == {"other_field": 1}


def test_a_layout_by_options(tmp_path):
    (tmp_path / "bars.toml").write_text(BARS)
    (tmp_path / "own.csv").write_text("name,bar_yes,bar_no\nx,3,4\n")
    table, _, _ = read(tmp_path / "own.csv", choose_layout(None, tmp_path / "bars.toml", "name"))
    assert table["bar_total"].tolist() == [7]


def test_columns_alone_are_no_layout():
    assert choose_layout(None) is None
    with pytest.raises(LayoutError, match="give --layout, or --tree"):
        choose_layout(None, id="name")


@pytest.mark.parametrize(
    ("was", "becomes", "reason"),
    [
        ('id = "galaxy"', "id = 3", "id must be a text"),
        ("bar_yes", "bar_yess", "no answer of the tree bars is called 'bar_yess'.*'bar_yes'"),
        ("image_column", "image_colum", "no key 'image_colum'.*'image_column'"),
        ('image_column = "file"', 'image = "{name}"', "image may hold {id}"),
        ("bars.toml", "stars.toml", "no decision tree"),
        ("tree", "= tree", "own.toml"),
    ],
)
def test_layouts_that_make_no_sense(tmp_path, was, becomes, reason):
    (tmp_path / "bars.toml").write_text(BARS)
    (tmp_path / "own.toml").write_text(OWN.replace(was, becomes, 1))
    with pytest.raises(LayoutError, match=reason):
        read_layout(tmp_path / "own.toml")


def test_layouts_that_are_shipped_can_be_read():
    assert {read_layout(name).tree.name for name in LAYOUTS} == {"gz2", "decals", "decals-dr12"}
    with pytest.raises(LayoutError, match="no layout 'gz3'"):
        read_layout("gz3")


def test_missing_columns_are_named(tmp_path):
    path = own_catalog(tmp_path / "own.csv", ["a"])
    with pytest.raises(CatalogError, match="lacks the columns: iauname, bar_strong"):
        read(path, read_layout("decals-dr5"))
