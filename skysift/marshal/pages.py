"""Templates to pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from skysift.marshal.guard import SESSION
from skysift.marshal.headline import utc
from skysift.marshal.queues import address
from skysift.marshal.secrecy import Secrecy
from skysift.marshal.stamp_picture import STRETCHES
from skysift.marshal.stamp_scale import scale_svg
from skysift.marshal.visitor import Visitor

FOLDER = Path(__file__).parent
THEMES = ("auto", "light", "dark")
ZOOMS = ("1", "2", "4")
LOOKS = {"theme": THEMES, "stretch": STRETCHES, "zoom": ZOOMS}
"""What a person may choose, which the page keeps in cookies; the first is the default."""


def templates() -> Environment:
    """Make the environment of the templates: everything is escaped, nothing may be undefined."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"address": address, "utc": utc, "looks": LOOKS, "scale_svg": scale_svg}
    return environment


def render(
    request: Request, who: Visitor, template: str, *, status: int = 200, **context: Any
) -> HTMLResponse:
    """Make a page for a visitor."""
    look = {name: _chosen(request, name) for name in LOOKS}
    made = request.app.state.templates.get_template(template)
    secrecy: Secrecy = request.app.state.secrecy
    is_in = secrecy.wants_login and secrecy.is_session(request.cookies.get(SESSION, ""))
    text = made.render(who=who, look=look, logged_in=is_in, **context)
    response = HTMLResponse(text, status)
    who.remember(request, response)
    return response


def _chosen(request: Request, name: str) -> str:
    chosen = request.cookies.get(f"skysift_{name}", "")
    return chosen if chosen in LOOKS[name] else LOOKS[name][0]
