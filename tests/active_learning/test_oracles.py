"""Who answers: a table of truth and a file; and the desk that all of them sit at."""

from __future__ import annotations

import csv
import json

import pytest

from skysift.active_learning.desk import Desk
from skysift.active_learning.ledger import Ledger
from skysift.active_learning.oracles import FileOracle, TableOracle
from skysift.active_learning.oracles.file import FileError
from skysift.active_learning.questions import TRANSIENT, Marks, Votes

SHAPE = Votes("Shape?", {"shape": {"smooth": None, "disk": "arms"}, "arms": {"1": None, "2": None}})
PICTURE = Marks("Comet?", 63, 63)


def ask(ledger, count, form=TRANSIENT):
    items = [(str(1_150_000_000_000_000_000 + i), f"ZTF{i}") for i in range(count)]
    return ledger.ask("vra", 0, form, items)


def values(ledger):
    """Return the standing acts, by object: (skipped, value)."""
    return {a.question.object: (a.skipped, a.value) for a in ledger.answers("vra")}


# The desk


def test_a_labeller_has_a_name(ledger):
    with pytest.raises(ValueError, match="labeller must be a name"):
        Desk(ledger, "vra", "  ")


def test_a_desk_sees_one_labellers_side_of_one_round(ledger):
    first, second, third = ask(ledger, 3)
    ledger.ask("vra", 1, TRANSIENT, [("9", "ZTF9")])
    anna, ben = (Desk(ledger, "vra", name, round=0) for name in ("anna", "ben"))
    assert (anna.next(), ben.next()) == (first, second)
    anna.answer(first.id, "gal", confidence=0.9)
    ben.skip(second.id)
    assert (anna.undo(), anna.undo()) == (first, None)
    anna.answer(first.id, "agn")
    assert anna.next() in (second, third)
    assert anna.progress() == ben.progress()
    assert (anna.progress().asked, anna.progress().answered, anna.progress().open) == (3, 1, 1)


# The table


def test_a_table_answers_what_it_knows_and_skips_the_rest(ledger):
    ask(ledger, 3)
    TableOracle({"ZTF0": "gal", "ZTF2": "bogus"}).work(ledger, "vra", 0)
    assert values(ledger) == {
        "ZTF0": (False, "gal"),
        "ZTF1": (True, None),
        "ZTF2": (False, "bogus"),
    }
    assert {a.labeller for a in ledger.answers("vra")} == {"truth"}


def test_wrong_answers_come_at_the_rate_and_are_other_choices(ledger):
    truth = {f"ZTF{i}": "gal" for i in range(200)}
    ask(ledger, 200)
    TableOracle(truth, error_rate=0.25, seed=3).work(ledger, "vra", 0)
    given = [value for _, value in values(ledger).values()]
    wrong = [value for value in given if value != "gal"]
    assert len(given) == 200
    # 50 expected; a binomial strays by 5 sd (31) once in a million
    assert abs(len(wrong) - 50) < 31
    assert set(wrong) == {"real", "extragal", "agn", "bogus", "varstar"}


def test_an_error_belongs_to_the_item_whatever_else_is_asked(tmp_path):
    truth = {f"ZTF{i}": "gal" for i in range(40)}
    oracle = TableOracle(truth, error_rate=0.5, seed=1)
    some, all_ = Ledger(tmp_path / "some.db"), Ledger(tmp_path / "all.db")
    ask(some, 40)
    oracle.work(some, "vra", 0)
    backwards = [(str(1_150_000_000_000_000_000 + i), f"ZTF{i}") for i in range(39, -1, -1)]
    all_.ask("vra", 0, TRANSIENT, backwards)
    oracle.work(all_, "vra", 0)
    assert values(some) == values(all_)


def test_errors_are_for_choices(ledger):
    ask(ledger, 1, PICTURE)
    with pytest.raises(ValueError, match=r"error_rate is for choices\. Got: a question of marks"):
        TableOracle({"ZTF0": []}, error_rate=0.1).work(ledger, "vra", 0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        TableOracle({}, error_rate=2)


# The file


def read(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def fill_in(path, answers, **columns):
    """Fill in a file as a person would; other columns by name."""
    rows = read(path)
    for row, answer in zip(rows, answers, strict=True):
        row["answer"] = answer
        row.update({name: given.get(row["object"], "") for name, given in columns.items()})
    with path.open("w", newline="", encoding="utf-8-sig") as file:  # with Excel's mark
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def oracle(tmp_path):
    return FileOracle(tmp_path / "to-do", "anna")


def test_a_file_is_written_filled_in_and_read(ledger, oracle):
    ask(ledger, 4)
    oracle.work(ledger, "vra", 0)
    path = oracle.path("vra", 0)
    assert path.name == "vra_round_0000.csv"
    assert [(row["object"], row["item"]) for row in read(path)][3] == (
        "ZTF3",
        "1150000000000000003",
    )
    assert read(path)[0]["answers"] == "real | extragal | gal | agn | bogus | varstar | skip"

    fill_in(path, ["gal", "", " skip ", "agn"], confidence={"ZTF0": "0.5"})
    oracle.work(ledger, "vra", 0)
    oracle.work(ledger, "vra", 0)  # nothing is doubled
    assert values(ledger) == {
        "ZTF0": (False, "gal"),
        "ZTF2": (True, None),
        "ZTF3": (False, "agn"),
    }
    assert [a.confidence for a in ledger.answers("vra")] == [0.5, None, None]
    assert [row["object"] for row in read(path)] == ["ZTF1"]  # what is still open


def test_votes_and_marks_are_filled_in_as_json(ledger, oracle):
    ask(ledger, 2, SHAPE)
    oracle.work(ledger, "vra", 0)
    path = oracle.path("vra", 0)
    assert json.loads(read(path)[0]["answers"]) == {"tree": SHAPE.tree}
    votes = {"shape": {"disk": 2}, "arms": {"1": 2}}
    fill_in(path, [json.dumps(votes), "disk"])
    with pytest.raises(FileError, match=r"line 3: the answer must be JSON.*'disk'"):
        oracle.work(ledger, "vra", 0)
    fill_in(path, [json.dumps(votes), ""])
    oracle.work(ledger, "vra", 0)
    assert values(ledger) == {"ZTF0": (False, votes)}


def test_a_file_with_mistakes_is_refused_whole_with_every_line_named(ledger, oracle):
    ask(ledger, 5)
    ledger.answer(ask(ledger, 5)[3].id, "agn", labeller="anna")
    oracle.work(ledger, "vra", 0)
    path = oracle.path("vra", 0)
    fill_in(path, ["gal", "galaxy", "bogus", "gal"], confidence={"ZTF2": "1.5"})
    text = path.read_text().replace("ZTF4,1150000000000000004", "ZTF4,1.15E+18")
    path.write_text(text + "4,ZTF3,1150000000000000003,,,bogus,\n")
    with pytest.raises(FileError) as caught:
        oracle.work(ledger, "vra", 0)
    first, *mistakes = str(caught.value).splitlines()
    assert first == "vra_round_0000.csv was not taken over:"
    expected = [
        "line 3: the answer must be one of",
        "line 4: confidence must be between 0 and 1. Got: 1.5",
        "line 5: no question 5 about item 1.15E+18",
        "line 6: anna has answered 'agn' before",
    ]
    assert [m[: len(e)] for m, e in zip(mistakes, expected, strict=True)] == expected
    assert values(ledger) == {"ZTF3": (False, "agn")}


def test_a_file_without_its_columns_is_refused(ledger, oracle):
    ask(ledger, 1)
    path = oracle.path("vra", 0)
    path.parent.mkdir()
    path.write_text("object,label\nZTF0,gal\n")
    with pytest.raises(FileError, match="has no column question, item, answer"):
        oracle.work(ledger, "vra", 0)
    assert path.read_text() == "object,label\nZTF0,gal\n"
