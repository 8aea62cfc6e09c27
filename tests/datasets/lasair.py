"""A local server that answers as Lasair's API does, and misbehaves when told to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

TOKEN = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"
FAR = 100.0


@dataclass
class Lasair:
    """What is known of the sky, how the server misbehaves, and what it was asked.

    Attributes
    ----------
    sky : list of (ra, dec, class, separation or None)
        A place has what is listed nearest to it.
    fail : list of int
        Statuses of the next answers; 0 is an answer that is no JSON, 1 one that is not Sherlock's.
    always : int
        Status of every answer, where not 0.
    slow : float
        Seconds that an answer takes.
    asked : list of (ra, dec)
    times : list of float
        When.
    most : int
        Most calls that were under way at a time.
    """

    sky: list[tuple[float, float, str, float | None]]
    fail: list[int] = field(default_factory=list)
    always: int = 0
    slow: float = 0.0
    asked: list[tuple[float, float]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    most: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, ra: float, dec: float) -> bytes:
        """Describe a place as Sherlock does when asked for all."""
        _, _, kind, separation = min(self.sky, key=lambda s: abs(s[0] - ra) + abs(s[1] - dec))
        matches = [] if separation is None else [
            {"rank": 1, "separationArcsec": separation, "catalogue_object_type": "galaxy"},
            {"rank": 2, "separationArcsec": FAR, "catalogue_object_type": "star"},
        ]  # fmt: skip
        verdict = {"transient_00000": [kind, "as a sentence"]}
        return json.dumps({"classifications": verdict, "crossmatches": matches}).encode()


@contextmanager
def serving(lasair: Lasair) -> Iterator[str]:
    """Serve on a free port of this machine; the endpoint while it lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            given = {key: values[0] for key, values in parse_qs(body).items()}
            with lasair._lock:
                lasair._now += 1
                lasair.most = max(lasair.most, lasair._now)
                lasair.times.append(time.monotonic())
                lasair.asked.append((float(given["ra"]), float(given["dec"])))
                status = lasair.fail.pop(0) if lasair.fail else lasair.always or 200
            time.sleep(lasair.slow)
            with lasair._lock:
                lasair._now -= 1
            with suppress(ConnectionError):
                self._answer(*self._what(status, given))

        def _what(self, status: int, given: dict[str, str]) -> tuple[int, bytes]:
            if self.path != "/api/sherlock/position/" or given["lite"] != "False":
                return 404, b"no such call"
            if self.headers["Authorization"] != f"Token {TOKEN}":
                return 401, b'{"detail": "Invalid token."}'
            if status == 0:
                return 200, b"<html>"
            if status == 1:
                return 200, b'{"classifications": {}, "crossmatches": []}'
            if status != 200:  # some servers tell what they were told
                return status, f"trouble with {self.headers['Authorization']}".encode()
            return 200, lasair.answer(float(given["ra"]), float(given["dec"]))

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
