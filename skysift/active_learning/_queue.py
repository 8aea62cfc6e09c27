"""Which open question a labeller is given next."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select

from skysift.active_learning._entries import of_campaign
from skysift.active_learning._schema import answers, claims, questions, retractions


def next_open(campaign: str, labeller: str, number: int | None, now: datetime) -> Select[Any]:
    """Select the first question that is open for a labeller.

    It is open if the labeller has neither answered nor skipped it, and those who have answered it
    or are looking at it are fewer than wanted.
    """
    looking = (
        select(func.count(claims.c.labeller.distinct()))
        .where(
            claims.c.question == questions.c.id,
            claims.c.labeller != labeller,
            claims.c.until > now,
            ~_acted(claims.c.labeller),
        )
        .correlate(questions)
        .scalar_subquery()
    )
    answered = (
        select(func.count())
        .where(_standing(), ~answers.c.skipped)
        .correlate(questions)
        .scalar_subquery()
    )
    return (
        select(questions)
        .where(*of_campaign(campaign, number), ~_acted(labeller))
        .where(answered + looking < questions.c.wanted)
        .order_by(questions.c.id)
        .limit(1)
    )


def _acted(labeller: Any) -> ColumnElement[bool]:
    """Condition: a labeller's answer to the question, or skip of it, stands."""
    own = exists().where(_standing(), answers.c.labeller == labeller)
    return own.correlate(questions, claims)


def _standing() -> ColumnElement[bool]:
    taken_back = exists().where(retractions.c.answer == answers.c.id).correlate(answers)
    return and_(answers.c.question == questions.c.id, ~taken_back)
