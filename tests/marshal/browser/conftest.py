"""What the browser's tests share: a night, a server, and the browsers of two labellers.

Starting a server or a browser costs seconds, so these live as long as the tests do. Each test asks
about a campaign of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from ci.chromium import Chromium, ChromiumNotFoundError, find_chromium, start_chromium
from ci.marshal import Served
from skysift.active_learning.ledger import Ledger
from skysift.active_learning.questions import TRANSIENT, AnyForm
from tests.marshal.browser.night import write_topics
from tests.marshal.browser.steer import Browser

OBJECTS = 24


@pytest.fixture(scope="session")
def chromium() -> Chromium:
    """Return the programs of a browser and its driver."""
    try:
        return find_chromium()
    except ChromiumNotFoundError as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the alerts, the ledger and the pictures lie."""
    folder = tmp_path_factory.mktemp("marshal")
    (folder / "pictures").mkdir()
    return folder


@pytest.fixture(scope="session")
def alerts(folder: Path) -> list[dict[str, Any]]:
    """Return the alerts of the night that the server shows."""
    return write_topics(folder, OBJECTS)


@pytest.fixture(scope="session")
def ledger(folder: Path) -> Iterator[Ledger]:
    """Return the server's ledger, opened a second time."""
    ledger = Ledger(folder / "labels.db")
    yield ledger
    ledger.close()


@pytest.fixture(scope="session")
def served(
    chromium: Chromium, folder: Path, alerts: list, ledger: Ledger, tmp_path_factory
) -> Iterator[Served]:
    """Return a server of the night."""
    log = tmp_path_factory.mktemp("server") / "log"
    served = Served(log, folder, "--pictures", folder / "pictures", "--rank", "btsbot.score")
    yield served
    served.stop()


@pytest.fixture(scope="session")
def browsers(chromium: Chromium, tmp_path_factory) -> Iterator[Callable[[str], Browser]]:
    """Return what gives each name a browser of its own, started when it is first asked for."""
    started: dict[str, Browser] = {}

    def browser(name: str) -> Browser:
        if name not in started:
            started[name] = Browser(start_chromium(chromium, tmp_path_factory.mktemp(name)))
        return started[name]

    yield browser
    for each in started.values():
        each.quit()


@pytest.fixture
def alice(browsers) -> Iterator[Browser]:
    """Return a labeller's browser, as new."""
    yield from _checked(browsers("alice"))


@pytest.fixture
def bob(browsers) -> Iterator[Browser]:
    """Return another labeller's browser, as new."""
    yield from _checked(browsers("bob"))


def _checked(browser: Browser) -> Iterator[Browser]:
    """Hold every test to this: the page breaks no rule and asks nobody but its server."""
    browser.forget()
    yield browser
    assert browser.complaints() == []
    strangers = [url for url in browser.requests() if not url.startswith(OURS)]
    assert strangers == []


OURS = ("http://127.0.0.1:", "data:", "about:", "blob:http://127.0.0.1:")

_numbers = count(1)


@pytest.fixture
def ask(ledger: Ledger, alerts: list) -> Callable[..., str]:
    """Return what asks about the first alerts in a campaign of its own, and tells its name."""

    def ask(
        number: int = 4,
        form: AnyForm = TRANSIENT,
        *,
        items: Sequence[tuple[str, str]] = (),
        wanted: int = 1,
    ) -> str:
        campaign = f"campaign {next(_numbers)}"
        chosen = [(str(alert["candid"]), alert["objectId"]) for alert in alerts[:number]]
        ledger.ask(campaign, 1, form, items or chosen, query="test:top", wanted=wanted)
        return campaign

    return ask
