"""A server that dies and comes back: what was said is there, what was not is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ci.marshal import Served
from tests.marshal.browser.said import at, shown, standing


@pytest.fixture
def mortal(folder, alerts, ledger, tmp_path) -> Iterator[Served]:
    """Return a second server of the same night, to be killed."""
    served = Served(tmp_path / "log", folder)
    yield served
    served.stop()


def test_a_killed_server_has_lost_nothing_and_the_page_says_what_it_could_not_save(
    alice, mortal, ledger, ask, alerts
):
    campaign = ask(4)
    alice.enter(mortal.url, "alice", at(campaign))
    alice.answer("x")
    mortal.kill()
    assert standing(ledger, campaign) == [("alice", alerts[0]["objectId"], "extragal")]

    alice.press("b")
    alice.until(lambda: "not saved" in alice.text("#trouble"), "no word of the trouble")
    assert shown(alice) == alerts[1]["objectId"], "the candidate stays before the labeller"

    mortal.start()
    alice.press("b")
    alice.until(lambda: "Nothing was written" in alice.text("body"), "no word of the restart")
    assert len(ledger.answers(campaign)) == 1
    alice.open(mortal.url + at(campaign))
    assert shown(alice) == alerts[1]["objectId"]
    alice.answer("b")
    alice.answer("z")
    alice.answer("v")
    assert standing(ledger, campaign) == [
        ("alice", alerts[0]["objectId"], "extragal"),
        ("alice", alerts[1]["objectId"], "varstar"),
    ]
    alice.must_complain("ERR_CONNECTION_REFUSED", "403")
