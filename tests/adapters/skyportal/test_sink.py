"""Everything is there exactly once, whatever fails, in whatever order."""

from __future__ import annotations

import base64
import random
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from skysift.adapters.skyportal.client import Client
from skysift.adapters.skyportal.errors import SkyPortalError, UnreachableError
from skysift.adapters.skyportal.ledger import Ledger
from skysift.adapters.skyportal.posts import Thumbnail
from tests.adapters.skyportal.conftest import Time, new_client, new_post, png, run
from tests.adapters.skyportal.server import FILTER, Fault, SkyPortal

STEPS = 8
"""Of a post of `new_post`: candidate, annotation, three thumbnails, three comments."""


def assert_once(portal: SkyPortal, count: int) -> None:
    """The server has all of so many posts, each thing once, and was asked nothing strange."""
    assert portal.wrong == []
    assert set(portal.objs) == {new_post(number).object_id for number in range(count)}
    for number in range(count):
        post = new_post(number)
        obj = portal.objs[post.object_id]
        assert (obj["ra"], obj["origin"]) == (post.candidate.ra, post.candidate.origin)
        assert obj["candidates"] == [{"filter_id": FILTER, "passed_at": "2021-06-22T09:00:00.000"}]
        assert obj["annotations"] == [
            {"origin": a.origin, "data": a.data} for a in post.annotations
        ]
        assert sorted(t["ttype"] for t in obj["thumbnails"]) == ["new", "ref", "sub"]
        assert sorted(c["text"] for c in obj["comments"]) == sorted(c.text for c in post.comments)


def test_a_post_is_there_whole(portal: SkyPortal, client: Client, tmp_path: Path) -> None:
    (outcome,) = run(client, tmp_path, new_post())
    assert (len(outcome.sent), outcome.there, outcome.failed) == (STEPS, [], {})
    assert_once(portal, 1)
    body = portal.objs[new_post().object_id]["comments"][1]["attachment"]
    assert body["name"] == "known.json"
    assert base64.b64decode(body["body"]) == b'{"mpc": []}'


def test_a_second_run_sends_nothing_and_need_not_ask(
    portal: SkyPortal, client: Client, tmp_path: Path
) -> None:
    run(client, tmp_path, new_post())
    portal.asked.clear()
    (outcome,) = run(client, tmp_path, new_post())
    assert (outcome.sent, len(outcome.there), outcome.failed) == ([], STEPS, {})
    assert {path for _, path in portal.asked} == {
        "/api/sysinfo", "/api/groups/3", "/api/filters/7"
    }  # fmt: skip


def test_only_what_is_sent_is_drawn(client: Client, tmp_path: Path) -> None:
    drawn: list[str] = []

    def draw(kind: str) -> bytes:
        drawn.append(kind)
        return png()

    kinds = ("new", "ref", "sub")
    post = replace(
        new_post(), thumbnails=tuple(Thumbnail(kind, partial(draw, kind)) for kind in kinds)
    )
    run(client, tmp_path, replace(post, thumbnails=post.thumbnails[:1]))
    assert drawn == ["new"]
    run(client, tmp_path, post)
    assert drawn == ["new", "ref", "sub"]
    run(client, tmp_path, post)
    assert drawn == ["new", "ref", "sub"]


def test_of_one_that_cannot_be_drawn_nothing_is_sent(
    portal: SkyPortal, client: Client, tmp_path: Path
) -> None:
    def draw() -> bytes:
        raise FileNotFoundError(2, "No such file or directory", "a.npy")

    post = replace(new_post(0), thumbnails=(Thumbnail("new", draw),))
    bad, good = run(client, tmp_path, post, new_post(1))
    assert bad.failed == {"detection": "No such file or directory: a.npy"}
    assert (bad.sent, len(good.sent)) == ([], STEPS)
    assert list(portal.objs) == [new_post(1).object_id]


def test_without_its_ledger_it_asks_what_is_there(
    portal: SkyPortal, client: Client, tmp_path: Path
) -> None:
    run(client, tmp_path / "a", new_post())
    (outcome,) = run(client, tmp_path / "b", new_post())
    assert (outcome.sent, len(outcome.there)) == ([], STEPS)
    assert_once(portal, 1)


def test_what_people_removed_does_not_come_back(
    portal: SkyPortal, client: Client, tmp_path: Path
) -> None:
    run(client, tmp_path, new_post())
    portal.objs[new_post().object_id]["comments"].pop()
    (outcome,) = run(client, tmp_path, new_post())
    assert outcome.sent == []
    assert len(portal.objs[new_post().object_id]["comments"]) == 2


def test_an_object_of_another_filter_gets_ours(
    portal: SkyPortal, client: Client, tmp_path: Path
) -> None:
    run(client, tmp_path / "a", new_post())
    portal.objs[new_post().object_id]["candidates"] = [{"filter_id": 1, "passed_at": "2021"}]
    (outcome,) = run(client, tmp_path / "b", new_post())
    assert outcome.sent == [f"candidate {FILTER}"]


FAULTS: tuple[Fault, ...] = (
    500, 502, 503, 504, "429 3", "starting", "drop", "drop after", "drop after",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_whatever_fails_everything_is_there_once_in_the_end(
    portal: SkyPortal, address: str, time: Time, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    share = chance.choice([0.2, 0.4, 0.6])
    portal.fail = lambda method, path: chance.choice(FAULTS) if chance.random() < share else None
    posts = [new_post(number) for number in range(3)]
    for attempt in range(60):
        if attempt == 30:
            portal.fail = lambda method, path: None
        if chance.random() < 0.2:
            shutil.rmtree(tmp_path / "ledger", ignore_errors=True)
        try:
            outcomes = run(new_client(address, time), tmp_path / "ledger", *posts)
        except UnreachableError:
            continue
        if not any(outcome.failed for outcome in outcomes):
            break
    else:
        pytest.fail("it never ended")
    assert_once(portal, 3)


@pytest.mark.parametrize("dropped", range(STEPS))
def test_a_connection_that_drops_after_it_was_taken_doubles_nothing(
    portal: SkyPortal, client: Client, tmp_path: Path, dropped: int
) -> None:
    def fail(method: str, path: str) -> Fault | None:
        posts = sum(m == "POST" for m, _ in portal.asked)
        return "drop after" if method == "POST" and posts == dropped + 1 else None

    portal.fail = fail
    (outcome,) = run(client, tmp_path, new_post())
    assert outcome.failed == {}
    assert portal.posted("") == STEPS  # none was sent twice
    assert_once(portal, 1)


def test_one_that_is_refused_hinders_no_other(
    portal: SkyPortal, client: Client, tmp_path: Path
) -> None:
    bad = new_post(1)

    def fail(method: str, path: str) -> Fault | None:
        return 400 if path == f"/api/sources/{bad.object_id}/annotations" else None

    portal.fail = fail
    outcomes = run(client, tmp_path, *(new_post(number) for number in range(3)))
    assert [list(o.failed.items()) for o in outcomes] == [
        [], [("annotation tails:twilight", "400: told to fail with 400")], []
    ]  # fmt: skip
    assert len(outcomes[1].sent) == STEPS - 1
    portal.fail = lambda method, path: None
    outcomes = run(client, tmp_path, *(new_post(number) for number in range(3)))
    assert [o.sent for o in outcomes] == [[], ["annotation tails:twilight"], []]
    assert_once(portal, 3)


def test_one_that_the_server_fails_over_hinders_no_other(
    portal: SkyPortal, client: Client, tmp_path: Path
) -> None:
    def fail(method: str, path: str) -> Fault | None:
        posts = sum(m == "POST" and p == "/api/candidates" for m, p in portal.asked)
        return 500 if path == "/api/candidates" and posts <= 6 else None

    portal.fail = fail
    bad, good = run(client, tmp_path, new_post(0), new_post(1))
    assert bad.sent == []
    assert "failed over it" in bad.failed[f"candidate {FILTER}"]
    assert good.failed == {}
    assert list(portal.objs) == [new_post(1).object_id]


def test_a_token_that_is_refused_ends_it_and_is_not_told(
    portal: SkyPortal, address: str, time: Time, tmp_path: Path
) -> None:
    with pytest.raises(SkyPortalError, match="refuses the token") as caught:
        run(new_client(address, time, "secret-word"), tmp_path, new_post())
    assert "secret-word" not in str(caught.value)
    assert portal.posted("") == 0


@pytest.mark.parametrize("ids", [{"group": 9}, {"filter_id": 9}])
def test_wrong_ids_are_told_before_anything_is_sent(
    portal: SkyPortal, client: Client, tmp_path: Path, ids: dict[str, int]
) -> None:
    what = next(iter(ids)).removesuffix("_id")
    with pytest.raises(SkyPortalError, match=f"no {what} 9 that this token may use"):
        run(client, tmp_path, new_post(), **ids)
    assert portal.posted("") == 0


def test_two_runs_at_once_are_refused(client: Client, tmp_path: Path) -> None:
    with (
        Ledger(tmp_path, client.server).alone(),
        pytest.raises(ValueError, match="another process is posting"),
    ):
        run(client, tmp_path, new_post())


def test_a_damaged_ledger_is_named(client: Client, tmp_path: Path) -> None:
    run(client, tmp_path, new_post())
    (file,) = tmp_path.glob(f"*/{new_post().object_id}.json")
    file.write_text("{")
    with pytest.raises(ValueError, match=file.name):
        run(client, tmp_path, new_post())
