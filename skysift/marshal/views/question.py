"""A question before a labeller: what there is to see, and what may be answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from skysift.active_learning.errors import LedgerError
from skysift.active_learning.records import Question
from skysift.marshal import context
from skysift.marshal.headline import headline_of, utc
from skysift.marshal.light_curve_picture import light_curve_svg
from skysift.marshal.links import links_of
from skysift.marshal.open_alert import STAMPS, GoneError, OpenAlert, read_alert
from skysift.marshal.pages import render
from skysift.marshal.queues import RoundQueue, TopicQueue, address
from skysift.marshal.room import Room
from skysift.marshal.telling import describe
from skysift.marshal.tree import step_in
from skysift.marshal.verdicts import verdicts_of
from skysift.marshal.views.room_of import Number, TheQueue, TheRoom
from skysift.marshal.visitor import Named, Visitor

router = APIRouter()


@dataclass(frozen=True)
class Notice:
    """What is told above a question, and how urgently."""

    text: str
    kind: str = "good"


@router.get("/next")
def next_question(
    request: Request, room: TheRoom, queue: TheQueue, who: Named, done: int | None = None
) -> Response:
    """Go to the next question of a queue, or say that there is none."""
    question = queue.next(who.labeller)
    if question is None:
        return render(
            request, who, "done.html",
            queue=queue, count=queue.count(), notice=_said(room, queue, who, done), quit=False,
        )  # fmt: skip
    more = {} if done is None else {"done": done}
    return RedirectResponse(address(f"/questions/{question.id}", queue, **more), 303)


@router.get("/quit")
def quit_queue(request: Request, queue: TheQueue, who: Named) -> Response:
    """Say goodbye: all that was answered is in the ledger already."""
    return render(
        request, who, "done.html", queue=queue, count=queue.count(), notice=None, quit=True
    )


@router.get("/questions/{number}")
def question(
    request: Request,
    number: Number,
    room: TheRoom,
    queue: TheQueue,
    who: Named,
    done: int | None = None,
    alert: int | None = None,
) -> Response:
    """Show a question."""
    path = request.query_params.getlist("path")
    notice = _said(room, queue, who, done)
    return show(
        request, room, queue, who, find(room, number), alert=alert, path=path, notice=notice
    )


def find(room: Room, number: int) -> Question:
    """Return a question, or say that there is none."""
    try:
        return room.ledger.question(number)
    except LedgerError as error:
        raise HTTPException(404, f"{error}.") from None


def show(
    request: Request,
    room: Room,
    queue: TopicQueue | RoundQueue,
    who: Visitor,
    asked: Question,
    *,
    alert: int | None = None,
    path: list[str] | None = None,
    notice: Notice | None = None,
    status: int = 200,
    late: dict[str, Any] | None = None,
) -> Response:
    """Make the page of a question.

    Parameters
    ----------
    request, room, queue, who, asked
    alert : int, optional
        Another alert of the object to look at.
    path : list of str, optional
        Answers on a tree so far.
    notice : Notice, optional
        What to tell first.
    status : int
    late : dict, optional
        An answer that was not written since others had answered, as form fields.
    """
    seen, missing = _alert(room, asked, alert)
    given = room.standing(asked.campaign).answers_to(asked)
    return render(
        request, who, "question.html", status=status,
        queue=queue, count=queue.count(), question=asked, form=asked.form, notice=notice,
        late=late, seen=seen, missing=missing, stamps=_stamps(seen) if seen else [],
        facts=_facts(seen) if seen else {}, others=_others(room, asked),
        picture=room.pictures.size(asked.item), step=step_in(asked.form, path or []),
        own=next((a for a in given if a.labeller == who.labeller), None), given=given,
    )  # fmt: skip


def _alert(room: Room, asked: Question, other: int | None) -> tuple[OpenAlert | None, str]:
    """Open the alert of a question, or say why there is none."""
    entry = room.alert_of(asked.item if other is None else str(other))
    if entry is None:
        return None, f"No folder that was given holds {other or asked.item}."
    if other is not None and entry.object != asked.object:
        return None, f"{other} is no alert of {asked.object}."
    try:
        return read_alert(entry), ""
    except (GoneError, OSError) as error:
        return None, f"{error}."


def _facts(seen: OpenAlert) -> dict[str, Any]:
    names, neighbours = context.neighbours_of(seen)
    points = seen.light_curve()
    return {
        "headline": headline_of(seen),
        "verdicts": verdicts_of(seen),
        "links": links_of(seen),
        "groups": context.groups_of(seen),
        "neighbour_columns": names,
        "neighbours": neighbours,
        "light_curve": light_curve_svg(points, name=seen.entry.object) if points else None,
    }


def _stamps(seen: OpenAlert) -> list[tuple[str, bool, bool]]:
    """Tell of each stamp whether there is one, and whether the source is in its middle."""
    images = [(name, seen.stamp(name)) for name in STAMPS]
    # One that is not square was cut by the detector's edge.
    return [(n, i is not None, i is not None and i.shape[0] == i.shape[1]) for n, i in images]


def _others(room: Room, asked: Question) -> list[tuple[int, str]]:
    """List the object's alerts, for those who want to see another."""
    return [(e.alert_id, utc(e.jd)) for e in room.candidates.alerts_of(asked.object)]


def _said(
    room: Room, queue: TopicQueue | RoundQueue, who: Visitor, done: int | None
) -> Notice | None:
    """Repeat what was just written down."""
    if done is None:
        return None
    given = room.ledger.answers(queue.campaign, retracted=True)
    answer = next((a for a in given if a.id == done and a.labeller == who.labeller), None)
    return (
        None if answer is None else Notice(describe(answer), "info" if answer.retracted else "good")
    )
