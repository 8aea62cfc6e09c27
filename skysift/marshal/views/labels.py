"""Who labelled what: a table, how well people agree, and all of it as CSV."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import Response

from skysift.active_learning.audit import agreement, answers_table, contradictions
from skysift.active_learning.questions import Choice
from skysift.active_learning.records import Answer
from skysift.marshal.pages import render
from skysift.marshal.telling import short
from skysift.marshal.views.room_of import TheRoom
from skysift.marshal.visitor import Anybody

router = APIRouter()

MOST = 500
"""Answers on the page; the CSV file holds them all."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text for a formula."""


@router.get("/labels")
def labels(request: Request, room: TheRoom, who: Anybody, campaign: str | None = None) -> Response:
    """Show the answers of a campaign, the latest first."""
    campaigns = room.ledger.campaigns()
    campaign = campaign or next(iter(campaigns), room.campaign)
    answers = room.ledger.answers(campaign, retracted=True)
    choices = [answer for answer in answers if isinstance(answer.question.form, Choice)]
    return render(
        request,
        who,
        "labels.html",
        campaigns=campaigns,
        campaign=campaign,
        answers=[(answer, short(answer)) for answer in reversed(answers)][:MOST],
        total=len(answers),
        by_labeller=_by_labeller(answers),
        agreement=agreement(choices).to_dict("records"),
        contradictions=contradictions(answers).to_dict("records"),
    )


@router.get("/labels.csv")
def labels_csv(room: TheRoom, campaign: str) -> Response:
    """Send all answers of a campaign, also those taken back, as CSV."""
    if campaign not in room.ledger.campaigns():
        raise HTTPException(404, f"The ledger has no campaign {campaign!r}.")
    table = answers_table(room.ledger.answers(campaign, retracted=True))
    texts = table.select_dtypes("object").columns
    table[texts] = table[texts].map(_harmless)
    head = {"Content-Disposition": 'attachment; filename="labels.csv"'}
    return Response(table.to_csv(index=False), 200, head, "text/csv; charset=utf-8")


def _by_labeller(answers: list[Answer]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for answer in answers:
        if not (answer.skipped or answer.retracted):
            counts[answer.labeller] = counts.get(answer.labeller, 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: -pair[1]))


def _harmless(cell: object) -> object:
    """Keep a spreadsheet from running a name that somebody made up."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
