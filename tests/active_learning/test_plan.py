"""What a plan refuses, and that it can be written down."""

from __future__ import annotations

import json

import pytest

from skysift.active_learning.plan import Plan
from skysift.active_learning.query import Query
from skysift.active_learning.questions import Marks, Votes

TREE = Votes("Shape?", {"shape": {"smooth": None, "disk": None}})


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"batch": 0}, "batch must be at least 1. Got: 0"),
        ({"initial": 0}, "initial must be at least 1"),
        ({"wanted": 0}, "wanted must be at least 1"),
        ({"held_out": 1.0}, "below 1. Got: 1.0"),
        ({"held_out_batch": 5}, "share of held_out objects above 0"),
        ({"rule": "loudest"}, "no rule is called 'loudest'"),
        ({"rule": "votes"}, "rule 'votes' is for questions of votes. Got: a choice"),
        ({"rule": "marks", "form": TREE}, "is for questions of marks. Got: a votes"),
        ({"unused": ("boguss",)}, "among the choices: real, .*Got: boguss"),
        ({"unused": ("smooth",), "form": TREE}, "among the choices: none"),
    ],
)
def test_what_cannot_be_is_refused(facts, problem):
    with pytest.raises(ValueError, match=problem):
        Plan("vra", **facts)


@pytest.mark.parametrize(("rule", "form"), [("votes", TREE), ("marks", Marks("?", 9, 9))])
def test_a_rule_goes_with_its_kind_of_question(rule, form):
    assert Plan("zoo", form=form, rule=rule).rule == rule


def test_a_plan_says_all_of_itself_in_json():
    plan = Plan("vra", query=Query("entropy", "k_means", {"candidates": 9}), unused=("bogus",))
    written = json.loads(json.dumps(plan.as_json()))
    assert written["query"] == "entropy:k_means candidates=9"
    assert written["first"] == "random:top"
    assert written["form"]["choices"]["v"] == "varstar"
    assert written["unused"] == ["bogus"]
    assert set(written) == set(plan.__dataclass_fields__)
