"""What the room's tests share: a ledger, and campaigns in folders."""

from __future__ import annotations

import pytest

from skysift.active_learning.ledger import Ledger
from skysift.active_learning.loop import Loop
from skysift.active_learning.plan import Plan
from skysift.active_learning.rounds import Rounds
from tests.active_learning.toy import FORM, LEARNER


@pytest.fixture
def ledger(tmp_path):
    """Return an empty ledger, ``ledger.db`` in the test's folder."""
    opened = Ledger(tmp_path / "ledger.db")
    yield opened
    opened.close()


@pytest.fixture
def loop(tmp_path):
    """Return a function that begins a campaign in a folder, or takes it up."""
    opened = []

    def make(pool, folder="it", learner=LEARNER, tracker=None, remember=None, **plan):
        ledger = Ledger(tmp_path / folder / "ledger.db")
        opened.append(ledger)
        facts = {"form": FORM, "initial": 20, "batch": 8, "seed": 4, **plan}
        rounds = Rounds(tmp_path / folder / "rounds")
        plan = Plan("toy", **facts)
        return Loop(pool, ledger, rounds, plan, learner, tracker=tracker, remember=remember)

    yield make
    for ledger in opened:
        ledger.close()
