"""The requests that a post takes, and how each is known again on the server.

A step and a thing on the server have the same key, such as ``thumbnail new``: what is there need
not be sent. Paths and fields are those of SkyPortal's published API (``skyportal.io/docs/api``).
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timezone
from functools import partial
from typing import Any

from skysift.adapters.skyportal.posts import Annotation, Comment, Post, Thumbnail

CANDIDATES = "/api/candidates"
"""Where the first step of a post goes."""


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


def keys_of(post: Post, *, filter_id: int) -> list[str]:
    """List the keys of all steps of a post, in the order of `steps_of`; nothing is drawn."""
    return [
        f"candidate {filter_id}",
        *(f"annotation {a.origin}" for a in post.annotations),
        *(f"thumbnail {t.kind}" for t in post.thumbnails),
        *(f"comment {c.text}" for c in post.comments),
    ]


def steps_of(post: Post, *, group: int, filter_id: int, there: Collection[str] = ()) -> list[Step]:
    """List the requests for a post, in the order in which the server can take them.

    Parameters
    ----------
    post : Post
    group : int
        Whose members see annotations and comments.
    filter_id : int
        What the candidate passed.
    there : collection of str
        Keys of steps to leave out; what they would send is not drawn.

    Returns
    -------
    list of Step
        The candidate first: without it nothing else has a place.

    Raises
    ------
    OSError, ValueError
        If a picture or a file cannot be had.
    """
    source = f"/api/sources/{post.object_id}"
    requests: list[tuple[str, Callable[[], dict[str, Any]]]] = [
        (CANDIDATES, partial(_candidate, post, filter_id)),
        *((f"{source}/annotations", partial(_annotation, a, group)) for a in post.annotations),
        *(("/api/thumbnail", partial(_thumbnail, t, post.object_id)) for t in post.thumbnails),
        *((f"{source}/comments", partial(_comment, c, group)) for c in post.comments),
    ]
    keys = keys_of(post, filter_id=filter_id)
    return [
        Step(key, path, body())
        for key, (path, body) in zip(keys, requests, strict=True)
        if key not in there
    ]


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


def _annotation(annotation: Annotation, group: int) -> dict[str, Any]:
    return {"origin": annotation.origin, "data": dict(annotation.data), "group_ids": [group]}


def _thumbnail(thumbnail: Thumbnail, object_id: str) -> dict[str, Any]:
    return {"obj_id": object_id, "ttype": thumbnail.kind, "data": _base64(thumbnail.png())}


def _comment(comment: Comment, group: int) -> dict[str, Any]:
    body: dict[str, Any] = {"text": comment.text, "group_ids": [group]}
    if comment.attachment is not None:
        content = _base64(comment.attachment.read())
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
