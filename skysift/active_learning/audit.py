"""Look through the answers: all of them as a table, and who contradicted whom."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from skysift.active_learning.records import Answer

ASKED = ("campaign", "round", "item", "object", "query", "model", "asked_at")
ANSWERED = ("labeller", "skipped", "confidence", "answered_at", "retracted")
COLUMNS = [*ASKED, "question", "kind", *ANSWERED, "value"]
CONTRADICTIONS = [
    "object", "first", "first_value", "first_at", "second", "second_value", "second_at",
]  # fmt: skip
AGREEMENT = ["first", "second", "objects", "agreed", "kappa"]


def answers_table(answers: Iterable[Answer]) -> pd.DataFrame:
    """Tabulate answers with what they answer, for a CSV file say.

    Returns
    -------
    DataFrame
        One row an answer or skip: ``campaign``, ``round``, ``item``, ``object``,
        ``query``, ``model``, ``asked_at``; ``question`` (its id), ``kind``; ``labeller``,
        ``skipped``, ``confidence``, ``answered_at``, ``retracted``; ``value`` (a choice as it is,
        other answers as JSON, None for a skip).
    """
    return pd.DataFrame([_flat(answer) for answer in answers], columns=COLUMNS)


def contradictions(answers: Iterable[Answer]) -> pd.DataFrame:
    """List the pairs of answers about one object that differ.

    Parameters
    ----------
    answers : iterable of Answer
        As `Ledger.answers` returns them; skips and what was taken back do not count.

    Returns
    -------
    DataFrame
        One row a pair, the earlier answer first: ``object``; ``first`` and ``second``, the
        labellers (the same one, who thought again about another item); their ``…_value`` and
        ``…_at`` (UTC).
    """
    rows = [
        {
            "object": name,
            **_side("first", one),
            **_side("second", other),
        }
        for name, given in _by_object(answers).items()
        for one, other in combinations(given, 2)
        if one.value != other.value
    ]
    return pd.DataFrame(rows, columns=CONTRADICTIONS)


def agreement(answers: Iterable[Answer]) -> pd.DataFrame:
    """Compare each two labellers on the objects that both have answered.

    Parameters
    ----------
    answers : iterable of Answer
        To choices. Of each labeller, the last answer about an object counts.

    Returns
    -------
    DataFrame
        One row a pair of labellers, by name: ``objects`` (how many both answered), ``agreed``
        (share), ``kappa`` (Cohen 1960: agreement beyond chance; NaN where chance alone would
        always agree).
    """
    said: dict[str, dict[str, Any]] = defaultdict(dict)
    for name, given in _by_object(answers).items():
        for answer in given:
            said[answer.labeller][name] = answer.value
    rows = [
        {"first": one, "second": other, **_compared(said[one], said[other])}
        for one, other in combinations(sorted(said), 2)
        if said[one].keys() & said[other].keys()
    ]
    return pd.DataFrame(rows, columns=AGREEMENT)


def _by_object(answers: Iterable[Answer]) -> dict[str, list[Answer]]:
    found: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        if not (answer.skipped or answer.retracted):
            found[answer.question.object].append(answer)
    return found


def _flat(answer: Answer) -> dict[str, Any]:
    value = answer.value
    return {
        **{name: getattr(answer.question, name) for name in ASKED},
        **{name: getattr(answer, name) for name in ANSWERED},
        "question": answer.question.id,
        "kind": answer.question.form.kind,
        "value": value if value is None or isinstance(value, str) else json.dumps(value),
    }


def _side(name: str, answer: Answer) -> dict[str, Any]:
    return {
        name: answer.labeller,
        f"{name}_value": answer.value,
        f"{name}_at": answer.answered_at,
    }


def _compared(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    common = sorted(one.keys() & other.keys())
    first = np.array([str(one[name]) for name in common])
    second = np.array([str(other[name]) for name in common])
    agreed = float((first == second).mean())
    chance = sum(
        float((first == value).mean() * (second == value).mean()) for value in np.unique(first)
    )
    kappa = (agreed - chance) / (1 - chance) if chance < 1 else np.nan
    return {"objects": len(common), "agreed": agreed, "kappa": kappa}
