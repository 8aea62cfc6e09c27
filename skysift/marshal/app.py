"""The application: one room, its views, and the guard before them."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from skysift.active_learning.errors import LedgerError
from skysift.marshal.guard import Guard
from skysift.marshal.open_alert import GoneError
from skysift.marshal.pages import FOLDER, render, templates
from skysift.marshal.room import Room
from skysift.marshal.secrecy import Secrecy
from skysift.marshal.views import VIEWS
from skysift.marshal.visitor import visitor

TITLES = {
    400: "That does not fit",
    403: "Not allowed",
    404: "Not here",
    409: "Changed meanwhile",
    422: "That does not fit",
}


def create_app(
    room: Room,
    secrecy: Secrecy | None = None,
    *,
    names: Iterable[str] = (),
    any_address: bool = False,
) -> FastAPI:
    """Make the application.

    Parameters
    ----------
    room : Room
        What it is about.
    secrecy : Secrecy, optional
        By default nobody need log in.
    names, any_address
        See `Guard`.
    """
    app = FastAPI(title="skysift marshal", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.room = room
    app.state.secrecy = secrecy or Secrecy()
    app.state.templates = templates()
    for router in VIEWS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=FOLDER / "static"))
    app.add_exception_handler(HTTPException, _told)
    app.add_exception_handler(RequestValidationError, _misunderstood)
    app.add_exception_handler(LedgerError, _refused)
    app.add_exception_handler(GoneError, _gone)
    app.add_middleware(Guard, secrecy=app.state.secrecy, names=names, any_address=any_address)
    return app


def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 303 and error.headers is not None:
        return RedirectResponse(error.headers["Location"], 303)
    return _problem(request, error.status_code, str(error.detail))


def _misunderstood(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:])
    return _problem(request, 422, f"{where}: {first['msg']}")


def _refused(request: Request, error: Exception) -> Response:
    return _problem(request, 409, f"The ledger refuses: {error}.")


def _gone(request: Request, error: Exception) -> Response:
    return _problem(request, 404, f"{error}.")


def _problem(request: Request, status: int, told: str) -> Response:
    title = TITLES.get(status, "That went wrong")
    return render(request, visitor(request), "problem.html", status=status, title=title, told=told)
