"""What SkyPortal would refuse is refused before it is sent."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from skysift.adapters.skyportal.posts import Annotation, Comment, Thumbnail, png_size
from skysift.adapters.skyportal.steps import steps_of, without_bytes
from tests.adapters.skyportal.conftest import new_post, png


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"ra": 360.0}, "no place on the sky"),
        ({"dec": -90.1}, "no place on the sky"),
        ({"ra": math.nan}, "no place on the sky"),
        ({"score": math.nan}, "its score is no number"),
        ({"passed_at": datetime(2021, 6, 22)}, "needs a time zone"),
    ],
)
def test_candidates(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        replace(new_post().candidate, **changes)


@pytest.mark.parametrize(
    ("origin", "data", "told"),
    [
        ("", {"a": 1}, "begins with a letter"),
        ("-x", {"a": 1}, "begins with a letter"),
        ("x", {}, "says nothing"),
        ("x", {"a": 1, "mag": math.inf}, "no number for .'mag'"),
    ],
)
def test_annotations(origin: str, data: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Annotation(origin, data)


def test_thumbnails() -> None:
    with pytest.raises(ValueError, match="63×63"):
        Thumbnail("new", lambda: png(63)).png()
    with pytest.raises(ValueError, match="501×501"):
        Thumbnail("new", lambda: png(501)).png()
    with pytest.raises(ValueError, match="PNG"):
        Thumbnail("new", lambda: b"\xff\xd8" + bytes(100)).png()
    with pytest.raises(ValueError, match="new, ref, sub"):
        Thumbnail("science", png)
    assert png_size(png(100)) == (100, 100)


def test_comments_need_a_text() -> None:
    with pytest.raises(ValueError, match="text"):
        Comment("  ")


@pytest.mark.parametrize("what", ["annotations", "thumbnails", "comments"])
def test_what_the_server_could_not_tell_apart(what: str) -> None:
    twice = getattr(new_post(), what)[:1] * 2
    with pytest.raises(ValueError, match="more than once"):
        replace(new_post(), **{what: twice})


@pytest.mark.parametrize("name", ["", "a/b", "a b", "x" * 65])
def test_names_of_objects_fit_into_an_address(name: str) -> None:
    with pytest.raises(ValueError, match="no name for an object"):
        replace(new_post(), object_id=name)


def test_times_go_in_utc() -> None:
    post = new_post()
    pacific = timezone(timedelta(hours=-7))
    at = datetime(2021, 6, 22, 2, 0, 0, 123456, tzinfo=pacific)
    moved = replace(post, candidate=replace(post.candidate, passed_at=at))
    body = steps_of(moved, group=1, filter_id=2)[0].body
    assert body["passed_at"] == "2021-06-22T09:00:00.123"


def test_what_would_be_sent_is_shown_without_the_bytes_of_files() -> None:
    steps = steps_of(new_post(), group=1, filter_id=2)
    shown = [without_bytes(step) for step in steps]
    assert shown[0] == steps[0].body
    assert shown[2]["data"] == f"<{len(png())} bytes>"
    assert shown[5]["attachment"] == {"name": "triplet.png", "body": f"<{len(png())} bytes>"}
    assert "attachment" not in shown[7]
