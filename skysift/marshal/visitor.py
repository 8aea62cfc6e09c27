"""Who looks at the page: the browser, and the name of the person before it."""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import Depends, Form, HTTPException
from starlette.requests import Request
from starlette.responses import Response

from skysift.marshal.secrecy import Secrecy

BROWSER, LABELLER = "skysift_browser", "skysift_labeller"
"""Cookies: a number for the browser, and the labeller's name."""

YEAR = 365 * 24 * 3600
LONGEST_NAME = 60
BROWSER_ID = re.compile(r"[\w-]{20,64}")

STALE_FORM = (
    "This page is from before the server was started anew, or cookies are off. Nothing was "
    "written: load the page again."
)


@dataclass(frozen=True)
class Visitor:
    """One browser.

    Attributes
    ----------
    browser : str
        A number that nobody can guess.
    is_new : bool
        It has not been told its number yet.
    labeller : str
        Name of the person, empty if it was not asked for yet.
    form_token : str
        What the forms of pages for this browser carry.
    """

    browser: str
    is_new: bool
    labeller: str
    form_token: str

    def remember(self, request: Request, response: Response) -> None:
        """Tell a new browser its number."""
        if self.is_new:
            set_cookie(request, response, BROWSER, self.browser, YEAR)


def visitor(request: Request) -> Visitor:
    """Find out who asks."""
    known = request.cookies.get(BROWSER, "")
    is_new = not BROWSER_ID.fullmatch(known)
    browser = secrets.token_urlsafe(24) if is_new else known
    secrecy: Secrecy = request.app.state.secrecy
    name = clean_name(unquote(request.cookies.get(LABELLER, "")))
    return Visitor(browser, is_new, name, secrecy.form_token(browser))


def checked_form(
    request: Request,
    who: Annotated[Visitor, Depends(visitor)],
    form_token: Annotated[str, Form()] = "",
) -> Visitor:
    """Let only forms through that came from a page of ours, in this browser."""
    secrecy: Secrecy = request.app.state.secrecy
    if who.is_new or not secrecy.is_form_token(form_token, who.browser):
        raise HTTPException(403, STALE_FORM)
    return who


def labelling(
    who: Annotated[Visitor, Depends(checked_form)], labeller: Annotated[str, Form()] = ""
) -> Visitor:
    """Let only forms through that somebody filled in under the name they have now."""
    if not who.labeller:
        raise HTTPException(403, "Nothing was written: the page does not know your name yet.")
    if clean_name(labeller) != who.labeller:
        raise HTTPException(
            409,
            f"This page was opened by {labeller!r}, and the name is {who.labeller!r} by now. "
            "Nothing was written: load the page again.",
        )
    return who


Anybody = Annotated[Visitor, Depends(visitor)]
Sender = Annotated[Visitor, Depends(checked_form)]
Labeller = Annotated[Visitor, Depends(labelling)]


def named(request: Request, who: Anybody) -> Visitor:
    """Ask for a name first, once."""
    if not who.labeller:
        query = f"?{request.url.query}" if request.url.query else ""
        address = f"/name?then={quote(request.url.path + query)}"
        raise HTTPException(303, headers={"Location": address})
    return who


Named = Annotated[Visitor, Depends(named)]


def clean_name(typed: str) -> str:
    """Make a name of what was typed: spaces single, nothing invisible, not too long."""
    visible = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in typed)
    return " ".join(visible.split())[:LONGEST_NAME].strip()


def remember_name(request: Request, response: Response, name: str) -> None:
    """Keep a labeller's name for a year."""
    set_cookie(request, response, LABELLER, quote(name), YEAR)


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    """Set a cookie that no script can read and no other site makes a browser send with a form."""
    response.set_cookie(
        name, value, max_age=seconds, httponly=True, samesite="lax", path="/",
        secure=request.url.scheme == "https",
    )  # fmt: skip


def own_path(address: str) -> str:
    """Return where to go next: a path of ours, whatever an address bar says."""
    is_own = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if is_own and address.isprintable() else "/"
