"""Where a campaign is, which candidate is shown, and what the ledger holds."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from skysift.active_learning.ledger import Ledger
from tests.marshal.browser.steer import Browser


def at(campaign: str, path: str = "/next") -> str:
    """Address of a page about a campaign."""
    return f"{path}?{urlencode({'campaign': campaign})}"


def shown(browser: Browser) -> str:
    """Return the object before the labeller."""
    return browser.text("#object")


def standing(ledger: Ledger, campaign: str) -> list[tuple[str, str, Any]]:
    """Return who said what of which object, in order, without what was taken back."""
    return [(a.labeller, a.question.object, a.value) for a in ledger.answers(campaign)]
