"""Votes in tables: counted as they stand, and refused by name where they cannot be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skysift.active_learning.questions import Choice, Votes
from skysift.campaigns.oracles import read_truth
from skysift.campaigns.votes_table import columns_of, matrix_of, votes_of

FORM = Votes(
    "Shape?", {"shape": {"smooth": None, "disk": "arms"}, "arms": {"yes": None, "no": None}}
)
TABLE = pd.DataFrame(
    {
        "id_str": ["007", "8", "9"],
        "shape_smooth": [30, 0, 4],
        "shape_disk": [10, 0, 0],
        "arms_yes": [7, 0, np.nan],
        "arms_no": [2, 0, np.nan],
    }
)


def test_votes_are_taken_as_they_stand_and_galaxies_without_any_left_out():
    assert votes_of(TABLE, FORM) == {
        "007": {"shape": {"smooth": 30, "disk": 10}, "arms": {"yes": 7, "no": 2}},
        "9": {"shape": {"smooth": 4}},
    }


def test_counting_them_gives_the_table_back():
    counted = matrix_of(list(votes_of(TABLE, FORM).values()), FORM)
    expected = TABLE.loc[[0, 2], columns_of(FORM)].fillna(0).to_numpy()
    np.testing.assert_array_equal(counted, expected)
    assert matrix_of([], FORM).shape == (0, 4)


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("arms_yes", [11, 0, 0], "votes on 007 do not fit the tree: .*more votes than led to it"),
        ("shape_disk", [10, -1, 0], "votes on 8 do not fit"),
        ("shape_disk", [10, 0.5, 0], "whole numbers. Got others of 8"),
        ("id_str", ["7", "8", "7"], "has 7 twice"),
    ],
)
def test_votes_that_cannot_be_are_refused_by_name(column, values, told):
    with pytest.raises(ValueError, match=told):
        votes_of(TABLE.assign(**{column: values}), FORM)


@pytest.mark.parametrize("column", ["id_str", "arms_no"])
def test_a_column_that_is_missing_is_named(column):
    with pytest.raises(ValueError, match=column):
        votes_of(TABLE.drop(columns=column), FORM)


def test_a_file_of_votes_is_a_table_of_truth(tmp_path):
    path = tmp_path / "votes.csv"
    TABLE.to_csv(path, index=False)
    assert read_truth(path, FORM) == votes_of(TABLE, FORM)  # "007" stays a text
    with pytest.raises(ValueError, match=r"votes\.csv: the table of votes has no column"):
        read_truth(path, Votes("Odd?", {"odd": {"yes": None, "no": None}}))
    with pytest.raises(ValueError, match="no column objectId"):
        read_truth(path, Choice("Odd?", {"y": "yes", "n": "no"}))
