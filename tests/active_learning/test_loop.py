"""The loop on a small real task: what is asked, learned and kept, round after round."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import pandas as pd
import pytest

from skysift.active_learning.learner import Learner
from skysift.active_learning.loop import NothingLeftError
from skysift.active_learning.oracles import TableOracle
from skysift.active_learning.pool import Pool
from skysift.active_learning.query import Query
from skysift.active_learning.questions import Marks, Votes
from skysift.active_learning.replay import replay
from skysift.active_learning.strategies import margin
from tests.active_learning.toy import LEARNER, asked, asked_objects, clouds, fit

POOL, TRUTH = clouds()
ANSWER_OF = np.array([TRUTH[name] for name in POOL.objects], dtype=object)
EVERYBODY = TableOracle(TRUTH)


def rows_like(features):
    """Find the pool's rows that have these features."""
    return [int(np.flatnonzero((POOL.features == row).all(axis=1))[0]) for row in features]


# Rounds


def test_a_round_asks_learns_judges_and_writes_down(loop):
    one = loop(POOL, held_out=0.3, held_out_batch=15)
    done = one.step(EVERYBODY)
    ids = done.ids
    assert Counter(ids["part"]) == {"train": 20, "held_out": 15}
    assert ids["answer"].tolist() == [TRUTH[name] for name in ids["object"]]
    assert ids["item"].tolist() == asked(one)
    assert done.parameters["train"] == 20 and done.parameters["held_out"] == 15
    assert done.parameters["plan"]["batch"] == 8
    assert done.metrics["rows"] == 15 and done.metrics["auc"] > 0.8

    model = LEARNER.load(done.model)
    table = pd.read_csv(done.folder / "predictions.csv", dtype={"item": str})
    rows = POOL.rows_of(table["item"].tolist())
    np.testing.assert_allclose(table["p_right"], model.predict(POOL.features[rows])[:, 1])
    assert table["answer"].tolist() == ANSWER_OF[rows].tolist()


def test_how_much_each_row_was_worth_is_told_when_it_was_asked_about(loop):
    told = []
    one = loop(POOL, held_out=0.3, held_out_batch=5, remember=told.append)
    first, _ = (one.step(EVERYBODY) for _ in range(2))
    assert [(each.round, each.query) for each in told] == [
        (0, "random:top"), (0, "random:top"), (1, "margin:k_means"), (1, "random:top")
    ]  # fmt: skip
    assert [int(each.chosen.sum()) for each in told] == [20, 5, 8, 5]
    picked = [item for each in told for item in each.items[each.chosen]]
    assert sorted(picked) == sorted(asked(one))
    doubt = told[2]
    assert not set(doubt.items) & set(told[0].items[told[0].chosen])
    p = LEARNER.load(first.model).predict(POOL.features[POOL.rows_of(doubt.items.tolist())])
    np.testing.assert_allclose(doubt.utility, margin(p))


def test_a_memory_that_fails_does_not_hinder_the_round(loop, caplog):
    def fail(_):
        raise OSError("disk full")

    one = loop(POOL, remember=fail)
    assert len(one.step(EVERYBODY).ids) == 20
    assert "was not kept" in caplog.text


def test_each_round_adds_a_batch_and_learns_all_anew(loop):
    one = loop(POOL)
    sizes = [len(one.step(EVERYBODY).ids) for _ in range(3)]
    assert sizes == [20, 28, 36]
    first, second = (q.query for q in islice(one.ledger.questions("toy"), 19, 21))
    assert (first, second) == ("random:top", "margin:k_means")
    models = {
        number: {q.model for q in one.ledger.questions("toy", round=number)} for number in range(3)
    }
    assert models == {0: {""}, 1: {"toy-20"}, 2: {"toy-28"}}


def test_the_loop_asks_and_learns_what_a_replay_of_it_does(loop):
    query = Query("entropy", "k_means", {"candidates": 20})
    one = loop(POOL, query=query)
    for _ in range(3):
        one.step(EVERYBODY)
    learned = []

    def noting(features, answers, rng, groups):
        learned.append(features)
        assert groups.tolist() == [f"object{row // 2}" for row in rows_like(features)]
        return fit(features, answers, rng)

    replay(
        POOL, ANSWER_OF, [query], fit=noting, evaluate=lambda model: {},
        initial=20, batch=8, labels=36, seeds=[4],
    )  # fmt: skip
    np.testing.assert_array_equal(learned[-1], POOL.features[POOL.rows_of(asked(one))])
    kept = LEARNER.load(one.rounds.latest().model)
    np.testing.assert_array_equal(
        kept.slope, fit(learned[-1], ANSWER_OF[POOL.rows_of(asked(one))], None).slope
    )


@pytest.mark.parametrize("ask_again", [False, True])
def test_an_object_is_asked_about_once_a_round_and_once_at_all_unless_wanted(loop, ask_again):
    one = loop(POOL, ask_again=ask_again, query=Query("margin"))
    for number in range(5):
        one.step(EVERYBODY)
        assert max(Counter(asked_objects(one, number)).values()) == 1
    assert max(Counter(asked(one)).values()) == 1
    assert (max(Counter(asked_objects(one)).values()) > 1) == ask_again


def test_no_object_is_learned_from_and_judged_on(loop):
    one = loop(POOL, held_out=0.4, held_out_batch=5, ask_again=True)
    for _ in range(4):
        parts = one.step(EVERYBODY).ids.groupby("object")["part"].nunique()
        assert (parts == 1).all()
    random = {
        q.query
        for q in one.ledger.questions("toy", round=3)
        if one._held_out[POOL.rows_of([q.item])[0]]
    }
    assert random == {"random:top"}


def test_no_fit_sees_a_held_out_object_not_even_when_answers_are_tried_out(loop):
    seen = []

    def noting(features, answers, rng, groups):
        seen.append(features)
        return fit(features, answers, rng)

    plan = {"held_out": 0.4, "held_out_batch": 10, "query": Query("expected_error"), "batch": 3}
    one = loop(POOL, learner=replace(LEARNER, fit=noting), **plan)
    for _ in range(2):
        ids = one.step(EVERYBODY).ids
    held_out = ids["object"][ids["part"] == "held_out"]
    secret = {tuple(row) for row in POOL.features[np.isin(POOL.objects, held_out)]}
    assert len(seen) > 20 and len(held_out) == 20
    assert not secret & {tuple(row) for features in seen for row in features}


def test_expected_error_tries_answers_out(loop):
    one = loop(POOL, query=Query("expected_error"), batch=3)
    one.step(EVERYBODY)
    assert len(one.step(EVERYBODY).ids) == 23


# Other kinds of questions

GALAXY = Votes(
    "Shape?", {"shape": {"smooth": None, "disk": "bar"}, "bar": {"yes": None, "no": None}}
)
STAMP = Marks("Where is the comet?", width=63, height=63)
SEVEN_OF_TEN = {"shape": {"smooth": 3, "disk": 7}, "bar": {"yes": 5, "no": 2}}


@dataclass
class Shares:
    """A model that predicts the same shares for every row."""

    shares: list[float]
    version: str = "shares"
    classes: tuple[str, ...] = ("no", "yes")

    def predict(self, features):
        return np.tile(self.shares, (len(features), 1))


def learner_of_shares(share):
    """Make a learner of the mean of what `share` makes of an answer."""

    def fit(features, answers, rng, groups):
        yes = float(np.mean([share(answer) for answer in answers]))
        return Shares([1 - yes, yes])

    return Learner(
        fit,
        evaluate=lambda model, features, answers: {"rows": len(answers)},
        save=lambda model, folder: (folder / "shares.json").write_text(json.dumps(model.shares)),
        load=lambda folder: Shares(json.loads((folder / "shares.json").read_text())),
    )


@pytest.mark.parametrize(
    ("form", "answer", "share", "expected"),
    [
        (GALAXY, SEVEN_OF_TEN, lambda votes: votes["shape"]["disk"] / 10, 0.7),
        (STAMP, [{"x": 31.0, "y": 4.0}], lambda marks: marks[0]["x"] / 62, 0.5),
        (STAMP, [], len, 0.0),
    ],
)
def test_votes_and_marks_go_the_same_way(loop, form, answer, share, expected):
    images = Pool(POOL.items, POOL.objects, np.zeros((len(POOL), 8, 8)))  # no table
    plan = {"form": form, "rule": form.kind, "query": Query("margin"), "held_out": 0.2}
    one = loop(images, learner=learner_of_shares(share), held_out_batch=3, **plan)
    oracle = TableOracle(dict.fromkeys(TRUTH, answer))
    for sizes in ((20, 3), (28, 6)):
        done = one.step(oracle)
        assert (done.parameters["train"], done.parameters["held_out"]) == sizes
    assert one.learner.load(done.model).shares[1] == pytest.approx(expected)
    assert [json.loads(text) for text in done.ids["answer"]] == [answer] * 34


# Answers that teach nothing


def test_skips_and_unused_answers_are_made_up_for(loop):
    unknown = {name: value for i, (name, value) in enumerate(TRUTH.items()) if i % 4}
    said = {name: "neither" if i % 5 == 0 else v for i, (name, v) in enumerate(unknown.items())}
    one = loop(POOL, unused=("neither",))
    done = one.step(TableOracle(said))
    assert len(done.ids) == 20 and set(done.ids["answer"]) == {"left", "right"}
    assert len(asked(one)) > 20
    assert len(one.step(TableOracle(said)).ids) == 28


def test_a_pool_that_runs_dry_ends_the_round_with_what_there_is(loop):
    pool, truth = clouds(objects=30, rows_each=1)
    one = loop(pool, batch=50)
    oracle = TableOracle(truth)
    one.step(oracle)
    assert len(one.step(oracle).ids) == 30
    with pytest.raises(NothingLeftError, match="round 2 has nothing left in the pool"):
        one.step(oracle)


def test_without_an_answer_there_is_nothing_to_learn(loop):
    one = loop(clouds(objects=20)[0], initial=15)
    with pytest.raises(NothingLeftError, match="no answer to learn from"):
        one.step(TableOracle({}))
    assert one.rounds.latest() is None


def test_a_round_that_taught_too_little_asks_for_more_when_the_plan_does(loop):
    pool, truth = clouds(objects=30)
    rare = {name: "right" if i == 20 else "left" for i, name in enumerate(truth)}
    with pytest.raises(ValueError, match="classes"):
        loop(pool, initial=5).step(TableOracle(rare))
    more = loop(pool, initial=30)
    assert len(more.step(TableOracle(rare)).ids) == 30
