"""Speaks to one SkyPortal server: paced, patient, and never twice where once may have worked."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request

from skysift import __version__
from skysift.adapters.exchange import (
    Answer,
    BrokenOffError,
    NotReachedError,
    exchange,
    new_opener,
)
from skysift.adapters.skyportal.bucket import Bucket
from skysift.adapters.skyportal.errors import (
    FaultError,
    RejectedError,
    SkyPortalError,
    UncertainError,
    UnreachableError,
)
from skysift.adapters.skyportal.steps import Step, keys_in
from skysift.adapters.skyportal.token import Token

log = logging.getLogger(__name__)

WAITS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds before each further try."""

MAX_WAIT = 300.0
"""Longest that the server is obeyed when it asks to wait, seconds."""

TIMEOUT = 30.0
"""Seconds without a byte after which a request is given up."""

PER_SECOND, AT_ONCE = 4.0, 8
"""Requests; a SkyPortal as it is installed allows 5 a second and 10 at once."""

NOT_UP, SLOW_DOWN, FAULT, AWAY = 405, 429, 500, (502, 503, 504)
"""Statuses. A SkyPortal that starts answers 405 to whatever is posted: nobody has read it."""

UNAUTHORISED, GONE = 401, 404


class Client:
    """Asks and posts.

    Parameters
    ----------
    server : str
        Its address, such as ``https://fritz.science``.
    token : Token
        Goes to that address and nowhere else, in no message either.
    per_second : float
        Requests, at most, further tries counted.
    waits : sequence of float
        Seconds before each further try.
    timeout : float
        Seconds without a byte after which a request is given up.
    clock, sleep : callable
        Of the pace and the waits.

    Raises
    ------
    ValueError
        If the address is none, or `per_second` is not positive.
    """

    def __init__(
        self,
        server: str,
        token: Token,
        *,
        per_second: float = PER_SECOND,
        waits: Sequence[float] = WAITS,
        timeout: float = TIMEOUT,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.server = check_address(server)
        self.waits, self.sleep = tuple(waits), sleep
        self._token, self._timeout = token, timeout
        self._bucket = Bucket(per_second, AT_ONCE, clock=clock, sleep=sleep)
        self._opener = new_opener()

    @property
    def here(self) -> bool:
        """Whether the server is on this machine."""
        return _is_here(urlsplit(self.server).hostname)

    def greet(self, *, group: int, filter_id: int) -> None:
        """Make sure that a SkyPortal is there, knows the token, and has group and filter.

        Of a wrong address one wants to hear soon: it is not as patient as with other requests.

        Raises
        ------
        UnreachableError, SkyPortalError
        """
        try:
            self._said(self._try("GET", "/api/sysinfo", waits=self.waits[:2]))
        except RejectedError as error:
            raise SkyPortalError(f"{self.server} is no SkyPortal ({error})") from None
        except FaultError as error:
            raise UnreachableError(f"{self.server}: {error}") from None
        for what, number in (("groups", group), ("filters", filter_id)):
            try:
                self._get(f"/api/{what}/{number}")
            except (FaultError, RejectedError) as error:
                raise SkyPortalError(
                    f"{self.server} has no {what[:-1]} {number} that this token may use: {error}"
                ) from None

    def look(self, object_id: str) -> frozenset[str]:
        """Tell what the server has of an object: keys as `Step.key`; none if it is unknown.

        Raises
        ------
        RejectedError, FaultError, UnreachableError, SkyPortalError
        """
        path = f"/api/candidates/{object_id}"
        try:
            return keys_in(self._get(f"{path}?includeComments=true&includeAlerts=true"))
        except RejectedError:
            # To GET an unknown object is a bad request like others; to HEAD it has a status.
            if self._try("HEAD", path).status == GONE:
                return frozenset()
            raise

    def send(self, step: Step) -> None:
        """Post once. It is repeated by itself only where the server surely did not take it.

        Raises
        ------
        RejectedError
            If the server does not want it; says why.
        UncertainError
            If nobody knows whether the server has taken it.
        UnreachableError, SkyPortalError
        """
        said = self._said(self._try("POST", step.path, step.body))
        if "filter_ids" in step.body and said.get("ids") == []:
            raise RejectedError(f"taken for none of the filters {step.body['filter_ids']}")

    def _get(self, path: str) -> dict[str, Any]:
        return self._said(self._try("GET", path))

    def _said(self, answer: Answer) -> dict[str, Any]:
        """Return the data of a good answer, or raise what the server says."""
        if answer.status != 200:
            raise RejectedError(f"{answer.status}: {self._token.hide_in(answer.message())}")
        data = answer.json().get("data")
        return data if isinstance(data, dict) else {}

    def _try(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        waits: Sequence[float] | None = None,
    ) -> Answer:
        """Send a request until there is an answer to go by."""
        for wait in (*(self.waits if waits is None else waits), None):
            self._bucket.take()
            trouble, asked_wait = self._once(method, path, body)
            if isinstance(trouble, Answer):
                return trouble
            if method == "POST" and isinstance(trouble, UncertainError):
                raise trouble
            if wait is None:
                raise trouble.last if isinstance(trouble, UncertainError) else trouble
            log.info("%s %s: %s; again in %.0f s", method, path, trouble, max(wait, asked_wait))
            self.sleep(max(wait, asked_wait))
        raise AssertionError("the last wait is None")

    def _once(
        self, method: str, path: str, body: Mapping[str, Any] | None
    ) -> tuple[Answer | Exception, float]:
        """Send a request; return the answer, or why there is none, and the wait it asks for."""
        try:
            answer = exchange(self._opener, self._request(method, path, body), self._timeout)
        except NotReachedError as error:
            return self._away(str(error)), 0.0
        except BrokenOffError as error:
            return UncertainError(self._away(str(error))), 0.0
        patience = min(answer.retry_after(time.time()), MAX_WAIT)
        return self._judge(method, answer), patience

    def _judge(self, method: str, answer: Answer) -> Answer | Exception:
        """Tell an answer to go by from one that another try may better."""
        told = f"{answer.status}: {self._token.hide_in(answer.message())}"
        if answer.status == UNAUTHORISED:
            raise SkyPortalError(
                f"{self.server} refuses the token, or lets it not upload data, annotate and "
                f"comment ({told})"
            )
        if 300 <= answer.status < 400:
            to = answer.headers.get("Location", "elsewhere")
            raise SkyPortalError(f"{self.server} sends on to {to}: give that address")
        if answer.status in (NOT_UP, SLOW_DOWN):
            return self._away(told)
        if answer.status == FAULT:
            return UncertainError(FaultError(f"the server failed over it, {told}"))
        # While it starts, a SkyPortal answers what is asked of it with 200 and an error.
        up = method == "HEAD" or answer.json().get("status") == "success"
        if answer.status in AWAY or (answer.status < 300 and not up):
            return UncertainError(self._away(told))
        return answer

    def _away(self, told: str) -> UnreachableError:
        told = self._token.hide_in(told)
        return UnreachableError(f"{self.server} does not answer as SkyPortal does ({told})")

    def _request(self, method: str, path: str, body: Mapping[str, Any] | None) -> Request:
        headers = {"Authorization": self._token.header, "User-Agent": f"skysift/{__version__}"}
        if body is None:
            return Request(self.server + path, headers=headers, method=method)
        content = json.dumps(body, allow_nan=False).encode()
        headers["Content-Type"] = "application/json"
        return Request(self.server + path, data=content, headers=headers, method=method)


def check_address(server: str) -> str:
    """Return a server's address without the slash at its end.

    Raises
    ------
    ValueError
        If it is none, or the token could be read on its way there.

    Examples
    --------
    >>> check_address("https://fritz.science/")
    'https://fritz.science'
    """
    address = urlsplit(server)
    safe = address.scheme == "https" or (address.scheme == "http" and _is_here(address.hostname))
    if not safe or not address.hostname or address.query or address.fragment or address.username:
        raise ValueError(
            "the server's address begins with https:// to keep the token, and ends with host, port "
            f"or path; got {server!r}"
        )
    return server.rstrip("/")


def _is_here(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False
