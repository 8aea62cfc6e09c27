"""Answers, skips and undoing: all that is written."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from skysift.active_learning.errors import AlreadyAnsweredError, ClosedError
from skysift.active_learning.questions import AnswerError, AnyForm, Choice, Votes
from skysift.marshal.queues import RoundQueue, TopicQueue, address
from skysift.marshal.views.question import Notice, find, show
from skysift.marshal.views.room_of import Number, TheQueue, TheRoom
from skysift.marshal.visitor import Labeller

router = APIRouter()

NOTHING = "none"
"""What is typed where there is nothing to mark."""


@router.post("/questions/{number}/answer")
def answer(
    request: Request,
    number: Number,
    room: TheRoom,
    queue: TheQueue,
    who: Labeller,
    value: Annotated[str, Form()] = "",
    path: Annotated[list[str] | None, Form()] = None,
    confidence: Annotated[float | None, Form(ge=0, le=1)] = None,
    too: Annotated[bool, Form()] = False,
) -> Response:
    """Write an answer down, and go on.

    An answer to what others have answered meanwhile is refused once, and said so; `too` writes it
    beside theirs.
    """
    asked = find(room, number)
    try:
        given = room.ledger.answer(
            number,
            _value(asked.form, value, path or []),
            labeller=who.labeller,
            confidence=confidence,
            if_open=not too,
        )
    except ClosedError as problem:
        late = {"value": value, "path": path or [], "confidence": confidence}
        notice = Notice(f"Not written: {problem}.", "bad")
        return show(request, room, queue, who, asked, notice=notice, status=409, late=late)
    except (AlreadyAnsweredError, AnswerError) as problem:
        status = 409 if isinstance(problem, AlreadyAnsweredError) else 400
        notice = Notice(f"Not written: {problem}.", "bad")
        return show(request, room, queue, who, asked, notice=notice, status=status)
    return _onward(queue, given.id)


@router.post("/questions/{number}/skip")
def skip(
    request: Request, number: Number, room: TheRoom, queue: TheQueue, who: Labeller
) -> Response:
    """Pass a question on."""
    asked = find(room, number)
    try:
        given = room.ledger.skip(number, labeller=who.labeller)
    except AlreadyAnsweredError as problem:
        notice = Notice(f"Not written: {problem}.", "bad")
        return show(request, room, queue, who, asked, notice=notice, status=409)
    return _onward(queue, given.id)


@router.post("/undo")
def undo(room: TheRoom, queue: TheQueue, who: Labeller) -> Response:
    """Take the last answer or skip back, and put its question again."""
    last = room.standing(queue.campaign).last_of(who.labeller, queue.round)
    taken = room.ledger.undo(queue.campaign, who.labeller, round=queue.round)
    if taken is None:
        return RedirectResponse(address("/next", queue), 303)
    more = {"done": last.id} if last is not None else {}
    return RedirectResponse(address(f"/questions/{taken.id}", queue, **more), 303)


def _onward(queue: TopicQueue | RoundQueue, done: int) -> Response:
    return RedirectResponse(address("/next", queue, done=done), 303)


def _value(form: AnyForm, value: str, path: list[str]) -> Any:
    """Make of a form's fields what the question takes."""
    if isinstance(form, Choice):
        return value
    if isinstance(form, Votes):
        return form.path(path)
    return [] if value.strip().lower() == NOTHING else _marks(value)


def _marks(typed: str) -> list[dict[str, str]]:
    """Read ``x y; x y``, as at the terminal."""
    marks = [point.replace(",", " ").split() for point in typed.split(";")]
    if any(len(mark) != 2 for mark in marks):
        raise AnswerError(f"marks must be written as: x y; x y, or {NOTHING}. Got: {typed!r}")
    return [{"x": x, "y": y} for x, y in marks]
