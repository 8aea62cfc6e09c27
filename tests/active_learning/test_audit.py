"""Looking through answers: kappa is scikit-learn's, the rest is counted by hand."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from skysift.active_learning.audit import agreement, answers_table, contradictions
from skysift.active_learning.oracles import TableOracle
from skysift.active_learning.questions import TRANSIENT, Marks


def ask(ledger, count, **facts):
    items = [(str(1_150_000_000_000_000_000 + i), f"ZTF{i}") for i in range(count)]
    return ledger.ask("vra", 0, TRANSIENT, items, query="margin:top", model="vra-3", **facts)


def test_the_table_says_who_what_when_and_on_whose_request(ledger):
    first, second = ask(ledger, 2)
    ledger.answer(first.id, "gal", labeller="anna", confidence=0.5)
    ledger.undo("vra", "anna")
    ledger.skip(second.id, labeller="ben")
    text = answers_table(ledger.answers("vra", retracted=True)).to_csv(index=False)
    table = pd.read_csv(io.StringIO(text), dtype={"item": str})
    assert table["item"].tolist() == ["1150000000000000000", "1150000000000000001"]
    assert table[["labeller", "skipped", "retracted"]].values.tolist() == [
        ["anna", False, True],
        ["ben", True, False],
    ]
    assert table["value"].tolist()[0] == "gal" and pd.isna(table["value"][1])
    assert set(table["query"]) == {"margin:top"} and set(table["model"]) == {"vra-3"}
    asked, answered = (pd.to_datetime(table[name]) for name in ("asked_at", "answered_at"))
    assert (answered >= asked).all() and str(answered.dt.tz) == "UTC"


def test_other_answers_than_choices_are_json(ledger):
    (question,) = ledger.ask("tails", 0, Marks("?", 9, 9), [("1", "a")])
    ledger.answer(question.id, [{"x": 1, "y": 2}], labeller="anna")
    table = answers_table(ledger.answers("tails"))
    assert json.loads(table["value"][0]) == [{"x": 1.0, "y": 2.0}]
    assert table["kind"].tolist() == ["marks"]


def test_no_answers_are_a_table_too(ledger):
    assert answers_table([]).empty and "labeller" in answers_table([])
    assert contradictions([]).empty and agreement([]).empty


def test_contradictions_are_pairs_the_earlier_first(ledger):
    asked = ask(ledger, 3)
    for labeller, value in {"anna": "gal", "ben": "agn", "cleo": "gal"}.items():
        ledger.answer(asked[0].id, value, labeller=labeller)
    ledger.answer(asked[1].id, "gal", labeller="anna")
    ledger.skip(asked[1].id, labeller="ben")
    (again,) = ledger.ask("vra", 1, TRANSIENT, [("9", "ZTF2")])
    ledger.answer(asked[2].id, "bogus", labeller="ben")
    ledger.answer(again.id, "real", labeller="ben")
    table = contradictions(ledger.answers("vra"))
    assert table[["object", "first", "first_value", "second", "second_value"]].values.tolist() == [
        ["ZTF0", "anna", "gal", "ben", "agn"],
        ["ZTF0", "ben", "agn", "cleo", "gal"],
        ["ZTF2", "ben", "bogus", "ben", "real"],
    ]
    assert (table["first_at"] <= table["second_at"]).all()


def test_kappa_is_cohens(ledger):
    asked = ask(ledger, 40, wanted=3)
    truth = {q.object: ("gal", "agn", "bogus")[i % 3] for i, q in enumerate(asked)}
    for labeller, rate in {"anna": 0.0, "ben": 0.4}.items():
        TableOracle(truth, labeller=labeller, error_rate=rate).work(ledger, "vra", 0)
    ledger.answer(asked[0].id, "gal", labeller="cleo")
    given = {name: {} for name in ("anna", "ben")}
    for answer in ledger.answers("vra"):
        given.get(answer.labeller, {})[answer.question.object] = answer.value
    names = [q.object for q in asked]
    one, other = ([given[who][name] for name in names] for who in ("anna", "ben"))
    table = agreement(ledger.answers("vra")).set_index(["first", "second"])
    pair = table.loc[("anna", "ben")]
    assert pair["objects"] == 40
    assert pair["agreed"] == np.mean(np.array(one) == np.array(other))
    assert pair["kappa"] == pytest.approx(cohen_kappa_score(one, other))
    assert table.loc[("anna", "cleo"), "objects"] == 1
    assert np.isnan(table.loc[("anna", "cleo"), "kappa"])  # both always said the same one thing


def test_of_one_who_thought_again_the_last_answer_agrees_or_not(ledger):
    (first,) = ask(ledger, 1)
    (again,) = ledger.ask("vra", 1, TRANSIENT, [("9", "ZTF0")])
    ledger.answer(first.id, "gal", labeller="anna")
    ledger.answer(first.id, "agn", labeller="ben")
    ledger.answer(again.id, "gal", labeller="ben")
    (pair,) = agreement(ledger.answers("vra")).to_dict("records")
    assert (pair["objects"], pair["agreed"]) == (1, 1.0)
