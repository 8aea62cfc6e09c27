"""Entries of the ledger within a transaction: find, add, retract."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, select

from skysift.active_learning._schema import answers, claims, questions, retractions
from skysift.active_learning.errors import AlreadyAnsweredError, ClosedError, LedgerError
from skysift.active_learning.records import Answer, Question, question_from


def now() -> datetime:
    """Tell the time, UTC."""
    return datetime.now(timezone.utc)


def of_campaign(campaign: str, number: int | None) -> Iterator[ColumnElement[bool]]:
    """Conditions on a question: its campaign and, if given, its round."""
    yield questions.c.campaign == campaign
    if number is not None:
        yield questions.c.round == number


MOST_NAMED = 500
"""Objects that a query names; where more are wanted, it takes those of the whole round."""


def find_questions(
    connection: Connection,
    campaign: str,
    number: int | None,
    *,
    objects: Collection[str] | None = None,
    after: int = 0,
) -> list[Question]:
    """Return questions in the order of asking: about some objects, or after one question."""
    found = select(questions).where(*of_campaign(campaign, number), questions.c.id > after)
    if objects is not None and len(objects) <= MOST_NAMED:
        found = found.where(questions.c.object.in_(objects))
    return [question_from(row) for row in connection.execute(found.order_by(questions.c.id))]


def find_question(connection: Connection, number: int) -> Question:
    """Return a question by its id."""
    row = connection.execute(select(questions).where(questions.c.id == number)).first()
    if row is None:
        raise LedgerError(f"the ledger has no question {number}")
    return question_from(row)


def add_questions(
    connection: Connection,
    campaign: str,
    number: int,
    items: Sequence[tuple[str, str]],
    facts: dict[str, Any],
) -> None:
    """Ask about the items that the round does not have yet."""
    asked = find_questions(connection, campaign, number, objects={name for _, name in items})
    known = {question.object: question.item for question in asked}
    rows = []
    for item, object_ in items:
        if known.get(object_, item) != item:
            raise LedgerError(
                f"an object is asked about once a round. Got: {object_} with items "
                f"{known[object_]} and {item} in round {number} of {campaign!r}"
            )
        if object_ not in known:
            rows.append({"campaign": campaign, "round": number, "item": item, "object": object_})
            known[object_] = item
    if rows:
        connection.execute(insert(questions), [{**row, **facts} for row in rows])


def claim(connection: Connection, question: int, labeller: str, until: datetime) -> None:
    """Keep a question for a labeller for a while."""
    held = {"question": question, "labeller": labeller, "until": until}
    connection.execute(insert(claims).values(held))


def find_answers(
    connection: Connection, campaign: str, number: int | None, *, after: int = 0
) -> list[Answer]:
    """Return answers and skips, also those taken back, in the order of answering."""
    found = _joined().where(*of_campaign(campaign, number), answers.c.id > after)
    return [_answer_from(row) for row in connection.execute(found.order_by(answers.c.id))]


def find_retractions(connection: Connection, campaign: str, after: int) -> dict[int, int]:
    """Return the answers that were taken back, by the number of each retraction."""
    found = (
        select(retractions.c.id, retractions.c.answer)
        .join(answers, answers.c.id == retractions.c.answer)
        .join(questions, questions.c.id == answers.c.question)
        .where(questions.c.campaign == campaign, retractions.c.id > after)
        .order_by(retractions.c.id)
    )
    return {row.id: row.answer for row in connection.execute(found)}


def find_last(
    connection: Connection, campaign: str, labeller: str, number: int | None
) -> Answer | None:
    """Return a labeller's last answer or skip that stands."""
    found = _joined().where(
        *of_campaign(campaign, number), answers.c.labeller == labeller, retractions.c.id.is_(None)
    )
    row = connection.execute(found.order_by(answers.c.id.desc()).limit(1)).first()
    return None if row is None else _answer_from(row)


def add_answer(
    connection: Connection,
    question: Question,
    labeller: str,
    value: Any,
    confidence: float | None,
    *,
    skipped: bool = False,
) -> Answer:
    """Add an answer or a skip, if the labeller's standing one allows it."""
    own = _own(connection, question, labeller)
    standing = [answer for answer in own if not answer.retracted]
    if standing:
        (last,) = standing
        if (last.skipped, last.value) == (skipped, value):
            return last
        if not last.skipped:
            raise AlreadyAnsweredError(
                f"{labeller} has answered question {question.id} about {question.item} with "
                f"{last.value!r}; undo that first"
            )
        retract(connection, last)
    row = {
        "question": question.id,
        "labeller": labeller,
        "attempt": len(own),
        "skipped": skipped,
        "value": value,
        "confidence": confidence,
        "answered_at": now(),
    }
    key = connection.execute(insert(answers).values(row)).inserted_primary_key
    assert key is not None
    found = connection.execute(_joined().where(answers.c.id == key[0])).one()
    return _answer_from(found)


def refuse_closed(connection: Connection, question: Question, labeller: str) -> None:
    """Raise if as many others as wanted have answered, and the labeller has not."""
    standing = _joined().where(
        questions.c.id == question.id, ~answers.c.skipped, retractions.c.id.is_(None)
    )
    given = [_answer_from(row) for row in connection.execute(standing)]
    own = any(answer.labeller == labeller for answer in given)
    if len(given) >= question.wanted and not own:
        told = ", ".join(f"{answer.labeller} ({answer.value!r})" for answer in given)
        raise ClosedError(
            f"question {question.id} about {question.item} was answered meanwhile by {told}"
        )


def retract(connection: Connection, answer: Answer) -> None:
    """Take an answer back."""
    connection.execute(insert(retractions).values(answer=answer.id, retracted_at=now()))


def _own(connection: Connection, question: Question, labeller: str) -> list[Answer]:
    found = _joined().where(questions.c.id == question.id, answers.c.labeller == labeller)
    return [_answer_from(row) for row in connection.execute(found)]


def _joined() -> Select[Any]:
    return (
        select(
            questions,
            *(column.label(f"answer_{column.name}") for column in answers.c),
            func.coalesce(retractions.c.id, 0).label("retraction"),
        )
        .join(answers, answers.c.question == questions.c.id)
        .outerjoin(retractions, retractions.c.answer == answers.c.id)
    )


def _answer_from(row: Row[Any]) -> Answer:
    fact = row._mapping
    return Answer(
        id=fact["answer_id"],
        question=question_from(row),
        labeller=fact["answer_labeller"],
        skipped=fact["answer_skipped"],
        value=fact["answer_value"],
        confidence=fact["answer_confidence"],
        answered_at=fact["answer_answered_at"],
        retracted=bool(fact["retraction"]),
    )
