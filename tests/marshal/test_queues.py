"""Which candidate comes next, and how far a queue has come."""

from __future__ import annotations

import copy

import pytest

from skysift.active_learning.questions import TRANSIENT
from skysift.marshal import alert_folder
from skysift.marshal.alert_folder import AlertFolder
from skysift.marshal.candidates import EVERYTHING, NEWEST, Candidates
from skysift.marshal.queues import RoundQueue, TopicQueue, address, queue_from
from skysift.marshal.room import Room
from tests.marshal.test_entries import write

TOPIC = "skysift_all_ztf"


@pytest.fixture
def queue(room):
    return TopicQueue(room, TOPIC, "btsbot.score")


def with_score(alert, score, **changes):
    status = "ok" if score is not None else "bad_stamp"
    struct = {"score": score, "status": status, "version": "v"}
    return copy.deepcopy(alert) | {"btsbot": struct} | changes


# Order


def test_candidates_come_by_score_and_those_without_one_last(queue, night_alerts):
    order = [candidate.object for candidate in queue.candidates()]
    scores = {a["objectId"]: a["btsbot"]["score"] for a in night_alerts}
    scored = [name for name in order if scores[name] is not None]
    assert scored == sorted(scored, key=lambda name: -scores[name])
    assert {scores[name] for name in order[len(scored) :]} == {None}
    assert len(order) == 20


def test_candidates_come_by_time_the_newest_first(room, night_alerts):
    order = [c.object for c in room.candidates.ranked(TOPIC, NEWEST)]
    times = {a["objectId"]: a["candidate"]["jd"] for a in night_alerts}
    assert order == sorted(order, key=lambda name: -times[name])


def test_an_object_is_one_candidate_shown_by_its_latest_alert(tmp_path, night_alerts):
    first, other = night_alerts[:2]
    later = with_score(first, 0.1, candid=first["candid"] + 1)
    later["candidate"]["jd"] += 1
    write(tmp_path / "a" / "1.avro", [with_score(first, 0.9), with_score(other, 0.5)])
    write(tmp_path / "b" / "1.avro", [later])
    candidates = Candidates([AlertFolder(tmp_path)])
    ranked = candidates.ranked(EVERYTHING, "btsbot.score")
    assert [c.object for c in ranked] == [other["objectId"], first["objectId"]]
    assert [e.alert_id for e in ranked[1].alerts] == [later["candid"], first["candid"]]
    assert ranked[1].topics == ("a", "b")
    assert candidates.topics() == {"a": 2, "b": 1}


def test_ranks_are_those_that_some_candidate_has(room):
    assert room.candidates.ranks(TOPIC) == [NEWEST, "btsbot.score"]
    assert room.candidates.ranks("no such topic") == [NEWEST]


# Next


def test_everybody_gets_the_best_that_is_open_to_them(queue):
    best = [candidate.object for candidate in queue.candidates()]
    assert queue.next("anna").object == best[0]
    assert queue.next("anna").object == best[0]  # a page that is loaded again
    assert queue.next("ben").object == best[1]
    assert queue.next("cleo").object == best[2]


def test_a_queue_ends(queue, ledger):
    seen = []
    while (question := queue.next("anna")) is not None:
        ledger.answer(question.id, "real", labeller="anna")
        seen.append(question.object)
    assert seen == [candidate.object for candidate in queue.candidates()]
    assert queue.next("ben") is None
    assert (queue.count().total, queue.count().answered) == (20, 20)
    assert queue.count().by_labeller == {"anna": 20}


def test_a_label_of_one_topic_holds_in_the_others(room, queue, ledger):
    bright = TopicQueue(room, "skysift_bright_ztf", "btsbot.score")
    best = bright.next("anna")
    ledger.answer(best.id, "agn", labeller="anna")
    assert bright.count().answered == queue.count().answered == 1
    assert queue.next("ben").object != best.object


def test_what_was_skipped_is_put_to_others(queue, ledger):
    question = queue.next("anna")
    ledger.skip(question.id, labeller="anna")
    assert queue.next("anna").object != question.object
    assert queue.next("ben").object == question.object
    assert queue.count().answered == 0


def test_only_what_was_shown_is_asked(queue, ledger):
    queue.next("anna")
    queue.next("ben")
    assert len(ledger.questions("candidates")) == 2


def test_a_new_alert_of_the_object_asks_no_second_question(
    tmp_path, ledger, night_alerts, monkeypatch
):
    monkeypatch.setattr(alert_folder, "LOOK_AGAIN", 0.0)
    monkeypatch.setattr(alert_folder, "SHARE", 0)
    first = with_score(night_alerts[0], 0.5)
    write(tmp_path / "t" / "1.avro", [first])
    queue = TopicQueue(Room(ledger, Candidates([AlertFolder(tmp_path / "t")])), "t", NEWEST)
    asked = queue.next("anna")
    stale = queue.candidates()[0]
    later = with_score(first, 0.6, candid=first["candid"] + 1)
    later["candidate"]["jd"] += 1
    write(tmp_path / "t" / "2.avro", [later])
    assert queue.next("anna") == asked
    assert queue.ask(queue.candidates()[0]) == queue.ask(stale) == asked


# Rounds


def test_a_round_is_worked_off_in_the_order_of_asking(room, ledger):
    ledger.ask("vra", 0, TRANSIENT, [("1", "a"), ("2", "b")])
    ledger.ask("vra", 1, TRANSIENT, [("3", "c")])
    both, first = RoundQueue(room, "vra"), RoundQueue(room, "vra", 0)
    assert first.next("anna").object == "a"
    assert both.next("ben").object == "b"
    ledger.answer(1, "agn", labeller="anna")
    assert (first.count().total, first.count().answered) == (2, 1)
    assert both.count().total == 3
    assert RoundQueue(room, "vra", 7).next("anna") is None
    assert [queue.title for queue in (both, first)] == ["vra", "vra, round 0"]


def test_an_answer_that_was_taken_back_does_not_count(room, ledger):
    ledger.ask("vra", 0, TRANSIENT, [("1", "a")])
    queue = RoundQueue(room, "vra", 0)
    ledger.answer(1, "agn", labeller="anna")
    assert queue.count().answered == 1
    ledger.undo("vra", "anna")
    assert queue.count().answered == 0
    ledger.answer(1, "gal", labeller="ben")
    assert queue.count().by_labeller == {"ben": 1}


# Addresses


@pytest.mark.parametrize(
    ("said", "query"),
    [
        ({}, {"topic": EVERYTHING, "rank": "btsbot.score"}),
        (
            {"topic": "skysift_bright_ztf", "rank": "jd"},
            {"topic": "skysift_bright_ztf", "rank": "jd"},
        ),
        ({"topic": TOPIC, "rank": "no.such"}, {"topic": TOPIC, "rank": "jd"}),
        ({"campaign": "a & b", "round": "3"}, {"campaign": "a & b", "round": "3"}),
        ({"campaign": "c", "round": "-1"}, {"campaign": "c"}),
        ({"campaign": "c", "round": "9" * 30}, {"campaign": "c"}),
    ],
)
def test_an_address_means_a_queue(room, said, query):
    queue = queue_from(room, said)
    assert queue.query == query
    assert queue_from(room, queue.query) == queue
    assert address("/next", RoundQueue(room, "a & b"), done=1) == "/next?campaign=a+%26+b&done=1"
