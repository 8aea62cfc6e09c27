"""What galaxies to simulate, and how they are shown and judged."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from skysift.galaxy_zoo import TREES
from skysift.simulate.galaxies.kinds import DEFAULT_MIX, KINDS
from skysift.simulate.galaxies.survey import SURVEYS

FIELD = 4.0
"""Side of a picture, in radii that hold nine tenths of a galaxy's light. Galaxy Zoo cuts 8.5 of
them, of which models look at the middle."""
SIDES = (16, 1024)
"""Least and largest side of a picture [px]."""
VOLUNTEERS = 43.0
"""Who look at a galaxy, on average: as in Galaxy Zoo 2."""


@dataclass(frozen=True)
class Settings:
    """What is simulated; a folder holds galaxies of one settings alone.

    Attributes
    ----------
    seed : int
        0 or more.
    size : int
        Side of the pictures [px].
    tree : str
        Whose questions people are asked: ``gz2``, ``decals`` or ``decals-dr12``.
    survey : str
        ``sdss``, ``decals`` or ``ztf``; that of the tree if empty.
    field : float
        Side of a picture, in radii of nine tenths of the light.
    pixel : float or None
        Instead of `field`: width of a pixel [arcsec], the same for all; of stamps of alerts the
        camera's own if None.
    volunteers : float
        Who look at a galaxy, on average.
    overdispersion : float
        How alike the opinions on one galaxy are beyond what the picture explains, from 0
        (binomial votes) to below 1; see `votes.draw_votes`.
    mix : mapping of str to float
        Shares of the kinds.

    Raises
    ------
    ValueError
        If something is out of bounds or unknown.
    """

    seed: int
    size: int = 128
    tree: str = "gz2"
    survey: str = ""
    field: float = FIELD
    pixel: float | None = None
    volunteers: float = VOLUNTEERS
    overdispersion: float = 0.0
    mix: Mapping[str, float] = dataclasses.field(default_factory=lambda: dict(DEFAULT_MIX))

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if not self.survey:
            object.__setattr__(self, "survey", "sdss" if self.tree == "gz2" else "decals")
        self._check_choice("tree", TREES)
        self._check_choice("survey", tuple(SURVEYS))
        if self.pixel is None and SURVEYS[self.survey].stamps is not None:
            object.__setattr__(self, "pixel", SURVEYS[self.survey].pixel)
        self._check("seed", self.seed >= 0, "0 or more")
        self._check("size", SIDES[0] <= self.size <= SIDES[1], f"{SIDES[0]} to {SIDES[1]} px")
        self._check("field", 1.0 <= self.field <= 50.0, "1 to 50")
        self._check("pixel", self.pixel is None or 0.05 <= self.pixel <= 5.0, "0.05 to 5 arcsec")
        self._check("volunteers", 1.0 <= self.volunteers <= 10_000, "1 to 10000")
        self._check("overdispersion", 0.0 <= self.overdispersion < 1.0, "from 0 to below 1")
        strange = set(self.mix) - set(KINDS)
        if strange:
            raise ValueError(
                f"no kind of galaxy is called {min(strange)!r}. Kinds: {', '.join(KINDS)}"
            )
        possible = all(share >= 0 for share in self.mix.values()) and sum(self.mix.values()) > 0
        self._check("mix", possible, "shares of 0 or more, not all of them 0")

    def _check(self, name: str, right: bool, rule: str) -> None:
        if not right:
            raise ValueError(f"{name} must be {rule}, got {getattr(self, name)}")

    def _check_choice(self, name: str, choices: tuple[str, ...]) -> None:
        if getattr(self, name) not in choices:
            told = f"{name} must be one of {', '.join(choices)}"
            raise ValueError(f"{told}; got {getattr(self, name)!r}")
