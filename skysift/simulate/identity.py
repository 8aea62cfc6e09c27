"""Names and numbers of objects, images and alerts, unique by construction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from skysift.simulate.observing import SLOT, Visits

CHANNELS = 64
"""Readout channels of the camera."""
ROWS = 1000
"""Alerts that an image can number."""
_PLACES = SLOT * ROWS
_LETTERS = 26**7
_STRIDE = 1_000_003


@dataclass(frozen=True)
class Identity:
    """Everything that is named after an object's number.

    Objects whose numbers differ by less than ``SLOT * ROWS * CHANNELS`` (2.9 million) never share
    an alert identifier: they differ in `phase`, `row` or `channel`.

    Attributes
    ----------
    number : int
        The object's number, 0 or more.
    """

    number: int

    @property
    def phase(self) -> int:
        """Step within an exposure slot at which the object's visits start."""
        return self.number % SLOT

    @property
    def row(self) -> int:
        """Row of its alerts in the tables of the images."""
        return self.number // SLOT % ROWS

    @property
    def channel(self) -> int:
        """Readout channel on which it falls."""
        return (self.number % _PLACES * 29 + self.number // _PLACES) % CHANNELS

    def object_id(self, year: int) -> str:
        """ZTF's kind of name: the year of the first detection and seven letters."""
        rest = self.number * _STRIDE % _LETTERS
        letters = ""
        for _ in range(7):
            rest, letter = divmod(rest, 26)
            letters = chr(ord("a") + letter) + letters
        return f"ZTF{year % 100:02d}{letters}"

    def image_ids(self, visits: Visits) -> np.ndarray:
        """Identifiers of the processed images (`pid`), int64 (n,)."""
        return ((visits.night * 100_000 + visits.step) * 100 + self.channel) * 100 + 15

    def alert_ids(self, visits: Visits, positive: np.ndarray) -> np.ndarray:
        """Alert identifiers (`candid`), int64 (n,); ZTF numbers negative ones apart."""
        kind = np.where(positive, 15, 10)
        return (self.image_ids(visits) * 1000 + kind) * 1000 + self.row


def reference_id(field: int, fid: np.ndarray | int, channel: np.ndarray | int) -> Any:
    """Identifier of a reference image (`rfid`): one for each field, filter and channel."""
    return field * 1_000_000 + 120_000 + fid * 100 + channel


def first_number(seed: int) -> int:
    """Number of a simulation's first object, so that two seeds hardly share a name."""
    return int(np.random.SeedSequence([seed, 0x5EED]).generate_state(1, np.uint64)[0] % _LETTERS)
