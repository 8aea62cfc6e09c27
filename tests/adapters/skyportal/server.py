"""A local server that takes what SkyPortal takes, refuses what it refuses, and fails when told to.

Fields, types and messages are those of SkyPortal's published request models and handlers
(``skyportal/handlers/api``: candidate, annotation, thumbnail, comment, filter, group, sysinfo), and
of the status page that stands in for it while it starts. Where versions differ, the stricter one.
"""

from __future__ import annotations

import base64
import io
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from PIL import Image

TOKEN = "11111111-2222-3333-4444-555555555555"
GROUP, FILTER = 3, 7

NUMBER = (int, float)
OBJ = {
    "id": str, "ra": NUMBER, "dec": NUMBER, "ra_dis": NUMBER, "dec_dis": NUMBER, "ra_err": NUMBER,
    "dec_err": NUMBER, "offset": NUMBER, "t0": NUMBER, "redshift": NUMBER,
    "redshift_error": NUMBER, "redshift_origin": str, "host_id": int, "summary": str,
    "altdata": dict, "dist_nearest_source": NUMBER, "mag_nearest_source": NUMBER,
    "e_mag_nearest_source": NUMBER, "transient": bool, "varstar": bool, "is_roid": bool,
    "mpc_name": str, "tns_name": str, "tns_info": dict, "score": NUMBER, "origin": str,
    "alias": list, "detect_photometry_count": int,
}  # fmt: skip
FIELDS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "candidate": (
        {**OBJ, "filter_ids": list, "passed_at": str, "passing_alert_id": int},
        {"id", "ra", "dec", "filter_ids", "passed_at"},
    ),
    "annotation": ({"origin": str, "data": dict, "group_ids": list}, {"origin", "data"}),
    "thumbnail": (
        {"obj_id": str, "data": str, "ttype": str, "survey": str},
        {"obj_id", "data", "ttype"},
    ),
    "comment": (
        {"text": str, "group_ids": list, "attachment": dict, "channel": str},
        {"text"},
    ),
}
"""What each request may have, with types, and what it must have."""

GET_QUERY = {"includeComments", "includeAlerts", "includePhotometry", "includeSpectra"}

Fault = int | str
"""A status; ``429 5`` with a time to wait; ``starting``; ``drop`` or ``drop after`` taking it."""


@dataclass
class SkyPortal:
    """What the server holds, how it fails, and what it was asked.

    Attributes
    ----------
    objs : dict
        By id: place, and lists of candidates, annotations, thumbnails and comments.
    fail : callable
        Given method and path, says what goes wrong, or None.
    wrong : list of str
        Requests that no SkyPortal would have understood.
    asked : list of (method, path)
    """

    objs: dict[str, dict[str, Any]] = field(default_factory=dict)
    fail: Callable[[str, str], Fault | None] = lambda method, path: None
    wrong: list[str] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def posted(self, what: str) -> int:
        """Count requests to POST whose path ends so."""
        return sum(m == "POST" and path.endswith(what) for m, path in self.asked)

    def get(self, path: str, query: set[str]) -> tuple[int, dict[str, Any]]:
        if path == "/api/sysinfo":
            return 200, {"gitlog": []}
        if found := re.fullmatch(r"/api/(groups|filters)/(\d+)", path):
            kind, number = found[1], int(found[2])
            if number == {"groups": GROUP, "filters": FILTER}[kind]:
                return 200, {"id": number}
            return 400, {"message": f"Cannot find a {kind[:-1]} with ID: {number}."}
        if found := re.fullmatch(r"/api/candidates/([^/]+)", path):
            if query - GET_QUERY:
                self.wrong.append(f"GET {path}: unknown {query - GET_QUERY}")
            return self._candidate(found[1], query)
        self.wrong.append(f"GET {path}")
        return 404, {"message": "no such page"}

    def _candidate(self, name: str, query: set[str]) -> tuple[int, dict[str, Any]]:
        if name not in self.objs:
            return 400, {"message": "Invalid ID"}
        told = {k: v for k, v in self.objs[name].items() if k not in ("candidates", "comments")}
        told["thumbnails"] = [{"type": t["ttype"]} for t in told["thumbnails"]]
        if "includeAlerts" in query:
            told["filter_ids"] = [c["filter_id"] for c in self.objs[name]["candidates"]]
        if "includeComments" in query:
            told["comments"] = [
                {"text": c["text"], "attachment_name": c.get("attachment", {}).get("name")}
                for c in self.objs[name]["comments"]
            ]
        return 200, told

    def post(self, path: str, body: Any) -> tuple[int, dict[str, Any]]:
        if path == "/api/candidates":
            return self._checked("candidate", body) or self._post_candidate(body)
        if path == "/api/thumbnail":
            return self._checked("thumbnail", body) or self._post_thumbnail(body)
        found = re.fullmatch(r"/api/sources/([^/]+)/(annotation|comment)s", path)
        if found is None:
            self.wrong.append(f"POST {path}")
            return 404, {"message": "no such page"}
        refused = self._checked(found[2], body) or self._no_group(body.get("group_ids"))
        if refused:
            return refused
        if found[1] not in self.objs:
            return 404, {"message": f"Obj {found[1]} not found"}
        take = self._post_annotation if found[2] == "annotation" else self._post_comment
        return take(self.objs[found[1]], body)

    def _checked(self, what: str, body: Any) -> tuple[int, dict[str, Any]] | None:
        """Refuse a body whose fields are not those of the published model."""
        allowed, required = FIELDS[what]
        wrong = [f"{name} is not permitted" for name in body if name not in allowed]
        wrong += [f"{name} is required" for name in required if name not in body]
        wrong += [
            f"{name} is no {allowed[name]}"
            for name, value in body.items()
            if name in allowed and not _is(value, allowed[name])
        ]
        if "attachment" in body and set(body["attachment"]) != {"body", "name"}:
            wrong.append("Malformed comment attachment")
        self.wrong += [f"{what}: {line}" for line in wrong]
        return (400, {"message": f"Invalid/missing parameters: {wrong}"}) if wrong else None

    def _no_group(self, groups: list[int] | None) -> tuple[int, dict[str, Any]] | None:
        if groups == [GROUP]:
            return None
        return 400, {"message": f"Cannot find one or more groups with IDs: {groups}."}

    def _post_candidate(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        obj = self.objs.setdefault(
            body["id"],
            {k: v for k, v in body.items() if k not in ("filter_ids", "passed_at")}
            | {"candidates": [], "annotations": [], "thumbnails": [], "comments": []},
        )
        rows = [{"filter_id": f, "passed_at": body["passed_at"]} for f in body["filter_ids"]]
        rows = [row for row in rows if row["filter_id"] == FILTER]
        if any(row in obj["candidates"] for row in rows):
            return 400, {"message": f"Failed to post candidate for object {body['id']}: Unique"}
        obj["candidates"] += rows
        return 200, {"ids": [len(obj["candidates"])] * len(rows)}

    def _post_annotation(
        self, obj: dict[str, Any], body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        if not re.match(r"\w", body["origin"]):
            return 400, {"message": "Input `origin` must begin with alphanumeric/underscore"}
        if any(a["origin"] == body["origin"] for a in obj["annotations"]):
            return 400, {"message": "Annotation already exists: UniqueViolation"}
        obj["annotations"].append({"origin": body["origin"], "data": body["data"]})
        return 200, {"annotation_id": 1}

    def _post_thumbnail(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if body["obj_id"] not in self.objs:
            return 400, {"message": f"Thumbnail failed to post: Invalid obj_id: {body['obj_id']}"}
        image = Image.open(io.BytesIO(base64.b64decode(body["data"], validate=True)))
        if image.format != "PNG" or not all(100 <= side <= 500 for side in image.size):
            return 400, {"message": "Thumbnail failed to post: Invalid thumbnail size."}
        if body["ttype"] not in ("new", "ref", "sub", "sdss", "dr8", "new_gz", "ref_gz", "sub_gz"):
            return 400, {"message": "Thumbnail failed to post: Invalid ttype"}
        self.objs[body["obj_id"]]["thumbnails"].append(body)
        return 200, {"id": 1}

    def _post_comment(
        self, obj: dict[str, Any], body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        obj["comments"].append(body)
        return 200, {"comment_id": len(obj["comments"])}


@contextmanager
def serving(portal: SkyPortal) -> Iterator[str]:
    """Serve on a free port of this machine; the address while it lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._do()

        def do_GET(self) -> None:
            self._do()

        def do_POST(self) -> None:
            self._do()

        def _do(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            address = urlsplit(self.path)
            with portal.lock:
                portal.asked.append((self.command, address.path))
                fault = portal.fail(self.command, address.path)
                if fault is None or fault == "drop after":
                    answer = self._serve(address.path, set(parse_qs(address.query)), content)
            if fault is None:
                self._answer(*answer)
            elif isinstance(fault, str) and fault.startswith("drop"):
                self.close_connection = True
                with suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)
            else:
                self._misbehave(fault)

        def _serve(self, path: str, query: set[str], content: bytes) -> tuple[int, dict[str, Any]]:
            if self.headers["Authorization"] != f"token {TOKEN}":
                return 401, {"message": "Credentials malformed"}
            if self.command == "POST":
                if self.headers["Content-Type"] != "application/json":
                    portal.wrong.append(f"{path}: no JSON")
                return portal.post(path, json.loads(content, parse_constant=_no_constant))
            if self.command == "HEAD":
                there = path.removeprefix("/api/candidates/") in portal.objs
                return (200, {}) if there else (404, {"message": "No candidate"})
            return portal.get(path, query)

        def _misbehave(self, fault: Fault) -> None:
            if fault == "starting":  # the status page knows no method but GET
                told = {"message": "System provisioning", "status": "error"}
                self._answer(200 if self.command == "GET" else 405, told)
            elif isinstance(fault, str):
                status, wait = fault.split()
                self._answer(int(status), {"message": "slow"}, {"Retry-After": wait})
            elif 300 <= fault < 400:
                self._answer(fault, {}, {"Location": "https://elsewhere.example/api"})
            else:
                self._answer(fault, {"message": f"told to fail with {fault}"})

        def _answer(
            self, status: int, told: dict[str, Any], headers: dict[str, str] | None = None
        ) -> None:
            good = {"status": "success", "data": told}
            body = json.dumps(good if status == 200 and "status" not in told else
                              {"status": "error", "data": {}, **told}).encode()  # fmt: skip
            self.send_response(status)
            for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                with suppress(ConnectionError):
                    self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _is(value: Any, kind: Any) -> bool:
    """Tell whether a value is of a type; JSON's true is no number."""
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
