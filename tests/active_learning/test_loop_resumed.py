"""Loops that stop and go on: nothing is lost, whoever answers and whenever."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from skysift.active_learning.loop import Waiting
from skysift.active_learning.oracles import TableOracle, TerminalOracle
from skysift.active_learning.pool import Pool
from skysift.active_learning.rounds import RoundError
from tests.active_learning.toy import asked, asked_objects, clouds

POOL, TRUTH = clouds()
EVERYBODY = TableOracle(TRUTH)


def press(keys):
    waiting = iter(keys)
    return TerminalOracle("anna", key=lambda: next(waiting, "q"), write=lambda line: None)


def test_without_an_oracle_it_waits_for_answers_from_elsewhere(loop):
    one = loop(POOL)
    waiting = one.step()
    assert isinstance(waiting, Waiting)
    assert (waiting.number, waiting.progress.asked, waiting.progress.open) == (0, 20, 20)
    for question in one.ledger.questions("toy"):  # a page, say
        one.ledger.answer(question.id, TRUTH[question.object], labeller="anna")
    assert one.step().number == 0


def test_who_quits_and_comes_back_ends_where_who_stays_does(loop):
    stayed = loop(POOL, folder="stayed")
    stayed.step(EVERYBODY)
    keys = ["l" if TRUTH[name] == "left" else "r" for name in asked_objects(stayed)]
    for begin in (0, 6, 12):  # the fourth answer is taken back, and given anew by another process
        assert isinstance(loop(POOL).step(press([*keys[begin : begin + 4], "z"])), Waiting)
        assert isinstance(loop(POOL).step(press(keys[begin + 3 : begin + 6])), Waiting)
    last = loop(POOL).step(press(keys[18:]))
    assert last.parameters["data_sha256"] == stayed.rounds.latest().parameters["data_sha256"]
    assert last.files["model/logistic.json"] == stayed.rounds.latest().files["model/logistic.json"]
    assert asked(loop(POOL)) == asked(stayed)


def test_two_people_are_waited_for_if_two_are_wanted(loop):
    one = loop(POOL, wanted=2, rule="unanimous")
    assert isinstance(one.step(EVERYBODY), Waiting)
    done = one.step(TableOracle(TRUTH, labeller="ben"))
    assert len(done.ids) == 20
    assert one.ledger.progress("toy").by_labeller == {"truth": 20, "ben": 20}


def test_disputed_objects_are_made_up_for(loop):
    one = loop(POOL, wanted=2, rule="unanimous", initial=10)
    doubtful = TableOracle(TRUTH, labeller="ben", error_rate=0.3)
    done = one.step(EVERYBODY)
    while isinstance(done, Waiting):
        done = one.step(doubtful)
        done = one.step(EVERYBODY) if isinstance(done, Waiting) else done
    assert len(done.ids) == 10
    assert len(asked(one)) > 10


def test_an_answer_taken_back_later_is_not_learned_from_again(loop):
    one = loop(POOL)
    last = one.step(EVERYBODY).ids["item"].iloc[-1]
    one.ledger.undo("toy", "truth")
    again = one.step(EVERYBODY)
    assert last not in set(again.ids["item"])
    assert len(again.ids) == 19 + 8


def test_labelled_items_that_have_left_the_pool_are_counted(loop, caplog):
    one = loop(POOL)
    one.step(EVERYBODY)
    gone = POOL.rows_of(asked(one)[:3])
    kept = np.setdiff1d(np.arange(len(POOL)), gone)
    smaller = Pool(POOL.items[kept], POOL.objects[kept], POOL.features[kept])
    with caplog.at_level(logging.WARNING):
        done = loop(smaller).step(EVERYBODY)
    assert done.parameters["absent"] == 3 and len(done.ids) == 17 + 8
    assert "3 labelled items are not in the pool" in caplog.text


def test_a_changed_round_is_not_built_upon(loop):
    one = loop(POOL)
    path = one.step(EVERYBODY).model / "logistic.json"
    path.chmod(0o644)
    path.write_text("{}")
    with pytest.raises(RoundError, match="was changed"):
        loop(POOL).step(EVERYBODY)
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
    assert loop(POOL, tracker=Broken()).step(EVERYBODY).number == 0
    assert "was not tracked" in caplog.text
    later = Noting()
    loop(POOL, tracker=later).step(EVERYBODY)
    assert later.heard == [[0, 1]]
