"""The requests that a post takes, and how each is known again on the server.

A step and a thing on the server have the same key, such as ``thumbnail new``: what is there need
not be sent. Paths and fields are those of SkyPortal's published API (``skyportal.io/docs/api``).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timezone
from typing import Any

from skysift.adapters.skyportal.posts import Comment, Post


@dataclass(frozen=True)
class Step:
    """One request.

    Attributes
    ----------
    key : str
        What it is about, within its object.
    path : str
        Of the API, to POST to.
    body : dict
        JSON.
    """

    key: str
    path: str
    body: dict[str, Any]


def steps_of(post: Post, *, group: int, filter_id: int) -> list[Step]:
    """List the requests for a post, in the order in which the server can take them.

    Parameters
    ----------
    post : Post
    group : int
        Whose members see annotations and comments.
    filter_id : int
        What the candidate passed.

    Returns
    -------
    list of Step
        The candidate first: without it nothing else has a place.
    """
    source = f"/api/sources/{post.object_id}"
    steps = [Step(f"candidate {filter_id}", "/api/candidates", _candidate(post, filter_id))]
    steps += [
        Step(
            f"annotation {a.origin}",
            f"{source}/annotations",
            {"origin": a.origin, "data": dict(a.data), "group_ids": [group]},
        )
        for a in post.annotations
    ]
    steps += [
        Step(
            f"thumbnail {t.kind}",
            "/api/thumbnail",
            {"obj_id": post.object_id, "ttype": t.kind, "data": _base64(t.png)},
        )
        for t in post.thumbnails
    ]
    steps += [
        Step(f"comment {c.text}", f"{source}/comments", _comment(c, group)) for c in post.comments
    ]
    return steps


def keys_in(answer: Mapping[str, Any]) -> frozenset[str]:
    """Tell what is on the server, from its answer to ``GET /api/candidates/OBJECT``.

    Parameters
    ----------
    answer : mapping
        Its ``data``, asked for with ``includeComments`` and ``includeAlerts``.
    """
    return frozenset(
        [
            *_keys("candidate", answer.get("filter_ids")),
            *_keys("annotation", _each(answer.get("annotations"), "origin")),
            *_keys("thumbnail", _each(answer.get("thumbnails"), "type")),
            *_keys("comment", _each(answer.get("comments"), "text")),
        ]
    )


def without_bytes(step: Step) -> dict[str, Any]:
    """Return a step's body with the sizes of files in the place of their content."""
    body = dict(step.body)
    if "ttype" in body:
        body["data"] = _size(body["data"])
    if "attachment" in body:
        body["attachment"] = {
            "name": body["attachment"]["name"],
            "body": _size(body["attachment"]["body"]),
        }
    return body


def _candidate(post: Post, filter_id: int) -> dict[str, Any]:
    passed = post.candidate.passed_at.astimezone(timezone.utc)
    return {
        "id": post.object_id,
        "ra": post.candidate.ra,
        "dec": post.candidate.dec,
        "score": post.candidate.score,
        "filter_ids": [filter_id],
        "passed_at": passed.replace(tzinfo=None).isoformat(timespec="milliseconds"),
        "origin": post.candidate.origin,
    }


def _comment(comment: Comment, group: int) -> dict[str, Any]:
    body: dict[str, Any] = {"text": comment.text, "group_ids": [group]}
    if comment.attachment is not None:
        content = _base64(comment.attachment.content)
        body["attachment"] = {"name": comment.attachment.name, "body": content}
    return body


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _size(text: str) -> str:
    return f"<{len(base64.b64decode(text)):,} bytes>"


def _each(rows: Iterable[Mapping[str, Any]] | None, field: str) -> list[Any]:
    return [row.get(field) for row in rows or ()]


def _keys(what: str, names: Iterable[Any] | None) -> list[str]:
    return [f"{what} {name}" for name in names or ()]
