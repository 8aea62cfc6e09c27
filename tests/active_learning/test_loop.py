"""The loop on a small real task: what is asked, learned and kept, round after round."""

from __future__ import annotations

import logging
from collections import Counter
from itertools import islice

import numpy as np
import pandas as pd
import pytest

from skysift.active_learning.ledger import Ledger
from skysift.active_learning.loop import Loop, NothingLeftError, Waiting
from skysift.active_learning.oracles import TableOracle, TerminalOracle
from skysift.active_learning.plan import Plan
from skysift.active_learning.query import Query
from skysift.active_learning.replay import replay
from skysift.active_learning.rounds import RoundError, Rounds
from tests.active_learning.toy import FORM, LEARNER, clouds, fit

POOL, TRUTH = clouds()
ANSWER_OF = np.array([TRUTH[name] for name in POOL.objects], dtype=object)
EVERYBODY = TableOracle(TRUTH)


@pytest.fixture
def loop(tmp_path):
    """Return a function that begins a campaign in a folder, or takes it up."""
    opened = []

    def make(pool=POOL, folder="it", learner=LEARNER, tracker=None, **plan):
        ledger = Ledger(tmp_path / folder / "ledger.db")
        opened.append(ledger)
        facts = {"form": FORM, "initial": 20, "batch": 8, "seed": 4, **plan}
        rounds = Rounds(tmp_path / folder / "rounds")
        return Loop(pool, ledger, rounds, Plan("toy", **facts), learner, tracker=tracker)

    yield make
    for ledger in opened:
        ledger.close()


def asked(loop, number=None):
    return [question.item for question in loop.ledger.questions("toy", round=number)]


def objects(loop, number=None):
    return [question.object for question in loop.ledger.questions("toy", round=number)]


# Rounds


def test_a_round_asks_learns_judges_and_writes_down(loop):
    one = loop(held_out=0.3, held_out_batch=15)
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


def test_each_round_adds_a_batch_and_learns_all_anew(loop):
    one = loop()
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
    one = loop(query=query)
    for _ in range(3):
        one.step(EVERYBODY)
    learned = []

    def noting(features, answers, rng):
        learned.append(features)
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
    one = loop(ask_again=ask_again, query=Query("margin"))
    for number in range(5):
        one.step(EVERYBODY)
        assert max(Counter(objects(one, number)).values()) == 1
    assert max(Counter(asked(one)).values()) == 1
    assert (max(Counter(objects(one)).values()) > 1) == ask_again


def test_no_object_is_learned_from_and_judged_on(loop):
    one = loop(held_out=0.4, held_out_batch=5, ask_again=True)
    for _ in range(4):
        parts = one.step(EVERYBODY).ids.groupby("object")["part"].nunique()
        assert (parts == 1).all()
    random = {
        q.query
        for q in one.ledger.questions("toy", round=3)
        if one._held_out[POOL.rows_of([q.item])[0]]
    }
    assert random == {"random:top"}


def test_expected_error_tries_answers_out(loop):
    one = loop(query=Query("expected_error"), batch=3)
    one.step(EVERYBODY)
    assert len(one.step(EVERYBODY).ids) == 23


# Answers that teach nothing


def test_skips_and_unused_answers_are_made_up_for(loop):
    unknown = {name: value for i, (name, value) in enumerate(TRUTH.items()) if i % 4}
    said = {name: "neither" if i % 5 == 0 else v for i, (name, v) in enumerate(unknown.items())}
    one = loop(unused=("neither",))
    done = one.step(TableOracle(said))
    assert len(done.ids) == 20 and set(done.ids["answer"]) == {"left", "right"}
    assert len(asked(one)) > 20
    assert len(one.step(TableOracle(said)).ids) == 28


def test_a_pool_that_runs_dry_ends_the_round_with_what_there_is(loop):
    pool, truth = clouds(objects=30, rows_each=1)
    one = loop(pool=pool, batch=50)
    oracle = TableOracle(truth)
    one.step(oracle)
    assert len(one.step(oracle).ids) == 30
    with pytest.raises(NothingLeftError, match="round 2 has nothing left in the pool"):
        one.step(oracle)


def test_without_an_answer_there_is_nothing_to_learn(loop):
    one = loop(pool=clouds(objects=20)[0], initial=15)
    with pytest.raises(NothingLeftError, match="no answer to learn from"):
        one.step(TableOracle({}))
    assert one.rounds.latest() is None


def test_a_round_that_taught_too_little_asks_for_more_when_the_plan_does(loop):
    pool, truth = clouds(objects=30)
    rare = {name: "right" if i == 20 else "left" for i, name in enumerate(truth)}
    with pytest.raises(ValueError, match="classes"):
        loop(pool=pool, initial=5).step(TableOracle(rare))
    more = loop(pool=pool, initial=30)
    assert len(more.step(TableOracle(rare)).ids) == 30


# Stopping and going on


def press(keys):
    waiting = iter(keys)
    return TerminalOracle("anna", key=lambda: next(waiting, "q"), write=lambda line: None)


def test_without_an_oracle_it_waits_for_answers_from_elsewhere(loop):
    one = loop()
    waiting = one.step()
    assert isinstance(waiting, Waiting)
    assert (waiting.number, waiting.progress.asked, waiting.progress.open) == (0, 20, 20)
    for question in one.ledger.questions("toy"):  # a page, say
        one.ledger.answer(question.id, TRUTH[question.object], labeller="anna")
    assert one.step().number == 0


def test_who_quits_and_comes_back_ends_where_who_stays_does(loop):
    stayed = loop(folder="stayed")
    stayed.step(EVERYBODY)
    keys = ["l" if TRUTH[name] == "left" else "r" for name in objects(stayed)]
    for begin in (0, 6, 12):  # the fourth answer is taken back, and given anew by another process
        assert isinstance(loop().step(press([*keys[begin : begin + 4], "z"])), Waiting)
        assert isinstance(loop().step(press(keys[begin + 3 : begin + 6])), Waiting)
    last = loop().step(press(keys[18:]))
    assert last.parameters["data_sha256"] == stayed.rounds.latest().parameters["data_sha256"]
    assert last.files["model/logistic.json"] == stayed.rounds.latest().files["model/logistic.json"]
    assert asked(loop()) == asked(stayed)


def test_two_people_are_waited_for_if_two_are_wanted(loop):
    one = loop(wanted=2, rule="unanimous")
    assert isinstance(one.step(EVERYBODY), Waiting)
    done = one.step(TableOracle(TRUTH, labeller="ben"))
    assert len(done.ids) == 20
    assert one.ledger.progress("toy").by_labeller == {"truth": 20, "ben": 20}


def test_disputed_objects_are_made_up_for(loop):
    one = loop(wanted=2, rule="unanimous", initial=10)
    doubtful = TableOracle(TRUTH, labeller="ben", error_rate=0.3)
    done = one.step(EVERYBODY)
    while isinstance(done, Waiting):
        done = one.step(doubtful)
        done = one.step(EVERYBODY) if isinstance(done, Waiting) else done
    assert len(done.ids) == 10
    assert len(asked(one)) > 10


def test_an_answer_taken_back_later_is_not_learned_from_again(loop):
    one = loop()
    last = one.step(EVERYBODY).ids["item"].iloc[-1]
    one.ledger.undo("toy", "truth")
    again = one.step(EVERYBODY)
    assert last not in set(again.ids["item"])
    assert len(again.ids) == 19 + 8


def test_labelled_items_that_have_left_the_pool_are_counted(loop, caplog):
    one = loop()
    one.step(EVERYBODY)
    gone = POOL.rows_of(asked(one)[:3])
    kept = np.setdiff1d(np.arange(len(POOL)), gone)
    smaller = type(POOL)(POOL.items[kept], POOL.objects[kept], POOL.features[kept])
    with caplog.at_level(logging.WARNING):
        done = loop(pool=smaller).step(EVERYBODY)
    assert done.parameters["absent"] == 3 and len(done.ids) == 17 + 8
    assert "3 labelled items are not in the pool" in caplog.text


def test_a_changed_round_is_not_built_upon(loop):
    one = loop()
    path = one.step(EVERYBODY).model / "logistic.json"
    path.chmod(0o644)
    path.write_text("{}")
    with pytest.raises(RoundError, match="was changed"):
        loop().step(EVERYBODY)
    assert asked(one, 1) == []


# Tracking


class Broken:
    def update(self, rounds):
        raise ConnectionError("no server")


class Noting:
    def __init__(self):
        self.heard = []

    def update(self, rounds):
        self.heard.append([one.number for one in rounds])


def test_a_round_is_finished_whether_or_not_the_tracker_listens(loop, caplog):
    assert loop(tracker=Broken()).step(EVERYBODY).number == 0
    assert "was not tracked" in caplog.text
    later = Noting()
    loop(tracker=later).step(EVERYBODY)
    assert later.heard == [[0, 1]]
