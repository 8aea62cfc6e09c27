"""Stamps and pictures."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query
from starlette.responses import FileResponse, Response

from skysift.marshal.open_alert import read_alert
from skysift.marshal.pictures import TYPES
from skysift.marshal.stamp_picture import STRETCHES, stamp_png
from skysift.marshal.views.room_of import TheRoom

router = APIRouter()

LONGEST_SIDE = 1024
KEPT = {"Cache-Control": "private, max-age=3600"}
"""An alert's stamps never change."""


@router.get("/alerts/{alert_id}/{name}.png")
def stamp(
    alert_id: int,
    name: Literal["science", "template", "difference"],
    room: TheRoom,
    stretch: str = STRETCHES[0],
    side: Annotated[int, Query(ge=16, le=LONGEST_SIDE)] = 252,
) -> Response:
    """Draw a stamp."""
    if stretch not in STRETCHES:
        raise HTTPException(422, f"stretch must be one of: {', '.join(STRETCHES)}.")
    entry = room.candidates.find(alert_id)
    if entry is None:
        raise HTTPException(404, f"No folder holds an alert {alert_id}.")
    image = read_alert(entry).stamp(name)
    if image is None:
        raise HTTPException(404, f"Alert {alert_id} has no {name} stamp that can be read.")
    return Response(stamp_png(image, stretch=stretch, side=side), 200, KEPT, "image/png")


@router.get("/pictures/{item}")
def picture(item: str, room: TheRoom) -> Response:
    """Send the picture of an item that is no alert."""
    file = room.pictures.find(item)
    if file is None:
        raise HTTPException(404, f"There is no picture of {item}.")
    return FileResponse(file, media_type=TYPES[file.suffix])
