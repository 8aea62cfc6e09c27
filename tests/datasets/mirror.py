"""A local server that answers as Zenodo does, and misbehaves when told to."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RECORD = "10839691"
AT = f"/api/records/{RECORD}"


@dataclass
class Mirror:
    """What the server serves, how it misbehaves, and what it was asked.

    Attributes
    ----------
    files : dict of str to bytes
    md5 : dict of str to str
        Checksums that the record tells; by default the true ones.
    ranges : bool
        Whether it knows HTTP ranges.
    cut : list of int
        Of the next answers, bytes after which the connection is cut.
    fail : list of int
        Statuses of the next answers for files.
    spoil : int
        So many of the next whole files come with a wrong byte.
    asked : list of (name, first byte)
        Requests for files, in order.
    records_asked : int
        Requests for the record.
    """

    files: dict[str, bytes]
    md5: dict[str, str] = field(default_factory=dict)
    ranges: bool = True
    cut: list[int] = field(default_factory=list)
    fail: list[int] = field(default_factory=list)
    spoil: int = 0
    stall: threading.Event | None = None
    asked: list[tuple[str, int]] = field(default_factory=list)
    records_asked: int = 0

    def record(self) -> bytes:
        """Describe the files as Zenodo's REST API does."""
        self.records_asked += 1
        files = [
            {
                "key": name,
                "size": len(content),
                "checksum": "md5:" + self.md5.get(name, hashlib.md5(content).hexdigest()),
            }
            for name, content in self.files.items()
        ]
        return json.dumps({"id": int(RECORD), "files": files}).encode()


@contextmanager
def serving(mirror: Mirror) -> Iterator[str]:
    """Serve on a free port of this machine; the address while it lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == AT:
                self._answer(200, mirror.record())
            elif self.path.startswith(f"{AT}/files/") and self.path.endswith("/content"):
                self._file(self.path.split("/")[-2])
            else:
                self.send_error(404)

        def _file(self, name: str) -> None:
            content = mirror.files[name]
            wanted = self.headers.get("Range", "")
            first = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
            mirror.asked.append((name, first))
            if mirror.fail:
                self.send_error(mirror.fail.pop(0))
                return
            if not mirror.ranges:
                first = 0
            if first >= len(content):
                self.send_error(416)
                return
            if mirror.spoil and first == 0:
                mirror.spoil -= 1
                content = bytes([content[0] ^ 1]) + content[1:]
            self._answer(206 if first else 200, content[first:], first, len(content))

        def _answer(self, status: int, body: bytes, first: int = 0, size: int = 0) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if status == 206:
                self.send_header("Content-Range", f"bytes {first}-{size - 1}/{size}")
            self.end_headers()
            if size and mirror.cut:
                body = body[: mirror.cut.pop(0)]
                self.close_connection = True
            if size and mirror.stall is not None:
                half = len(body) // 2
                self.wfile.write(body[:half])
                mirror.stall.wait()
                body = body[half:]
            with suppress(ConnectionError):
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
