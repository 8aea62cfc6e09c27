"""A local server that answers as cutout services do, and misbehaves when told to."""

from __future__ import annotations

import gzip
import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import numpy as np
from astropy.io import fits
from PIL import Image


@dataclass
class Sky:
    """What is served, and what was asked.

    Attributes
    ----------
    table : bytes
        Of ``/table.csv.gz``.
    trouble : dict of float to str
        By right ascension, what goes wrong: ``blank``, ``html``, ``small``, or a status.
    fail : list of int
        Statuses of the next answers.
    cut : int
        Bytes after which the first answer for the table is cut.
    asked : list of dict
        Questions for images.
    at_once, most_at_once : int
    began : list of float
    """

    table: bytes = b""
    trouble: dict[float, str] = field(default_factory=dict)
    fail: list[int] = field(default_factory=list)
    cut: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    began: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def image(self, asked: dict[str, str]) -> bytes:
        """Return the bytes of what is on the sky there."""
        side, ra = int(asked.get("width") or asked["size"]), float(asked["ra"])
        what = self.trouble.get(ra, "")
        if what == "html":
            return b"<html>out of order</html>"
        side = side // 2 if what == "small" else side
        rng = np.random.default_rng(int(ra * 1000))
        level = 0 if what == "blank" else 200
        if "bands" in asked:
            file = io.BytesIO()
            data = rng.random((3, side, side)).astype(np.float32) * level
            fits.PrimaryHDU(data).writeto(file)
            return file.getvalue()
        pixels = (rng.random((side, side, 3)) * level).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "JPEG")
        return file.getvalue()


@contextmanager
def serving(sky: Sky) -> Iterator[str]:
    """Serve on a free port of this machine; the address while it lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(sky.table)))
            self.end_headers()

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/table.csv.gz":
                self._table()
                return
            asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
            with sky.lock:
                sky.asked.append(asked)
                sky.began.append(time.monotonic())
                sky.at_once += 1
                sky.most_at_once = max(sky.most_at_once, sky.at_once)
                status = sky.fail.pop(0) if sky.fail else 0
            what = sky.trouble.get(float(asked["ra"]), "")
            status = int(what) if what.isdigit() else status
            if status:
                self.send_error(status)
            else:
                time.sleep(0.01)
                self._answer(sky.image(asked))
            with sky.lock:
                sky.at_once -= 1

        def _table(self) -> None:
            first = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
            body = sky.table[first:]
            self.send_response(206 if first else 200)
            self.send_header("Content-Length", str(len(body)))
            if first:
                size = len(sky.table)
                self.send_header("Content-Range", f"bytes {first}-{size - 1}/{size}")
            self.end_headers()
            if sky.cut and not first:
                body = body[: sky.cut]
                self.close_connection = True
            with suppress(ConnectionError):
                self.wfile.write(body)
            sky.asked.append({"first": str(first)})

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
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


def compressed(text: bytes) -> bytes:
    """Compress as the published table is."""
    return gzip.compress(text, mtime=0)
