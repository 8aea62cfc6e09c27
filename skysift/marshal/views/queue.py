"""A queue as a list: what is in it, what was said of each, by whom."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from skysift.active_learning.records import Answer
from skysift.marshal.candidates import EVERYTHING, Candidate
from skysift.marshal.pages import render
from skysift.marshal.queues import ROUND, RoundQueue, TopicQueue, address
from skysift.marshal.views.room_of import TheQueue, TheRoom
from skysift.marshal.visitor import Anybody, Named

router = APIRouter()

Shown = Literal["all", "open", "labelled"]
ROWS = 1000
"""Of a page of a list."""


@router.get("/queue")
def queue(
    request: Request,
    room: TheRoom,
    queue: TheQueue,
    who: Anybody,
    show: Shown = "all",
    page: int = 1,
) -> Response:
    """List candidates, or questions."""
    rows = _candidates(queue, show) if isinstance(queue, TopicQueue) else _questions(queue, show)
    pages = max(1, -(-len(rows) // ROWS))
    page = min(max(page, 1), pages)
    return render(
        request,
        who,
        "queue.html",
        queue=queue,
        count=queue.count(),
        rows=rows[(page - 1) * ROWS : page * ROWS],
        first=(page - 1) * ROWS,
        page=page,
        pages=pages,
        show=show,
        ranks=room.candidates.ranks(queue.topic) if isinstance(queue, TopicQueue) else [],
        everything=EVERYTHING,
    )


def _candidates(queue: TopicQueue, show: Shown) -> list[tuple[Candidate, list[Answer]]]:
    standing = queue.standing()
    rows = []
    for candidate in queue.candidates():
        question = standing.about(candidate.object, ROUND)
        given = standing.answers_to(question) if question is not None else []
        if show == "all" or bool(given) == (show == "labelled"):
            rows.append((candidate, given))
    return rows


def _questions(queue: RoundQueue, show: Shown) -> list[tuple]:
    standing = queue.standing()
    rows = [(question, standing.answers_to(question)) for question in queue.questions()]
    return [row for row in rows if show == "all" or bool(row[1]) == (show == "labelled")]


@router.get("/look/{alert_id}")
def look(alert_id: int, room: TheRoom, queue: TheQueue, who: Named) -> Response:
    """Show one candidate of a topic, whoever's turn it is."""
    entry = room.candidates.find(alert_id)
    if entry is None or not isinstance(queue, TopicQueue):
        raise HTTPException(404, f"No folder holds an alert {alert_id}.")
    candidate = next((c for c in queue.candidates() if c.object == entry.object), None)
    if candidate is None:
        raise HTTPException(404, f"{entry.object} is not in {queue.title}.")
    question = queue.standing().about(entry.object, ROUND) or queue.ask(candidate)
    room.ledger.hold(question.id, who.labeller)
    return RedirectResponse(address(f"/questions/{question.id}", queue), 303)
