"""A tree as one question at a time: everybody is asked what the tree would ask of them."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.campaigns.votes_table import votes_of
from skysift.campaigns.zoobot.asking import form_of
from skysift.campaigns.zoobot.settings import Settings, form
from skysift.galaxy_zoo import TREES, Question, Tree, read_tree


def walked(form, tree, rng) -> set[str]:
    """Answer by chance; return what was asked, and check that it should be."""
    asked, answers = form.root, {}
    while asked is not None:
        answers[asked] = str(rng.choice(list(form.tree[asked])))
        asked = form.tree[asked][answers[asked]]
    wanted = {
        q.name for q in tree.questions if q.parent is None or answers.get(q.parent) in q.after
    }
    assert set(answers) == wanted
    return wanted


@pytest.mark.parametrize("name", TREES)
def test_a_person_is_asked_what_the_tree_asks_and_nothing_else(name):
    tree, rng = read_tree(name), np.random.default_rng(0)
    form = form_of(tree)
    seen = set().union(*(walked(form, tree, rng) for _ in range(300)))
    assert seen == {question.name for question in tree.questions}


def test_what_depends_on_more_than_an_answer_is_refused():
    root = Question("shape", "?", ("a", "b", "c"))
    first = Question("first", "?", ("yes", "no"), "shape", ("a", "b"))
    second = Question("second", "?", ("yes", "no"), "shape", ("b", "c"))
    with pytest.raises(ValueError, match="second follows first after some answers to shape"):
        form_of(Tree("own", "Own", (root, first, second)))


def test_votes_of_simulated_people_fit(galaxies):
    answers = votes_of(galaxies.galaxies, form(Settings()))
    assert len(answers) == len(galaxies)
    first = galaxies.galaxies.iloc[0]
    assert answers[first["id_str"]]["disk-edge-on"].get("no", 0) == first["disk-edge-on_no"]


def test_a_question_brings_those_that_lead_to_it():
    settings = Settings(questions="bar", target="bar")
    labels = settings.learned()
    assert list(labels.tree.slices) == ["smooth-or-featured", "disk-edge-on", "bar"]
    assert (labels.counts, settings.targets()) == ((3, 2, 2), ("bar",))
    assert len(Settings().targets()) == len(read_tree("gz2").questions)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"questions": "bars"}, "has no question 'bars'"),
        ({"questions": "how-rounded", "target": "bar"}, "target 'bar' is not asked"),
    ],
)
def test_questions_that_do_not_exist_are_refused(settings, told):
    with pytest.raises(ValueError, match=told):
        Settings(**settings).learned()
