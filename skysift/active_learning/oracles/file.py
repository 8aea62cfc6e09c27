"""An oracle that is a file: questions out, filled in by whoever, answers back in."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from skysift.active_learning.desk import Desk
from skysift.active_learning.ledger import Ledger
from skysift.active_learning.questions import SKIP, AnswerError, AnyForm, Choice, form_to_json
from skysift.active_learning.records import Question
from skysift.whole import whole

GIVEN = ("question", "object", "item", "prompt", "answers")
FILLED_IN = ("answer", "confidence")


class FileError(ValueError):
    """A file of answers has mistakes; the message lists them. Nothing of it was taken over."""


class FileOracle:
    """A CSV file that is written, filled in elsewhere, and read.

    Columns ``answer`` and ``confidence`` are to be filled in: a choice as it is, votes and marks
    as JSON, ``skip`` to pass a question on; an empty answer leaves it open.

    Parameters
    ----------
    where : Path
        A folder, in which files lie, one a round: ``CAMPAIGN_round_0003.csv``; or, if it ends in
        ``.csv``, one file for all rounds, in which answers of earlier ones may stay.
    labeller : str
        Who fills them in.
    """

    def __init__(self, where: Path, labeller: str) -> None:
        self._where = Path(where)
        self._labeller = labeller

    def work(self, ledger: Ledger, campaign: str, round: int) -> None:
        """Read the round's file if it is there; if questions are open then, write it anew.

        Raises
        ------
        FileError
            If the file has mistakes.
        """
        desk = Desk(ledger, campaign, self._labeller, round)
        path = self.path(campaign, round)
        if path.exists():
            read_answers(path, replace(desk, round=None))
        if still_open := _without_answer(desk):
            write_questions(path, still_open)

    def path(self, campaign: str, round: int) -> Path:
        """Name the file of a round."""
        if self._where.suffix == ".csv":
            return self._where
        return self._where / f"{campaign}_round_{round:04d}.csv"


def write_questions(path: Path, questions: Sequence[Question]) -> None:
    """Write questions to a CSV file, with empty columns for the answers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*GIVEN, *FILLED_IN])
        for asked in questions:
            about = (asked.id, asked.object, asked.item, asked.form.prompt, _possible(asked.form))
            writer.writerow([*about, "", ""])


def read_answers(path: Path, desk: Desk) -> int:
    """Take the answers of a CSV file over; those taken over before are not doubled.

    Parameters
    ----------
    path : Path
    desk : Desk
        Whose answers they are, and to what.

    Returns
    -------
    int
        How many answers and skips the file has.

    Raises
    ------
    FileError
        If columns are missing, a question is unknown or is of another item, an answer does not fit
        its question or contradicts the labeller's standing one.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        lacking = [name for name in ("question", "item", "answer") if name not in _header(reader)]
        if lacking:
            raise FileError(f"{path.name} has no column {', '.join(lacking)}")
        rows = [(reader.line_num, row) for row in reader if (row["answer"] or "").strip()]
    entries, mistakes = _read(rows, desk)
    if mistakes:
        raise FileError("\n".join([f"{path.name} was not taken over:", *mistakes]))
    for question, value, confidence in entries:
        if value == SKIP:
            desk.skip(question)
        else:
            desk.answer(question, value, confidence=confidence)
    return len(entries)


Entry = tuple[int, Any, "float | None"]


def _read(rows: Sequence[tuple[int, dict[str, str]]], desk: Desk) -> tuple[list[Entry], list[str]]:
    """Check every row before the first is written down."""
    asked = desk.ledger.questions(desk.campaign, round=desk.round)
    known = {str(question.id): question for question in asked}
    standing = _own_answers(desk)
    entries, mistakes = [], []
    for line, row in rows:
        try:
            entry = _entry(row, known)
            if standing.get(entry[0], entry[1]) != entry[1]:
                raise AnswerError(f"{desk.labeller} has answered {standing[entry[0]]!r} before")
            entries.append(entry)
        except ValueError as problem:
            mistakes.append(f"line {line}: {problem}")
    return entries, mistakes


def _entry(row: dict[str, str], known: dict[str, Question]) -> Entry:
    question = known.get((row["question"] or "").strip())
    if question is None or question.item != row["item"]:
        raise AnswerError(f"no question {row['question']} about item {row['item']} was asked")
    typed = row["answer"].strip()
    confidence = (row.get("confidence") or "").strip()
    if typed == SKIP:
        return question.id, SKIP, None
    value = typed if isinstance(question.form, Choice) else _from_json(typed)
    sure = float(confidence) if confidence else None
    if sure is not None and not 0 <= sure <= 1:
        raise AnswerError(f"confidence must be between 0 and 1. Got: {confidence}")
    return question.id, question.form.check(value), sure


def _from_json(typed: str) -> Any:
    try:
        return json.loads(typed)
    except json.JSONDecodeError as problem:
        raise AnswerError(f"the answer must be JSON: {problem}. Got: {typed!r}") from None


def _own_answers(desk: Desk) -> dict[int, Any]:
    """Return the labeller's standing answers, skips left out, by question."""
    found = desk.ledger.answers(desk.campaign, round=desk.round)
    own = (answer for answer in found if answer.labeller == desk.labeller)
    return {answer.question.id: answer.value for answer in own if not answer.skipped}


def _without_answer(desk: Desk) -> list[Question]:
    acts = desk.ledger.answers(desk.campaign, round=desk.round)
    settled = {answer.question.id for answer in acts if answer.labeller == desk.labeller}
    asked = desk.ledger.questions(desk.campaign, round=desk.round)
    return [question for question in asked if question.id not in settled]


def _possible(form: AnyForm) -> str:
    """Say what can be answered, in one cell."""
    if isinstance(form, Choice):
        return " | ".join([*form.choices.values(), SKIP])
    facts = form_to_json(form)
    return json.dumps({name: facts[name] for name in facts if name not in ("kind", "prompt")})


def _header(reader: csv.DictReader[str]) -> Sequence[str]:
    return reader.fieldnames or ()
