"""What a view is about: the room, and the queue that its address means."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path
from starlette.requests import Request

from skysift.marshal.queues import RoundQueue, TopicQueue, queue_from
from skysift.marshal.room import Room


def room_of(request: Request) -> Room:
    """Return the room of the application."""
    return request.app.state.room


def queue_of(request: Request) -> TopicQueue | RoundQueue:
    """Return the queue that the address means."""
    return queue_from(room_of(request), request.query_params)


TheRoom = Annotated[Room, Depends(room_of)]
TheQueue = Annotated[TopicQueue | RoundQueue, Depends(queue_of)]

Number = Annotated[int, Path(ge=1, lt=2**31)]
"""Of a question: what databases hold."""
