"""The client is paced, waits when it is told to, says what is wrong, and keeps its token."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from skysift.adapters.skyportal.client import MAX_WAIT, WAITS, Client, check_address
from skysift.adapters.skyportal.errors import (
    RejectedError,
    SkyPortalError,
    UncertainError,
    UnreachableError,
)
from skysift.adapters.skyportal.steps import Step, steps_of
from skysift.adapters.skyportal.token import VARIABLE, Token, read_token
from tests.adapters.skyportal.conftest import Time, new_client, new_post
from tests.adapters.skyportal.server import FILTER, GROUP, TOKEN, Fault, SkyPortal


def first(count: int, fault: Fault) -> Callable[[str, str], Fault | None]:
    """Let the next so many requests fail."""
    left = [fault] * count
    return lambda method, path: left.pop() if left else None


def candidate() -> Step:
    return steps_of(new_post(), group=GROUP, filter_id=FILTER)[0]


def test_in_the_long_run_it_keeps_to_the_pace(portal: SkyPortal, address: str, time: Time) -> None:
    client = Client(address, Token(TOKEN), per_second=2.0, clock=time.clock, sleep=time.sleep)
    for _ in range(28):
        client.look("nobody")  # a GET and a HEAD
    assert len(portal.asked) == 56
    assert time.now == pytest.approx((56 - 8) / 2.0)  # 8 at once, the others 2 a second


@pytest.mark.parametrize(("fault", "waited"), [("429 40", 40.0), ("429 9999", MAX_WAIT)])
def test_it_waits_as_long_as_the_server_asks(
    portal: SkyPortal, client: Client, time: Time, fault: str, waited: float
) -> None:
    portal.fail = first(1, fault)
    client.send(candidate())
    assert time.now == waited
    assert portal.posted("/api/candidates") == 2


def test_a_time_to_wait_may_be_a_date(portal: SkyPortal, client: Client, time: Time) -> None:
    class Dated(str):
        """A fault whose time to wait has spaces in it."""

        def split(self, *_: object) -> list[str]:  # type: ignore[override]
            return ["429", "Wed, 21 Oct 2015 07:28:00 GMT"]

    portal.fail = first(1, Dated("429"))
    client.send(candidate())
    assert time.now == WAITS[0]  # that date has passed


@pytest.mark.parametrize("fault", [429, 405, "starting"])
def test_what_nobody_has_read_is_sent_again(
    portal: SkyPortal, client: Client, time: Time, fault: Fault
) -> None:
    portal.fail = first(2, fault)
    client.send(candidate())
    assert time.now == sum(WAITS[:2])
    assert len(portal.objs) == 1


@pytest.mark.parametrize("fault", [500, 502, 503, 504, "drop", "drop after"])
def test_what_somebody_may_have_read_is_not(
    portal: SkyPortal, client: Client, fault: Fault
) -> None:
    portal.fail = first(1, fault)
    with pytest.raises(UncertainError):
        client.send(candidate())
    assert portal.posted("/api/candidates") == 1


@pytest.mark.parametrize("fault", [429, 500, 502, 503, 504, "starting", "drop"])
def test_a_question_is_asked_until_it_is_answered(
    portal: SkyPortal, client: Client, fault: Fault
) -> None:
    client.send(candidate())
    portal.fail = first(len(WAITS), fault)
    assert client.look(new_post().object_id) == {f"candidate {FILTER}"}


def test_a_server_that_starts_is_not_taken_for_an_empty_one(
    portal: SkyPortal, client: Client, time: Time
) -> None:
    portal.fail = lambda method, path: "starting"
    with pytest.raises(UnreachableError, match="System provisioning"):
        client.look("ZTF20210622_test0")
    assert time.now == sum(WAITS)


def test_a_server_that_is_not_there_is_named(time: Time) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(UnreachableError, match=address):
        new_client(address, time).greet(group=GROUP, filter_id=FILTER)


def test_another_kind_of_server_is_told(portal: SkyPortal, client: Client) -> None:
    portal.fail = first(1, 404)
    with pytest.raises(SkyPortalError, match="is no SkyPortal"):
        client.greet(group=GROUP, filter_id=FILTER)


def test_a_redirection_is_not_followed(portal: SkyPortal, client: Client) -> None:
    portal.fail = first(1, 301)
    with pytest.raises(SkyPortalError, match="give that address"):
        client.send(candidate())
    assert len(portal.asked) == 1


def test_a_candidate_that_was_taken_for_no_filter_is_no_success(
    portal: SkyPortal, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal, "_post_candidate", lambda body: (200, {"ids": []}))
    with pytest.raises(RejectedError, match="none of the filters"):
        client.send(candidate())


def test_the_servers_reason_is_told(client: Client) -> None:
    step = Step("annotation x", "/api/sources/nobody/annotations", {"origin": "x", "data": {}})
    with pytest.raises(RejectedError, match="400: Cannot find one or more groups"):
        client.send(step)


def test_no_message_has_the_token(
    portal: SkyPortal, address: str, time: Time, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Not even where the server repeats it."""
    caplog.set_level(logging.DEBUG)
    client = new_client(address, time)
    portal.fail = first(2, 429)
    client.send(candidate())
    monkeypatch.setattr(portal, "get", lambda path, query: (400, {"message": f"token {TOKEN}?"}))
    with pytest.raises(SkyPortalError, match=r"token …\?") as caught:
        client.greet(group=GROUP, filter_id=FILTER)
    told = caplog.text + str(caught.value) + repr(vars(client))
    assert "again in" in caplog.text
    assert TOKEN not in told


@pytest.mark.parametrize(
    "address",
    ["fritz.science", "ftp://fritz.science", "http://fritz.science", "https://", "https://a/?b",
     "https://name:word@fritz.science"],
)  # fmt: skip
def test_an_address_that_would_not_do_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="begins with https://"):
        check_address(address)


def test_the_token_comes_from_a_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "from-here")
    assert read_token().header == "token from-here"
    file = tmp_path / "token"
    file.write_text("from-there\n")
    assert read_token(file).header == "token from-there"
    assert "from" not in f"{read_token(file)} {read_token(file)!r}"


@pytest.mark.parametrize("text", ["", "two words", "a\nb", "naïve"])
def test_what_is_no_token_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    file = tmp_path / "token"
    file.write_text(text)
    with pytest.raises(ValueError, match=str(file)) as caught:
        read_token(file)
    assert not text or text not in str(caught.value).replace(str(file), "")


def test_no_token_at_all_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(ValueError, match=f"set {VARIABLE}"):
        read_token()
