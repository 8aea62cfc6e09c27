"""What stands before every view: whose name we answer to, who may come in, what a page may do."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skysift.marshal.secrecy import Secrecy

SESSION = "skysift_session"
"""Cookie with the proof of a log-in."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
OPEN_TO_ALL = ("/login", "/static/")
READING = ("GET", "HEAD")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """Refuses strangers and dresses every answer.

    Parameters
    ----------
    app : ASGI application
    secrecy : Secrecy
    names : iterable of str
        Host names that we answer to, beside those of the loopback. Any other could be a stranger's
        that was pointed at this machine, whose pages would then pass for ours (DNS rebinding).
    any_address : bool
        Answer to any IP address: nobody can point one anywhere.
    """

    def __init__(
        self,
        app: ASGIApp,
        secrecy: Secrecy,
        names: Iterable[str] = (),
        *,
        any_address: bool = False,
    ) -> None:
        self._app = app
        self._secrecy = secrecy
        self._names = LOOPBACK | {name.lower() for name in names}
        self._any_address = any_address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "websocket":  # there is none
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Request(scope))
        caching = "no-cache" if scope["path"].startswith("/static/") else "no-store"
        await (refusal or self._app)(scope, receive, _dressed(send, caching))

    def _refusal(self, request: Request) -> Response | None:
        if not self._is_ours(_host(request)):
            return PlainTextResponse(
                "This server does not go by that name. Open it by its address, or start it with "
                "--name NAME.",
                status_code=421,
            )
        if request.method not in READING and not _same_origin(request):
            return PlainTextResponse("A page of another site may not write here.", 403)
        if self._secrecy.wants_login and not self._has_come_in(request):
            if request.method in READING:
                return RedirectResponse(f"/login?then={quote(_asked_for(request))}", 303)
            return PlainTextResponse("You are not logged in any more: nothing was written.", 401)
        return None

    def _is_ours(self, host: str) -> bool:
        if host in self._names:
            return True
        return self._any_address and _is_address(host)

    def _has_come_in(self, request: HTTPConnection) -> bool:
        if request.url.path.startswith(OPEN_TO_ALL):
            return True
        return self._secrecy.is_session(request.cookies.get(SESSION, ""))


def own_names() -> set[str]:
    """Name this machine as others in its network do."""
    return {socket.gethostname().lower(), socket.getfqdn().lower()}


def is_loopback(host: str) -> bool:
    """Tell whether an address or name is only this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _host(request: HTTPConnection) -> str:
    """Return the name that we were called by, without its port; empty if it is none."""
    try:
        called = urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:
        return ""
    return (called or "").rstrip(".")


def _same_origin(request: HTTPConnection) -> bool:
    """Tell whether a page of ours sends this; programs that are no browser name no origin."""
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    return origin.partition("://")[2].lower() == request.headers.get("host", "").lower()


def _asked_for(request: HTTPConnection) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _dressed(send: Send, caching: str) -> Send:
    """Add our headers to what is sent; a view may know better how long it may be kept."""

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", caching)
        await send(message)

    return dressed
