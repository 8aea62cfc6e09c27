"""Whoever answers, by the word on the command line; and tables of truth, read with care."""

from __future__ import annotations

import csv

import pytest

from skysift.active_learning.ledger import Ledger
from skysift.active_learning.oracles import FileOracle, TableOracle, TerminalOracle
from skysift.active_learning.questions import TRANSIENT, Marks
from skysift.campaigns.oracles import oracle_named, read_truth


def made(word, **options):
    known = {"labeller": "anna", "form": TRANSIENT, "describe": lambda question: ""}
    return oracle_named(word, **known, **options)


def table(tmp_path, text):
    path = tmp_path / "truth.csv"
    path.write_text(text)
    return path


def test_each_word_has_its_oracle(tmp_path):
    truth = table(tmp_path, "objectId,class\na,gal\n")
    assert made("page") is None
    assert isinstance(made("terminal"), TerminalOracle)
    assert isinstance(made("truth", truth=truth), TableOracle)
    assert isinstance(made(str(tmp_path)), FileOracle)
    assert isinstance(made("answers.csv"), FileOracle)


@pytest.mark.parametrize("word", ["truth", "terminl", "answers.txt"])
def test_a_word_without_an_oracle_is_refused(word):
    with pytest.raises(ValueError, match="--oracle"):
        made(word)


def test_truth_is_for_the_oracle_that_knows_it(tmp_path):
    with pytest.raises(ValueError, match="go together"):
        made("page", truth=tmp_path / "truth.csv")


def test_one_file_serves_all_rounds(tmp_path):
    ledger, path = Ledger(tmp_path / "l.db"), tmp_path / "answers.csv"
    oracle = made(str(path))
    for number, name in enumerate("ab"):
        (question,) = ledger.ask("vra", number, TRANSIENT, [(name, name)])
        oracle.work(ledger, "vra", number)
        rows = list(csv.DictReader(path.open()))
        assert [row["question"] for row in rows] == [str(question.id)]
        rows[0]["answer"] = "gal"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        oracle.work(ledger, "vra", number)
        assert ledger.progress("vra", round=number).open == 0
    assert [answer.value for answer in ledger.answers("vra")] == ["gal", "gal"]


def test_a_truth_has_one_answer_an_object(tmp_path):
    path = table(tmp_path, "candid,objectId,class\n1,a,gal\n2,a,gal\n3,b,bogus\n4,c,\n")
    assert read_truth(path, TRANSIENT) == {"a": "gal", "b": "bogus"}


def test_the_column_can_be_named(tmp_path):
    path = table(tmp_path, "objectId,class,eyes\na,gal,agn\n")
    assert read_truth(path, TRANSIENT, "eyes") == {"a": "agn"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("objectId,class\na,gal\na,bogus\n", "gives a more than one class"),
        ("objectId,class\na,comet\n", "answers 'comet', which is none of the choices: real"),
        ("objectId,kind\na,gal\n", "has no column class or label"),
        ("name,class\na,gal\n", "has no column objectId; it has: name, class"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(tmp_path, text, told):
    with pytest.raises(ValueError, match=told):
        read_truth(table(tmp_path, text), TRANSIENT)


def test_a_table_does_not_mark_pictures(tmp_path):
    with pytest.raises(ValueError, match="a question of marks"):
        read_truth(tmp_path / "truth.csv", Marks("Where?", 64, 64))
