"""A SkyPortal on this machine, a clock that nobody waits for, and posts to send."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
from PIL import Image

from skysift.adapters.skyportal.client import Client
from skysift.adapters.skyportal.ledger import Ledger
from skysift.adapters.skyportal.posts import (
    Annotation,
    Attachment,
    Candidate,
    Comment,
    Post,
    Thumbnail,
)
from skysift.adapters.skyportal.sink import Outcome, Sink
from skysift.adapters.skyportal.token import Token
from tests.adapters.skyportal.server import FILTER, GROUP, TOKEN, SkyPortal, serving


class Time:
    """A clock that a sleep moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def portal() -> SkyPortal:
    return SkyPortal()


@pytest.fixture
def address(portal: SkyPortal) -> Iterator[str]:
    with serving(portal) as address:
        yield address


@pytest.fixture
def client(address: str, time: Time) -> Client:
    return new_client(address, time)


def new_client(address: str, time: Time, token: str = TOKEN) -> Client:
    """Make a client whose waits take no time."""
    return Client(address, Token(token), clock=time.clock, sleep=time.sleep, timeout=5.0)


def run(client: Client, folder: Path, *posts: Post, group: int = GROUP,
        filter_id: int = FILTER) -> list[Outcome]:  # fmt: skip
    """Post with a ledger as a new process would read it."""
    ledger = Ledger(folder, client.server)
    return list(Sink(client, ledger, group=group, filter_id=filter_id).post(posts))


def png(side: int = 126) -> bytes:
    """Make a picture."""
    file = io.BytesIO()
    Image.new("L", (side, side), 90).save(file, "PNG")
    return file.getvalue()


def new_post(number: int = 0) -> Post:
    """Make a post with everything: ten requests."""
    candid = f"ztf_20210622_{number}"
    return Post(
        f"ZTF20210622_test{number}",
        Candidate(10.0 + number, -5.0, 0.97, datetime(2021, 6, 22, 9, tzinfo=timezone.utc), candid),
        (Annotation("tails:twilight", {"candid": candid, "score": 0.97, "known": None}),),
        tuple(Thumbnail(kind, png) for kind in ("new", "ref", "sub")),
        (
            Comment("the triplet", Attachment("triplet.png", png)),
            Comment("known objects", Attachment("known.json", lambda: b'{"mpc": []}')),
            Comment("[science](https://irsa.example/sci.fits)"),
        ),
    )
