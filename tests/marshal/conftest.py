"""What the page's tests share: a night in topics, a room, and people who visit it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from skysift.active_learning.ledger import Ledger
from skysift.marshal.alert_folder import AlertFolder
from skysift.marshal.app import create_app
from skysift.marshal.candidates import Candidates
from skysift.marshal.room import Room
from tests.marshal.browser.night import write_topics
from tests.marshal.people import Person


@pytest.fixture(scope="session")
def night(tmp_path_factory) -> Path:
    """Return a sink's folder with two topics of 20 and 10 objects."""
    folder = tmp_path_factory.mktemp("night")
    write_topics(folder, 20)
    return folder


@pytest.fixture(scope="session")
def night_alerts(tmp_path_factory) -> list[dict[str, Any]]:
    """Return the alerts of `night`."""
    return write_topics(tmp_path_factory.mktemp("again"), 20)


@pytest.fixture
def ledger(tmp_path) -> Iterator[Ledger]:
    """Return an empty ledger."""
    opened = Ledger(tmp_path / "labels.db")
    yield opened
    opened.close()


@pytest.fixture
def room(night, ledger) -> Room:
    """Return a room about `night`."""
    return Room(ledger, Candidates([AlertFolder(night)]), rank="btsbot.score")


@pytest.fixture
def person(room) -> Callable[..., Person]:
    """Return what lets somebody in: ``person("anna")``."""
    app = create_app(room)
    return lambda name: Person(app, name)


@pytest.fixture
def anna(person) -> Person:
    """Return a labeller."""
    return person("anna")


@pytest.fixture
def ben(person) -> Person:
    """Return another labeller, at another browser."""
    return person("ben")
