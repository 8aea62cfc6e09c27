"""Many answers about one object, one label: by a rule with a name.

Each public function here that takes a list of answers is a rule. Answers are those of one object
that stand, skips left out, oldest first. A rule returns the label, or None where the object is
disputed: then it teaches nothing until somebody settles it.
"""

from __future__ import annotations

import difflib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from skysift.active_learning.records import Answer

Rule = Callable[[Sequence[Answer]], Any]

SAME_PLACE = 5.0
"""Marks within this distance of one another are of one thing (px)."""


def latest(answers: Sequence[Answer]) -> Any:
    """Take the last answer, whoever gave it."""
    return answers[-1].value


def majority(answers: Sequence[Answer]) -> Any:
    """Take what most labellers say, each by their last answer; a tie is disputed."""
    return _heaviest([(answer.value, 1.0) for answer in _last_of_each(answers)])


def confidence(answers: Sequence[Answer]) -> Any:
    """Take what has most confidence behind it; who said nothing of theirs counts as sure (1)."""
    last = _last_of_each(answers)
    sure = [1.0 if answer.confidence is None else answer.confidence for answer in last]
    return _heaviest([(answer.value, weight) for answer, weight in zip(last, sure, strict=True)])


def unanimous(answers: Sequence[Answer]) -> Any:
    """Take what all labellers say, each by their last answer; anything else is disputed."""
    values = [answer.value for answer in _last_of_each(answers)]
    return values[0] if all(value == values[0] for value in values) else None


def votes(answers: Sequence[Answer]) -> dict[str, dict[str, int]]:
    """Add up the votes of all labellers on a decision tree."""
    total: dict[str, dict[str, int]] = {}
    for answer in _last_of_each(answers):
        for question, counts in answer.value.items():
            sums = total.setdefault(question, {})
            for choice, count in counts.items():
                sums[choice] = sums.get(choice, 0) + count
    return total


def marks(answers: Sequence[Answer]) -> list[dict[str, float]]:
    """Take the places that more than half of the labellers have marked, each at its mean.

    Marks are of one place if a chain of marks, each within 5 px of the next, joins them.
    """
    people = _last_of_each(answers)
    who = np.array([i for i, answer in enumerate(people) for _ in answer.value], dtype=int)
    where = np.array([[mark["x"], mark["y"]] for answer in people for mark in answer.value])
    if len(where) < 2:
        places = np.ones(len(where), dtype=int)
    else:
        places = fcluster(linkage(where, "single"), SAME_PLACE, criterion="distance")
    kept = [
        where[places == place].mean(axis=0)
        for place in np.unique(places)
        if 2 * len(np.unique(who[places == place])) > len(people)
    ]
    return [{"x": float(x), "y": float(y)} for x, y in kept]


RULES: dict[str, Rule] = {
    rule.__name__: rule for rule in (latest, majority, confidence, unanimous, votes, marks)
}


def reconcile(answers: Iterable[Answer], rule: str = "latest") -> dict[str, Any]:
    """Give each object its label.

    Parameters
    ----------
    answers : iterable of Answer
        Of many objects, oldest first, as `Ledger.answers` returns them.
    rule : str
        Name of a rule: ``latest``, ``majority``, ``confidence``, ``unanimous`` for choices,
        ``votes`` and ``marks`` for their kinds of question.

    Returns
    -------
    dict
        Object → label. Objects that are disputed, or were only skipped, are not in it.

    Raises
    ------
    ValueError
        If there is no such rule.
    """
    decide = rule_named(rule)
    of_object: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        if not (answer.skipped or answer.retracted):
            of_object[answer.question.object].append(answer)
    labels = {name: decide(given) for name, given in of_object.items()}
    return {name: label for name, label in labels.items() if label is not None}


def rule_named(name: str) -> Rule:
    """Return a rule.

    Raises
    ------
    ValueError
        If there is no such rule; the message lists those there are.
    """
    if name not in RULES:
        close = difflib.get_close_matches(name, RULES, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ";"
        raise ValueError(f"no rule is called {name!r}{hint} There are: {', '.join(RULES)}")
    return RULES[name]


def _last_of_each(answers: Sequence[Answer]) -> list[Answer]:
    return list({answer.labeller: answer for answer in answers}.values())


def _heaviest(weighed: Sequence[tuple[Any, float]]) -> Any:
    """Return the value of the greatest total weight, None if there are several."""
    weight: dict[str, float] = defaultdict(float)
    for value, own in weighed:
        weight[json.dumps(value, sort_keys=True)] += own
    best = max(weight.values())
    first, *others = [key for key, total in weight.items() if np.isclose(total, best)]
    return None if others else json.loads(first)
