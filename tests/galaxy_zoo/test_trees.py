"""Decision trees: those that are known, what is computed from them, and files that are none.

Questions, answers and parents are those of the papers; the shares were computed by hand.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from skysift.galaxy_zoo import TREES, Tree, TreeError, read_tree, tree_of

TINY = """
title = "tiny"
[[questions]]
name = "disc"
answers = ["smooth", "featured", "star"]
[[questions]]
name = "odd"
answers = ["yes", "no"]
parent = "disc"
after = ["smooth", "featured"]
[[questions]]
name = "bar"
answers = ["yes", "no"]
parent = "disc"
after = ["featured"]
[[questions]]
name = "long"
answers = ["yes", "no"]
parent = "bar"
after = ["yes"]
"""


def tiny(folder: Path, text: str = TINY) -> Tree:
    file = folder / "tiny.toml"
    file.write_text(text, encoding="utf-8")
    return read_tree(file)


@pytest.mark.parametrize(
    ("name", "answers", "parents"),
    [
        ("gz2", [3, 2, 2, 2, 4, 2, 3, 3, 3, 6],
         {"bar": "disk-edge-on", "something-odd": "smooth-or-featured",
          "bulge-shape": "disk-edge-on", "spiral-winding": "has-spiral-arms"}),
        ("decals", [3, 2, 2, 3, 5, 3, 3, 3, 6, 4],
         {"bar": "disk-edge-on", "merging": "smooth-or-featured", "edge-on-bulge": "disk-edge-on"}),
        ("decals-dr12", [3, 2, 2, 2, 3, 3, 3, 3, 5, 4], {"how-rounded": "smooth-or-featured"}),
    ],
)  # fmt: skip
def test_the_campaigns_are_as_published(name, answers, parents):
    tree = read_tree(name)
    assert [len(question.answers) for question in tree.questions] == answers
    assert {question: tree[question].parent for question in parents} == parents
    assert tree.questions[0].name == "smooth-or-featured"


def test_decals_has_34_answers():
    assert len(read_tree("decals").columns) == 34


def test_every_shipped_tree_is_read_by_name():
    assert set(TREES) == {"decals", "decals-dr12", "gz2"}
    assert all(read_tree(name).name == name for name in TREES)


def test_columns_and_where_they_stand(tmp_path):
    tree = tiny(tmp_path)
    assert tree.columns[3:7] == ("odd_yes", "odd_no", "bar_yes", "bar_no")
    assert tree.columns[tree.slices["bar"]] == ("bar_yes", "bar_no")
    assert tree.totals == ("disc_total", "odd_total", "bar_total", "long_total")
    assert tree.leading(tree["odd"]) == [0, 1]


def test_the_share_asked_is_the_product_down_the_tree(tmp_path):
    tree = tiny(tmp_path)
    fractions = np.array([[0.5, 0.3, 0.2, 0.1, 0.9, 0.25, 0.75, 1.0, 0.0]])
    assert tree.asked(fractions)[0] == pytest.approx([1.0, 0.8, 0.3, 0.075])
    assert tree.expected_votes(fractions, base=40)[0] == pytest.approx([40, 32, 12, 3])


def test_a_question_nobody_was_asked_leads_nowhere(tmp_path):
    fractions = np.array([1.0, 0.0, 0.0, 0.5, 0.5, np.nan, np.nan, np.nan, np.nan])
    assert tiny(tmp_path).asked(fractions) == pytest.approx([1.0, 1.0, 0.0, 0.0])


def test_fractions_of_another_tree_are_refused(tmp_path):
    with pytest.raises(ValueError, match="9 columns for the tree tiny"):
        tiny(tmp_path).asked(np.zeros((4, 8)))


def test_a_question_that_is_not_there_is_named(tmp_path):
    with pytest.raises(KeyError, match="no question 'ring'; it has: disc, odd"):
        tiny(tmp_path)["ring"]


@pytest.mark.parametrize(
    ("was", "becomes", "reason"),
    [
        ('name = "odd"', 'name = "odd_one"', "question 2 needs a name, without underscore"),
        ('name = "bar"', 'name = "odd"', "two questions of that name"),
        ('answers = ["yes", "no"]\nparent = "bar"', 'answers = ["yes"]\nparent = "bar"',
         "long: answers must be two or more"),
        ('parent = "bar"', 'parent = "ring"', "'ring' is none of those before it: disc, odd, bar"),
        ('after = ["featured"]', 'after = ["feature"]', "'feature' is no answer of disc"),
        ('after = ["featured"]', "after = []", "bar: parent and after go together"),
        ('"star"', '"total"', "no answer can be 'total'"),
        ('parent = "bar"', 'partner = "bar"', "no key 'partner' is known"),
        ("[[questions]]", "[[question]]", "no table"),
        ("title", "= title", "cannot be read as TOML"),
    ],
)  # fmt: skip
def test_what_is_no_tree_is_said(tmp_path, was, becomes, reason):
    assert was in TINY
    with pytest.raises(TreeError, match=reason):
        tiny(tmp_path, TINY.replace(was, becomes))


def test_a_tree_that_is_not_there_is_said():
    with pytest.raises(TreeError, match="no decision tree 'gz3': give a TOML file or decals"):
        read_tree("gz3")


@pytest.mark.parametrize("name", TREES)
def test_a_tree_goes_through_json_and_comes_back(name: str) -> None:
    tree = read_tree(name)
    assert tree_of(name, json.loads(json.dumps(tree.as_table))) == tree
