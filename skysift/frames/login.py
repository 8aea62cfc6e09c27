"""Who asks the archive: a user's name and password, from the environment or a file, never told."""

from __future__ import annotations

import netrc
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

USER, PASSWORD = "SKYSIFT_IRSA_USER", "SKYSIFT_IRSA_PASSWORD"
"""Environment variables."""

LOGIN_URL = "https://irsa.ipac.caltech.edu/account/signon/login.do"

SESSION = "JOSSO_SESSIONID"
"""The cookie that a login brings."""


class LoginError(ValueError):
    """There is no login where one should be, or the archive does not take it."""


@dataclass(frozen=True)
class Login:
    """A user of the archive; the password is in no text made of it."""

    user: str
    password: str = field(repr=False)


def find_login(
    file: Path | None = None,
    *,
    url: str = LOGIN_URL,
    environment: Mapping[str, str] = os.environ,
) -> Login | None:
    """Find the archive's login; there need not be one: most is public.

    Parameters
    ----------
    file : Path, optional
        In the format of ``.netrc``; by default the environment, and then ``~/.netrc`` if it is
        there.
    url : str
        Whose host the file is asked for.
    environment : mapping
        `USER` and `PASSWORD`.

    Raises
    ------
    LoginError
        If there is a name without its password, or the file given tells nothing of the host or is
        damaged.
    """
    user, password = environment.get(USER), environment.get(PASSWORD)
    if file is None and (user or password):
        if not (user and password):
            raise LoginError(f"{USER} and {PASSWORD} go together; one of them is not set")
        return Login(user, password)
    path = file or Path.home() / ".netrc"
    if file is None and not path.is_file():
        return None
    host = urlsplit(url).hostname or ""
    try:
        entry = netrc.netrc(str(path)).authenticators(host)
    except (netrc.NetrcParseError, UnicodeDecodeError):
        raise LoginError(f"{path} cannot be read as a netrc file") from None
    except OSError as error:
        raise LoginError(f"{path} cannot be read: {error.strerror}") from None
    if entry is None and file is not None:
        raise LoginError(f"{path} has no login for {host}")
    return Login(entry[0], entry[2]) if entry is not None and entry[2] else None


def log_in(login: Login | None, url: str = LOGIN_URL, *, timeout: float = 30.0) -> OpenerDirector:
    """Make what requests go through: with the cookies of a login, or as anybody.

    Raises
    ------
    LoginError
        If the archive does not take the login.
    OSError
        If it cannot be asked.
    """
    cookies = CookieJar()
    opener = build_opener(HTTPCookieProcessor(cookies))
    if login is None:
        return opener
    form = urlencode({"josso_username": login.user, "josso_password": login.password})
    request = Request(f"{url}?josso_cmd=login", data=form.encode())  # not in the address
    try:
        opener.open(request, timeout=timeout).close()
    except HTTPException as error:
        raise OSError(f"{url} answers with no HTTP: {error!r}") from None
    if not any(cookie.name == SESSION for cookie in cookies):
        raise LoginError(f"{urlsplit(url).hostname} does not take the login of {login.user!r}")
    return opener
