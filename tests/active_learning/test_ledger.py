"""The ledger: nothing is lost, nothing is doubled, nothing is changed."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import IntegrityError

from skysift.active_learning.errors import (
    AlreadyAnsweredError,
    ClosedError,
    LedgerError,
    LedgerVersionError,
)
from skysift.active_learning.ledger import Ledger
from skysift.active_learning.questions import TRANSIENT, AnswerError, Marks, Votes

TREE = Votes("Shape?", {"shape": {"smooth": None, "disk": "arms"}, "arms": {"1": None, "2": None}})
ITEMS = [("1150000000000000001", "ZTF18a"), ("2", "ZTF18b"), ("3", "ZTF18c")]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "labels" / "ledger.db"


@pytest.fixture
def ledger(path):
    opened = Ledger(path)
    yield opened
    opened.close()


@pytest.fixture
def asked(ledger):
    return ledger.ask("vra", 0, TRANSIENT, ITEMS, query="random:top", model="m1")


# Asking


def test_a_question_holds_all_that_was_said_of_it(ledger, path, asked):
    before = datetime.now(timezone.utc)
    reopened = Ledger(path).questions("vra")
    assert reopened == asked
    first = reopened[0]
    assert (first.item, first.object, first.round) == ("1150000000000000001", "ZTF18a", 0)
    assert (first.query, first.model, first.form) == ("random:top", "m1", TRANSIENT)
    assert first.asked_at.utcoffset() == timedelta(0)
    assert abs(first.asked_at - before) < timedelta(minutes=5)


def test_asking_twice_asks_once(ledger, asked):
    again = ledger.ask("vra", 0, TRANSIENT, [*reversed(ITEMS), ("4", "ZTF18d")])
    assert again[:3] == asked[::-1]
    assert len(ledger.questions("vra")) == 4


def test_an_object_is_asked_about_once_a_round(ledger, asked):
    with pytest.raises(LedgerError, match=r"ZTF18a.*1150000000000000001 and 9"):
        ledger.ask("vra", 0, TRANSIENT, [("5", "ZTF18e"), ("9", "ZTF18a")])
    assert len(ledger.questions("vra")) == 3  # nor was the first of the two
    assert len(ledger.ask("vra", 1, TRANSIENT, [("9", "ZTF18a")])) == 1


def test_campaigns_and_rounds_are_kept_apart(ledger, asked):
    ledger.ask("tails", 0, TRANSIENT, ITEMS[:1])
    ledger.ask("vra", 1, TRANSIENT, ITEMS[:2])
    assert ledger.campaigns() == ["tails", "vra"]
    assert [len(ledger.questions("vra", round=n)) for n in (0, 1, 2)] == [3, 2, 0]
    assert ledger.progress("tails").asked == 1


def test_a_question_is_found_by_its_id(ledger, asked):
    assert ledger.question(asked[1].id) == asked[1]
    with pytest.raises(LedgerError, match="no question 99"):
        ledger.question(99)


def test_a_chosen_question_is_held_like_one_that_was_given(ledger, asked):
    assert ledger.hold(asked[1].id, "anna")
    assert ledger.hold(asked[1].id, "anna")  # her own, again
    assert not ledger.hold(asked[1].id, "ben")
    assert [ledger.next("vra", "ben").item, ledger.next("vra", "cleo").item] == [
        ITEMS[0][0], ITEMS[2][0],
    ]  # fmt: skip
    assert ledger.next("vra", "dora") is None


def test_a_hold_ends_with_its_lease_and_with_the_answer(ledger, asked):
    assert ledger.hold(asked[0].id, "anna", lease=timedelta(0))
    assert ledger.hold(asked[0].id, "ben")
    ledger.skip(asked[0].id, labeller="ben")
    assert not ledger.hold(asked[0].id, "ben")
    ledger.answer(asked[0].id, "gal", labeller="anna")
    assert not ledger.hold(asked[0].id, "cleo")


def test_asking_about_many_is_as_asking_about_few(ledger):
    many = [(str(number), f"ZTF{number}") for number in range(501)]  # more than a query names
    assert len(ledger.ask("vra", 0, TRANSIENT, many)) == 501
    assert len(ledger.ask("vra", 0, TRANSIENT, [*many, ("x", "ZTFx")])) == 502
    with pytest.raises(LedgerError, match="items 7 and 9"):
        ledger.ask("vra", 0, TRANSIENT, [("9", "ZTF7")])
    assert len(ledger.questions("vra")) == 502


# Answering


def test_a_late_answer_is_refused_only_if_that_is_asked_for(ledger, asked):
    ledger.answer(asked[0].id, "gal", labeller="anna", if_open=True)
    with pytest.raises(ClosedError, match=r"anna \('gal'\)"):
        ledger.answer(asked[0].id, "agn", labeller="ben", if_open=True)
    assert len(ledger.answers("vra")) == 1
    ledger.answer(asked[0].id, "agn", labeller="ben")
    again = ledger.answer(asked[0].id, "gal", labeller="anna", if_open=True)  # it stands
    assert [a.labeller for a in ledger.answers("vra")] == ["anna", "ben"]
    assert again.value == "gal"


def test_a_question_is_open_until_as_many_have_answered_as_are_wanted(ledger):
    (question,) = ledger.ask("vra", 0, TRANSIENT, ITEMS[:1], wanted=2)
    ledger.answer(question.id, "gal", labeller="anna", if_open=True)
    ledger.skip(question.id, labeller="ben")
    ledger.answer(question.id, "gal", labeller="cleo", if_open=True)
    with pytest.raises(ClosedError, match=r"anna .* cleo"):
        ledger.answer(question.id, "agn", labeller="ben", if_open=True)
    ledger.undo("vra", "anna")
    assert ledger.answer(question.id, "agn", labeller="ben", if_open=True).value == "agn"


def test_an_answer_holds_who_what_when_and_how_sure(ledger, path, asked):
    ledger.answer(asked[0].id, "gal", labeller="anna", confidence=0.7)
    (answer,) = Ledger(path).answers("vra")
    assert (answer.labeller, answer.value, answer.confidence) == ("anna", "gal", 0.7)
    assert answer.question == asked[0]
    assert answer.answered_at.utcoffset() == timedelta(0)
    assert answer.answered_at >= asked[0].asked_at


def test_the_same_answer_from_two_windows_is_written_once(ledger, path, asked):
    first = ledger.answer(asked[0].id, "gal", labeller="anna")
    second = Ledger(path).answer(asked[0].id, "gal", labeller="anna")
    assert first == second
    assert len(ledger.answers("vra")) == 1


def test_another_answer_needs_an_undo_first(ledger, asked):
    ledger.answer(asked[0].id, "gal", labeller="anna")
    with pytest.raises(AlreadyAnsweredError, match=r"anna has answered.*'gal'; undo"):
        ledger.answer(asked[0].id, "agn", labeller="anna")
    with pytest.raises(AlreadyAnsweredError):
        ledger.skip(asked[0].id, labeller="anna")
    ledger.undo("vra", "anna")
    ledger.answer(asked[0].id, "agn", labeller="anna")
    assert [a.value for a in ledger.answers("vra")] == ["agn"]
    history = ledger.answers("vra", retracted=True)
    assert [(a.value, a.retracted) for a in history] == [("gal", True), ("agn", False)]


def test_two_labellers_both_stand(ledger, asked):
    ledger.answer(asked[0].id, "gal", labeller="anna")
    ledger.answer(asked[0].id, "agn", labeller="ben")
    assert [(a.labeller, a.value) for a in ledger.answers("vra")] == [
        ("anna", "gal"),
        ("ben", "agn"),
    ]


def test_an_answer_takes_a_skip_back(ledger, asked):
    ledger.skip(asked[0].id, labeller="anna")
    ledger.answer(asked[0].id, "gal", labeller="anna")
    assert [(a.skipped, a.value) for a in ledger.answers("vra")] == [(False, "gal")]


def test_undo_goes_back_step_by_step_and_stops_at_the_beginning(ledger, asked):
    ledger.answer(asked[0].id, "gal", labeller="anna")
    ledger.skip(asked[1].id, labeller="anna")
    ledger.answer(asked[2].id, "agn", labeller="ben")
    undone = [ledger.undo("vra", "anna") for _ in range(3)]
    assert undone == [asked[1], asked[0], None]
    assert [a.labeller for a in ledger.answers("vra")] == ["ben"]


def test_undo_can_keep_to_a_round(ledger, asked):
    (later,) = ledger.ask("vra", 1, TRANSIENT, [("9", "ZTF18z")])
    ledger.answer(asked[0].id, "gal", labeller="anna")
    assert ledger.undo("vra", "anna", round=1) is None
    ledger.answer(later.id, "gal", labeller="anna")
    assert ledger.undo("vra", "anna", round=0) == asked[0]


@pytest.mark.parametrize(
    ("value", "problem"),
    [("galaxy", "one of: real, extragal"), (None, "one of"), (3, "one of")],
)
def test_an_answer_that_does_not_fit_is_refused(ledger, asked, value, problem):
    with pytest.raises(AnswerError, match=problem):
        ledger.answer(asked[0].id, value, labeller="anna")
    assert ledger.answers("vra", retracted=True) == []


def test_what_makes_no_sense_is_refused(ledger, asked):
    with pytest.raises(LedgerError, match="no question 99"):
        ledger.answer(99, "gal", labeller="anna")
    with pytest.raises(LedgerError, match="between 0 and 1"):
        ledger.answer(asked[0].id, "gal", labeller="anna", confidence=1.5)


def test_votes_and_marks_come_back_as_they_went_in(ledger):
    (shape,) = ledger.ask("zoo", 0, TREE, [("1", "galaxy")])
    (spot,) = ledger.ask("tails", 0, Marks("Comet?", 63, 63), [("1", "comet")])
    votes = {"shape": {"smooth": 3, "disk": 2}, "arms": {"2": 2}}
    ledger.answer(shape.id, votes, labeller="volunteers")
    ledger.answer(spot.id, [{"x": 3.5, "y": 60.25}], labeller="anna")
    assert ledger.answers("zoo")[0].value == votes
    assert ledger.answers("tails")[0].value == [{"x": 3.5, "y": 60.25}]
    assert ledger.questions("zoo")[0].form == TREE


# The queue


def test_each_labeller_is_given_a_question_of_their_own(ledger, asked):
    given = [ledger.next("vra", name) for name in ("anna", "ben", "cleo", "dora")]
    assert given == [*asked, None]
    assert ledger.next("vra", "anna") == asked[0]  # still hers


def test_a_question_nobody_came_back_for_is_given_away(ledger, asked):
    ledger.next("vra", "anna", lease=timedelta(seconds=-1))
    assert ledger.next("vra", "ben") == asked[0]


def test_answered_and_skipped_questions_are_not_put_again(ledger, asked):
    ledger.answer(asked[0].id, "gal", labeller="anna")
    ledger.skip(asked[1].id, labeller="anna")
    assert ledger.next("vra", "anna") == asked[2]
    assert ledger.next("vra", "ben") == asked[1]  # what anna skipped, ben may know


def test_a_question_wants_as_many_people_as_it_says(ledger):
    (question,) = ledger.ask("vra", 0, TRANSIENT, ITEMS[:1], wanted=2)
    assert ledger.next("vra", "anna") == ledger.next("vra", "ben") == question
    assert ledger.next("vra", "cleo") is None
    ledger.answer(question.id, "gal", labeller="anna")
    assert ledger.progress("vra").open == 1
    assert ledger.next("vra", "anna") is None
    assert ledger.next("vra", "cleo") is None
    ledger.skip(question.id, labeller="ben")
    assert ledger.next("vra", "cleo") == question


def test_one_who_looks_twice_takes_one_seat(ledger):
    (question,) = ledger.ask("vra", 0, TRANSIENT, ITEMS[:1], wanted=2)
    assert ledger.next("vra", "anna") == ledger.next("vra", "anna") == question
    assert ledger.next("vra", "ben") == question
    assert ledger.next("vra", "cleo") is None


def test_progress_counts_questions_and_people(ledger, asked):
    ledger.answer(asked[0].id, "gal", labeller="anna")
    ledger.answer(asked[0].id, "gal", labeller="ben")
    ledger.skip(asked[1].id, labeller="ben")
    progress = ledger.progress("vra")
    assert (progress.asked, progress.answered, progress.open) == (3, 1, 1)
    assert progress.by_labeller == {"anna": 1, "ben": 1}


# The database


@pytest.mark.parametrize("table", ["questions", "answers", "retractions", "claims", "schema"])
@pytest.mark.parametrize("order", ["DELETE FROM {}", "UPDATE {} SET rowid = rowid"])
def test_the_database_itself_refuses_to_forget(ledger, path, asked, table, order):
    ledger.next("vra", "anna")
    ledger.answer(asked[0].id, "gal", labeller="anna")
    ledger.undo("vra", "anna")
    with sqlite3.connect(path) as raw, pytest.raises(sqlite3.Error, match="append-only"):
        raw.execute(order.format(f"ledger_{table}"))


def test_the_database_itself_refuses_a_double(ledger, path, asked):
    ledger.answer(asked[0].id, "gal", labeller="anna")
    double = (
        "INSERT INTO ledger_answers (question, labeller, attempt, skipped, answered_at) "
        "SELECT question, labeller, attempt, skipped, answered_at FROM ledger_answers"
    )
    with sqlite3.connect(path) as raw, pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        raw.execute(double)


def test_an_answer_that_fails_on_the_way_leaves_nothing(ledger, path, asked, monkeypatch):
    ledger.skip(asked[0].id, labeller="anna")
    with sqlite3.connect(path) as raw:
        raw.execute(
            "CREATE TRIGGER full BEFORE INSERT ON ledger_answers "
            "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    with pytest.raises(IntegrityError, match="disk full"):
        ledger.answer(asked[0].id, "gal", labeller="anna")
    assert [a.skipped for a in ledger.answers("vra")] == [True]  # the skip was not taken back


def test_it_is_written_ahead_so_that_readers_do_not_wait(path, ledger):
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_files_name_is_taken_as_it_is(tmp_path):
    Ledger(tmp_path / "what? 100%.db").ask("vra", 0, TRANSIENT, ITEMS)
    assert (tmp_path / "what? 100%.db").is_file()


def test_another_version_is_refused_with_both_named(path, ledger):
    with sqlite3.connect(path) as raw:
        raw.execute("DROP TABLE ledger_schema")
        raw.execute("CREATE TABLE ledger_schema (version INTEGER)")
        raw.execute("INSERT INTO ledger_schema VALUES (7)")
    with pytest.raises(LedgerVersionError, match=r"ledger\.db.*version 7.*reads version 1"):
        Ledger(path)


def test_somebody_elses_tables_are_left_alone(tmp_path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE ledger_answers (mine)")
    with pytest.raises(LedgerVersionError, match="no ledger of skysift"):
        Ledger(path)
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT name FROM sqlite_master").fetchall() == [("ledger_answers",)]


# What has changed


def test_changes_add_up_to_all_there_is(ledger, asked):
    ledger.answer(asked[0].id, "gal", labeller="anna")
    first = ledger.changes("vra")
    assert first.questions == asked
    assert [answer.value for answer in first.answers] == ["gal"]
    ledger.undo("vra", "anna")
    ledger.skip(asked[1].id, labeller="ben")
    (new,) = ledger.ask("vra", 1, TRANSIENT, [("4", "ZTF18d")])
    second = ledger.changes("vra", first.mark)
    assert second.questions == [new]
    assert [answer.labeller for answer in second.answers] == ["ben"]
    assert second.retracted == {first.answers[0].id}
    third = ledger.changes("vra", second.mark)
    assert (third.questions, third.answers, third.retracted) == ([], [], frozenset())
    assert third.mark == second.mark


def test_changes_are_of_one_campaign(ledger, asked):
    (other,) = ledger.ask("tails", 0, TRANSIENT, ITEMS[:1])
    given = ledger.answer(other.id, "agn", labeller="anna")
    ledger.undo("tails", "anna")
    assert ledger.changes("vra").answers == []
    assert ledger.changes("vra").retracted == frozenset()
    assert ledger.changes("tails").retracted == {given.id}
