"""Forms: what can be asked, what fits as an answer; the tree is Galaxy Zoo's kind of tree."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skysift.active_learning.questions import (
    FORMS,
    TRANSIENT,
    AnswerError,
    Choice,
    Marks,
    Votes,
    form_from_json,
    form_to_json,
)

TREE = Votes(
    "Shape?",
    {
        "shape": {"smooth": None, "disk": "edge-on", "star": None},
        "edge-on": {"yes": None, "no": "arms"},
        "arms": {"1": None, "2": None, "more": None},
    },
)
PICTURE = Marks("Where is the comet?", width=63, height=40)


def test_people_are_asked_with_the_published_keys():
    assert TRANSIENT.choices == {
        "r": "real",
        "x": "extragal",
        "g": "gal",
        "a": "agn",
        "b": "bogus",
        "v": "varstar",
    }


@pytest.mark.parametrize(
    ("choices", "problem"),
    [
        ({"y": "yes"}, "two or more"),
        ({"y": "yes", "j": "yes"}, "differ"),
        ({"y": "yes", "s": "no"}, "other than s, z, q"),
        ({"y": "yes", "N": "no"}, "small letter"),
        ({"y": "yes", "no": "no"}, "one small letter"),
        ({"y": "yes", " ": "no"}, "one small letter"),
        ({"y": "yes", "k": "skip"}, "no choice may be 'skip'"),
    ],
)
def test_choices_that_cannot_be_told_apart_are_refused(choices, problem):
    with pytest.raises(ValueError, match=problem):
        Choice("?", choices)


@pytest.mark.parametrize(
    ("tree", "problem"),
    [
        ({}, "must have a question"),
        ({"a": {"x": None}}, "two or more answers"),
        ({"a": {"x": "b", "y": None}}, "'x' of 'a'.*later question. Got: 'b'"),
        ({"a": {"x": "a", "y": None}}, "later question"),
        ({"a": {"x": "b", "y": None}, "b": {"x": "a", "y": None}}, "'x' of 'b'"),
    ],
)
def test_a_tree_that_leads_nowhere_or_in_circles_is_refused(tree, problem):
    with pytest.raises(ValueError, match=problem):
        Votes("?", tree)


def test_one_persons_path_is_one_vote_a_question():
    votes = TREE.path(["disk", "no", "2"])
    assert votes == {"shape": {"disk": 1}, "edge-on": {"no": 1}, "arms": {"2": 1}}
    assert TREE.check(votes) == votes


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ([], "'shape' has no answer yet"),
        (["disk"], "'edge-on' has no answer yet"),
        (["smooth", "yes"], "'yes' does not answer 'any question'"),
        (["round"], "'round' does not answer 'shape'"),
    ],
)
def test_a_path_ends_where_the_tree_ends(path, problem):
    with pytest.raises(AnswerError, match=problem):
        TREE.path(path)


def test_votes_of_many_come_in_the_trees_order():
    counted = {"edge-on": {"yes": 3, "no": 4}, "shape": {"smooth": 30, "disk": 8}}
    assert list(TREE.check(counted)) == ["shape", "edge-on"]
    assert TREE.check(counted) == counted


@pytest.mark.parametrize(
    ("votes", "problem"),
    [
        ("disk", "votes must be"),
        ({}, "votes must be"),
        ({"colour": {"red": 1}}, "no question 'colour'"),
        ({"shape": {"round": 1}}, "no answer 'round'"),
        ({"shape": "disk"}, "answer: count"),
        ({"shape": {"disk": 0}}, "above 0"),
        ({"shape": {"disk": 1.5}}, "whole number"),
        ({"shape": {"disk": True}}, "whole number"),
        ({"shape": {"disk": 2}, "edge-on": {"yes": 3}}, "'edge-on' has more votes than led"),
        ({"edge-on": {"yes": 1}}, "more votes than led to it"),
        ({"shape": {"disk": 2}, "edge-on": {"yes": 2}, "arms": {"1": 1}}, "'arms' has more"),
    ],
)
def test_votes_that_cannot_be_are_refused(votes, problem):
    with pytest.raises(AnswerError, match=problem):
        TREE.check(votes)


def test_marks_are_numbers_in_the_picture():
    assert PICTURE.check([{"x": "3.5", "y": 40}]) == [{"x": 3.5, "y": 40.0}]
    assert PICTURE.check([]) == []


@pytest.mark.parametrize(
    ("marks", "problem"),
    [
        ("3 4", "list"),
        (None, "list"),
        ([{"x": 3}], "numbers"),
        ([3, 4], "numbers"),
        ([{"x": "left", "y": 3}], "numbers"),
        ([{"x": 63.5, "y": 3}], r"63 × 40 px. Got: x=63.5, y=3"),
        ([{"x": 1, "y": -0.1}], "lie in the picture"),
        ([{"x": float("nan"), "y": 1}], "lie in the picture"),
    ],
)
def test_marks_outside_the_picture_are_refused(marks, problem):
    with pytest.raises(AnswerError, match=problem):
        PICTURE.check(marks)


@pytest.mark.parametrize("form", [TRANSIENT, TREE, PICTURE])
def test_a_form_survives_the_ledgers_json(form):
    assert form_from_json(json.loads(json.dumps(form_to_json(form)))) == form


def test_a_form_of_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match=r"one of choice, votes, marks\. Got: 'essay'"):
        form_from_json({"kind": "essay", "prompt": "?"})


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
)


@pytest.mark.parametrize("kind", FORMS)
@given(value=anything)
def test_whatever_is_answered_is_taken_or_refused(kind, value):
    form = {"choice": TRANSIENT, "votes": TREE, "marks": PICTURE}[kind]
    try:
        checked = form.check(value)
    except AnswerError:
        return
    assert form.check(checked) == checked
