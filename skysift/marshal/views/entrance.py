"""Coming in: a token where one is demanded, and a name, once."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from skysift.marshal.guard import SESSION
from skysift.marshal.pages import render
from skysift.marshal.secrecy import Secrecy
from skysift.marshal.visitor import (
    Anybody,
    Sender,
    clean_name,
    own_path,
    remember_name,
    set_cookie,
)

router = APIRouter()

MONTH = 30 * 24 * 3600
PAUSE = 1.0
"""Seconds that a wrong token costs."""


@router.get("/name")
def name(request: Request, who: Anybody, then: str = "/") -> Response:
    """Ask for a name."""
    return render(request, who, "name.html", then=own_path(then), problem="")


@router.post("/name")
def take_name(
    request: Request,
    who: Sender,
    name: Annotated[str, Form()] = "",
    then: Annotated[str, Form()] = "/",
) -> Response:
    """Remember a name."""
    cleaned = clean_name(name)
    if not cleaned:
        problem = "A name, please: somebody may want to ask you about a label."
        return render(request, who, "name.html", status=400, then=own_path(then), problem=problem)
    response = RedirectResponse(own_path(then), 303)
    remember_name(request, response, cleaned)
    return response


@router.get("/login")
def login(request: Request, who: Anybody, then: str = "/") -> Response:
    """Ask for the token."""
    secrecy: Secrecy = request.app.state.secrecy
    if not secrecy.wants_login:
        return RedirectResponse("/", 303)
    return render(request, who, "login.html", then=own_path(then), problem="")


@router.post("/login")
async def take_token(
    request: Request,
    who: Sender,
    token: Annotated[str, Form()] = "",
    then: Annotated[str, Form()] = "/",
) -> Response:
    """Let those in who know the token."""
    secrecy: Secrecy = request.app.state.secrecy
    if not secrecy.is_token(token):
        await asyncio.sleep(PAUSE)
        problem = "That is not the token."
        return render(request, who, "login.html", status=403, then=own_path(then), problem=problem)
    response = RedirectResponse(own_path(then), 303)
    set_cookie(request, response, SESSION, secrecy.new_session(), MONTH)
    return response


@router.post("/logout")
def logout(who: Sender) -> Response:
    """Forget a log-in; the name stays."""
    response = RedirectResponse("/login", 303)
    response.delete_cookie(SESSION)
    return response
