"""The first page: which queues there are."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from skysift.marshal.candidates import EVERYTHING
from skysift.marshal.pages import render
from skysift.marshal.queues import RoundQueue, TopicQueue
from skysift.marshal.room import Room
from skysift.marshal.standing import Count
from skysift.marshal.views.room_of import TheRoom
from skysift.marshal.visitor import Anybody

router = APIRouter()

MOST_PROBLEMS = 20
"""Of what could not be read; a folder of something else altogether has thousands."""


@router.get("/")
def overview(request: Request, room: TheRoom, who: Anybody) -> Response:
    """Show topics and campaigns with their progress."""
    problems = room.candidates.problems()
    return render(
        request,
        who,
        "overview.html",
        topics=_topics(room),
        campaigns=_campaigns(room),
        problems=problems[:MOST_PROBLEMS],
        more_problems=len(problems) - MOST_PROBLEMS,
    )


def _topics(room: Room) -> list[tuple[TopicQueue, Count]]:
    names = list(room.candidates.topics())
    if len(names) > 1:
        names.append(EVERYTHING)
    queues = [TopicQueue(room, name, room.rank) for name in names]
    return [(queue, queue.count()) for queue in queues]


def _campaigns(room: Room) -> list[tuple[RoundQueue, Count]]:
    """List the rounds of every campaign that somebody's model asks for, the latest first."""
    queues = [
        RoundQueue(room, campaign, number)
        for campaign in room.ledger.campaigns()
        if campaign != room.campaign
        for number in sorted(_rounds(room, campaign), reverse=True)
    ]
    return [(queue, queue.count()) for queue in queues]


def _rounds(room: Room, campaign: str) -> set[int]:
    return {question.round for question in room.standing(campaign).questions.values()}
