"""Detections sent to a SkyPortal on this machine while a night grows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from skysift.adapters.skyportal import client as client_module
from skysift.adapters.skyportal.client import Client
from skysift.adapters.skyportal.token import Token
from skysift.frames.posting import Choice
from skysift.frames.skyportal_sink import SkyPortalSink
from tests.adapters.skyportal.server import FILTER, GROUP, TOKEN, SkyPortal, serving
from tests.frames.detections import table
from tests.frames.night_folder import row, write_night


@pytest.fixture
def portal() -> SkyPortal:
    return SkyPortal()


@pytest.fixture
def address(portal: SkyPortal) -> Iterator[str]:
    with serving(portal) as address:
        yield address


def sink(address: str, token: str = TOKEN, **choice: float) -> SkyPortalSink:
    client = Client(address, Token(token), per_second=1000, sleep=lambda _: None)
    return SkyPortalSink(client, GROUP, FILTER, Choice(**choice))


def origins(portal: SkyPortal) -> list[str]:
    return [one["origin"] for one in portal.objs.values()]


def test_only_the_rows_given_are_posted_and_each_once(address, portal, tmp_path: Path):
    rows = [row(number) for number in range(3)]
    write_night(tmp_path, *rows)
    assert sink(address).send(tmp_path, table(*rows[:2])) == {}
    assert sink(address).send(tmp_path, table(*rows)) == {}
    assert origins(portal) == [one["candid"] for one in rows]


def test_what_scores_too_little_stays_at_home(address, portal, tmp_path: Path):
    rows = [row(number) for number in range(3)]
    write_night(tmp_path, *rows)
    assert sink(address, min_score=0.85).send(tmp_path, table(*rows)) == {}
    assert origins(portal) == [rows[0]["candid"]]


def test_a_frame_whose_pictures_are_gone_is_refused_and_the_others_are_not(
    address, portal, tmp_path: Path
):
    rows = [row(0), row(1)]
    write_night(tmp_path, *rows)
    (tmp_path / rows[0]["id"] / rows[0]["cutouts"]).unlink()
    refused = sink(address).send(tmp_path, table(*rows))
    assert list(refused) == [rows[0]["id"]] and "No such file" in refused[rows[0]["id"]]
    assert origins(portal) == [rows[1]["candid"]]


def test_what_is_simulated_leaves_this_machine_for_nowhere(
    address, portal, tmp_path: Path, monkeypatch
):
    rows = [row(0, simulated=True), row(1, simulated=False), row(2, simulated=None)]
    write_night(tmp_path, *rows)
    assert sink(address).send(tmp_path, table(rows[0])) == {}
    assert origins(portal) == [rows[0]["candid"]]
    monkeypatch.setattr(client_module, "_is_here", lambda host: host != "127.0.0.1")
    far = sink("http://localhost:1")  # let through by the address, then taken for a far one
    far.client.server = address
    refused = far.send(tmp_path, table(*rows))
    assert list(refused) == [rows[0]["id"]] and "simulated" in refused[rows[0]["id"]]
    assert origins(portal) == [one["candid"] for one in rows]


def test_a_server_that_is_away_or_refuses_the_token_is_told(address, tmp_path: Path):
    write_night(tmp_path, row(0))
    with pytest.raises(ConnectionError, match="token"):
        sink(address, token="stranger").send(tmp_path, table(row(0)))
    with pytest.raises(ConnectionError):
        sink("http://127.0.0.1:9").send(tmp_path, table(row(0)))
