"""Rules for repeated labels: counted by hand."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import count

import pytest

from skysift.active_learning.questions import TRANSIENT, AnyForm, Marks, Votes
from skysift.active_learning.reconcile import RULES, reconcile
from skysift.active_learning.records import Answer, Question

NOON = datetime(2025, 6, 2, 12, tzinfo=timezone.utc)
SHAPE = Votes("Shape?", {"shape": {"smooth": None, "disk": "arms"}, "arms": {"1": None, "2": None}})
PICTURE = Marks("Comet?", 63, 63)
numbers = count(1)


def answer(labeller, value, *, name="ZTF18a", sure=None, form: AnyForm = TRANSIENT, **facts):
    """Make an answer about an object, later than all before."""
    number = next(numbers)
    question = Question(number, "vra", 0, f"item{number}", name, form, "", "", 1, NOON)
    when = NOON + timedelta(minutes=number)
    return Answer(
        number, question, labeller, facts.pop("skipped", False), value, sure, when, **facts
    )


def label(*answers, rule):
    """Return the label of the one object, None if it has none."""
    return reconcile(answers, rule).get("ZTF18a")


def test_the_latest_word_counts_whoever_says_it():
    assert label(answer("anna", "gal"), answer("ben", "agn"), rule="latest") == "agn"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (["gal"], "gal"),
        (["gal", "agn", "gal"], "gal"),
        (["gal", "agn"], None),
        (["gal", "agn", "gal", "agn", "bogus"], None),
    ],
)
def test_a_majority_is_the_most_votes_and_a_tie_is_disputed(said, expected):
    answers = [answer(f"person{i}", value) for i, value in enumerate(said)]
    assert label(*answers, rule="majority") == expected


def test_in_a_majority_everybody_has_one_vote_the_last():
    answers = [answer("anna", "gal"), answer("anna", "gal"), answer("ben", "agn")]
    assert label(*answers, rule="majority") is None
    assert label(*answers, answer("anna", "agn"), rule="majority") == "agn"


def test_confidence_weighs_and_silence_is_sure():
    unsure = [answer("anna", "gal", sure=0.4), answer("ben", "gal", sure=0.5)]
    assert label(*unsure, answer("cleo", "agn"), rule="confidence") == "agn"
    assert label(*unsure, answer("cleo", "agn", sure=0.8), rule="confidence") == "gal"
    tie = [answer("anna", "gal", sure=0.1), answer("ben", "gal", sure=0.2)]
    assert label(*tie, answer("cleo", "agn", sure=0.3), rule="confidence") is None


def test_unanimous_means_all():
    agreed = [answer("anna", "agn"), answer("anna", "gal"), answer("ben", "gal")]
    assert label(*agreed, rule="unanimous") == "gal"
    assert label(*agreed, answer("cleo", "agn"), rule="unanimous") is None


def test_votes_add_up_question_by_question():
    answers = [
        answer("anna", {"shape": {"disk": 1}, "arms": {"2": 1}}, form=SHAPE),
        answer("ben", {"shape": {"smooth": 1}}, form=SHAPE),
        answer("volunteers", {"shape": {"smooth": 3, "disk": 4}, "arms": {"1": 2}}, form=SHAPE),
        answer("anna", {"shape": {"disk": 1}, "arms": {"1": 1}}, form=SHAPE),  # thought again
    ]
    assert label(*answers, rule="votes") == {
        "shape": {"smooth": 4, "disk": 5},
        "arms": {"1": 3},
    }


def marked(labeller, *places):
    return answer(labeller, [{"x": x, "y": y} for x, y in places], form=PICTURE)


def test_marks_that_most_people_agree_on_are_kept_at_their_mean():
    answers = [
        marked("anna", (10.0, 20.0), (50.0, 50.0)),
        marked("ben", (12.0, 21.0)),
        marked("cleo", (11.0, 19.0), (2.0, 2.0)),
    ]
    assert label(*answers, rule="marks") == [{"x": 11.0, "y": 20.0}]


def test_one_persons_two_marks_are_no_majority():
    answers = [marked("anna", (10, 10), (11, 10)), marked("ben"), marked("cleo")]
    assert label(*answers, rule="marks") == []


def test_half_of_the_people_are_not_most_of_them():
    assert label(marked("anna", (3, 4)), marked("ben"), rule="marks") == []
    some = [marked("anna", (3, 4)), marked("ben"), marked("cleo", (3, 4)), marked("dan")]
    assert label(*some, rule="marks") == []


def test_nothing_marked_by_anybody_is_an_answer_too():
    assert label(marked("anna"), marked("ben"), rule="marks") == []
    assert label(marked("anna", (3, 4)), rule="marks") == [{"x": 3.0, "y": 4.0}]


def test_objects_are_judged_apart_over_all_their_items():
    answers = [
        answer("anna", "gal"),
        answer("ben", "gal"),
        answer("anna", "agn", name="ZTF18b"),
        answer("ben", "gal", name="ZTF18b"),
    ]
    assert reconcile(answers, "unanimous") == {"ZTF18a": "gal"}


@pytest.mark.parametrize("rule", RULES)
def test_skips_and_what_was_taken_back_say_nothing(rule):
    answers = [answer("anna", None, skipped=True), answer("ben", "gal", retracted=True)]
    assert reconcile(answers, rule) == {}


def test_a_rule_that_does_not_exist_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match=r"no rule is called 'majorty'; did you mean 'majority'\?"):
        reconcile([], "majorty")
