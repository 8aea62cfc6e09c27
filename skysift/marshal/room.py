"""What the page is about: alerts to see, a ledger to fill."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from skysift.active_learning.ledger import Ledger
from skysift.active_learning.questions import TRANSIENT, AnyForm
from skysift.marshal.candidates import NEWEST, Candidates
from skysift.marshal.entries import Entry
from skysift.marshal.pictures import Pictures
from skysift.marshal.standing import Standing, Standings

CANDIDATES = "candidates"
"""Campaign of the labels that topics' candidates are given."""

ALERT_ID = re.compile(r"[0-9]{1,19}")


@dataclass(frozen=True)
class Room:
    """What the page is about.

    Attributes
    ----------
    ledger : Ledger
        Questions and answers.
    candidates : Candidates
        Alerts.
    pictures : Pictures
        Of items that are no alerts.
    campaign : str
        What labels of topics' candidates are for.
    rank : str
        What candidates are ordered by until somebody chooses otherwise.
    form : Choice, Votes or Marks
        What is asked about candidates.
    """

    ledger: Ledger
    candidates: Candidates
    pictures: Pictures = field(default_factory=Pictures)
    campaign: str = CANDIDATES
    rank: str = NEWEST
    form: AnyForm = TRANSIENT

    def alert_of(self, item: str) -> Entry | None:
        """Find the alert that a question is about, if its item is an alert's id."""
        return self.candidates.find(int(item)) if ALERT_ID.fullmatch(item) else None

    def standing(self, campaign: str) -> Standing:
        """Tell how a campaign stands now."""
        return self._standings.of(campaign)

    @cached_property
    def _standings(self) -> Standings:
        return Standings(self.ledger)
