"""``skysift frames post``: what it prints, what it sends, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from skysift.adapters.skyportal.client import Client
from skysift.adapters.skyportal.errors import SkyPortalError
from skysift.adapters.skyportal.token import VARIABLE
from skysift.cli.main import app
from tests.adapters.skyportal.server import FILTER, GROUP, TOKEN, SkyPortal, serving
from tests.frames.night_folder import row, write_night


@pytest.fixture
def portal() -> SkyPortal:
    return SkyPortal()


@pytest.fixture
def address(portal: SkyPortal) -> Iterator[str]:
    with serving(portal) as address:
        yield address


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, TOKEN)
    return write_night(tmp_path / "20240503", *(row(number) for number in range(6)))


def post(night: Path, address: str, *options: object) -> Result:
    words = ["frames", "post", night, "--server", address, "--group", GROUP, "--filter", FILTER,
             "--per-second", 1000, *options]  # fmt: skip
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_night_is_posted_once(portal: SkyPortal, address: str, night: Path) -> None:
    first = post(night, address)
    assert first.exit_code == 0, first.output
    assert "5 of 5 detections are there; 35 things sent" in first.output  # 0.4 is too little
    second = post(night, address)
    assert second.exit_code == 0, second.output
    assert "5 of 5 detections are there; 0 things sent" in second.output
    assert portal.wrong == []
    assert len(portal.objs) == 5
    for obj in portal.objs.values():
        assert [len(obj[what]) for what in ("candidates", "annotations", "thumbnails")] == [1, 1, 3]
        assert len(obj["comments"]) == 2
        assert obj["annotations"][0]["data"]["candid"] == obj["origin"]


def test_a_dry_run_shows_the_requests_and_makes_none(
    portal: SkyPortal, address: str, night: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE)
    told = post(night, address, "--dry-run", "--limit", 2)
    assert told.exit_code == 0, told.output
    lines = [line for line in told.stdout.splitlines() if line.startswith("POST ")]
    assert "14 requests for 2 detections; none was sent" in told.output
    assert len(lines) == 14
    bodies = [json.loads(line.split(" ", 2)[2]) for line in lines]
    assert bodies[0]["filter_ids"] == [FILTER]
    assert bodies[2]["data"].endswith("bytes>")
    assert max(map(len, lines)) < 1500
    assert portal.asked == []
    assert not (night / "skyportal").exists()


def test_a_dry_run_leaves_out_what_was_sent(portal: SkyPortal, address: str, night: Path) -> None:
    assert post(night, address, "--limit", 2).exit_code == 0
    assert "7 requests for 3 detections" in post(night, address, "--dry-run", "--limit", 3).output


def test_as_json_there_is_a_line_for_each(address: str, night: Path) -> None:
    told = post(night, address, "--json", "--limit", 3)
    lines = [json.loads(line) for line in told.stdout.splitlines() if line.startswith("{")]
    assert [len(line["sent"]) for line in lines] == [7, 7, 7]
    assert {line["origin"] for line in lines} == {row(number)["candid"] for number in range(3)}


def test_what_fails_is_told_and_the_others_are_posted(
    portal: SkyPortal, address: str, night: Path
) -> None:
    (night / row(1)["id"] / row(1)["cutouts"]).unlink()
    told = post(night, address)
    assert told.exit_code == 1
    assert f"No such file or directory: {night}" in told.output
    assert "4 of 5 detections are there" in told.output
    assert len(portal.objs) == 4


def test_a_server_that_is_away_is_told(
    portal: SkyPortal, address: str, night: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(Client.__init__.__kwdefaults__, "waits", ())
    portal.fail = lambda method, path: 503 if portal.posted("") > 9 else None
    told = post(night, address)
    assert told.exit_code == 1
    assert "1 of 5 detections dealt with; the same command goes on" in told.output
    portal.fail = lambda method, path: None
    assert "5 of 5" in post(night, address).output
    assert [len(obj["comments"]) for obj in portal.objs.values()] == [2] * 5


def test_bad_input_is_told_in_a_line(
    portal: SkyPortal, address: str, night: Path, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("other-token")
    told = post(night, address, "--token-file", tmp_path / "token")
    assert isinstance(told.exception, SkyPortalError)
    assert "refuses the token" in str(told.exception)
    assert "other-token" not in str(told.exception) + told.output
    assert "no night" in str(post(tmp_path, address).exception)
    assert "begins with https://" in str(post(night, "fritz.science").exception)
    assert portal.objs == {}


def test_nothing_to_post_is_no_success(address: str, night: Path) -> None:
    told = post(night, address, "--min-score", 0.95)
    assert told.exit_code == 3
    assert "no detection" in told.output
