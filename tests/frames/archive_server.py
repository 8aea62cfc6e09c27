"""A local server laid out as ZTF's archive, which misbehaves when told to."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
from astropy.io import fits

from skysift.alerts.frame_name import FrameName

LOGIN = "/account/signon/login.do"
USER, PASSWORD = "ann", "s3cret&more"


@dataclass
class ArchiveServer:
    """What the server serves, how it misbehaves, and what it was asked.

    Attributes
    ----------
    folder : Path
        With ``sci/`` and ``ref/``.
    port : int
    mishaps : dict of str to list of str
        For the end of a path: what happens to its next requests, one after the other. ``cut``,
        ``hang``, ``drip``, ``short`` (a length that is too small), ``spoil``, ``html``, ``unnamed``
        (no length), or a status.
    closed : bool
        Whether only those are served who are logged in.
    md5 : bool
        Whether files come with their MD5.
    asked : list of str
        Paths, in order.
    logins : list of dict
        Forms that came.
    """

    folder: Path
    port: int = 0
    mishaps: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    closed: bool = False
    md5: bool = False
    asked: list[str] = field(default_factory=list)
    logins: list[dict[str, list[str]]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    before_answer: threading.Event | None = None

    @property
    def url(self) -> str:
        """Address of the archive."""
        return f"http://127.0.0.1:{self.port}/products/"

    @property
    def login_url(self) -> str:
        """Address of the login."""
        return f"http://127.0.0.1:{self.port}{LOGIN}"

    def count(self, end: str) -> int:
        """How often a file was asked for."""
        return sum(path.endswith(end) for path in self.asked)

    def next_mishap(self, path: str) -> str:
        """What happens to a request; nothing for most."""
        for end, left in self.mishaps.items():
            if path.endswith(end) and left:
                return left.pop(0)
        return ""


class _Handler(BaseHTTPRequestHandler):
    archive: ArchiveServer

    def do_GET(self) -> None:
        archive, path = self.archive, urlsplit(self.path).path
        archive.asked.append(path)
        if archive.before_answer is not None:
            archive.before_answer.wait(10)
        if archive.closed and "JOSSO_SESSIONID=open" not in self.headers.get("Cookie", ""):
            return self._say(401)
        file = archive.folder / path.removeprefix("/products/")
        mishap = archive.next_mishap(path)
        if mishap.isdigit():
            return self._say(int(mishap), {"Retry-After": "0"})
        if not file.is_file():
            return self._say(404)
        with suppress(BrokenPipeError, ConnectionResetError):
            self._serve(file.read_bytes(), mishap)

    def _serve(self, content: bytes, mishap: str) -> None:
        headers = {"Content-Type": "image/fits"}
        if self.archive.md5:
            headers["Content-MD5"] = base64.b64encode(hashlib.md5(content).digest()).decode()
        if mishap == "html":
            content, headers = b"<html>Please log in</html>", {"Content-Type": "text/html"}
        if mishap == "spoil":
            middle = len(content) // 2
            content = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        length = len(content) // 2 if mishap == "short" else len(content)
        if mishap != "unnamed":
            headers["Content-Length"] = str(length)
        if mishap in ("cut", "unnamed"):
            content = content[: len(content) // 2]
        self._head(200, headers)
        if mishap == "hang":
            self.archive.released.wait(10)
            return
        if mishap == "drip":
            for place in range(0, len(content), 100):
                self.wfile.write(content[place : place + 100])
                if self.archive.released.wait(0.02):
                    return
        self.wfile.write(content[:length])

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.archive.logins.append(form)
        good = form.get("josso_username") == [USER] and form.get("josso_password") == [PASSWORD]
        query = parse_qs(urlsplit(self.path).query)
        good = good and urlsplit(self.path).path == LOGIN and query == {"josso_cmd": ["login"]}
        self._say(200, {"Set-Cookie": "JOSSO_SESSIONID=open; Path=/"} if good else {})

    def _say(self, status: int, headers: dict[str, str] | None = None) -> None:
        self._head(status, {"Content-Length": "0", **(headers or {})})

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def serve(folder: Path) -> Iterator[ArchiveServer]:
    """Serve a folder until the end of the block."""
    archive = ArchiveServer(folder)
    handler = type("Handler", (_Handler,), {"archive": archive})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        archive.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield archive
        finally:
            archive.released.set()
            server.shutdown()
            thread.join()


def fill(folder: Path, name: FrameName, *, checksum: bool = False) -> None:
    """Put small files of a frame where the archive has them."""
    image = np.random.default_rng(7).normal(100, 3, (64, 64)).astype(np.float32)
    for path in (name.science, name.difference, name.reference):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        unit = fits.PrimaryHDU(image)
        if file.suffix == ".fz":
            unit = fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(image)])
        unit.writeto(file, checksum=checksum, overwrite=True)
