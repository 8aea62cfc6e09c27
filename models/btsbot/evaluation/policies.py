"""Policies: from an object's scores so far to "act on it", written as config."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from skysift.models._settings import ConfigError, from_table

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE = Path(__file__).with_name("policies.toml")

_SHARE = {"low": 0.0, "high": 1.0}


@dataclass(frozen=True)
class Policy:
    """When to act on a source; judged after each alert, and never taken back.

    Attributes
    ----------
    min_alerts : int
        So many alerts must have counted.
    min_score, score_above : float
        An alert counts if its score is at least the one and more than the other …
    mag_brighter_than : float
        … its magpsf is less than this [mag] …
    max_uncertainty : float
        … and its uncertainty is known and at most this; by default it does not matter.
    peak_mag_at_most : float
        The brightest magpsf so far must have reached this [mag].
    """

    min_alerts: int = field(default=1, metadata={"low": 1})
    min_score: float = field(default=0.0, metadata=_SHARE)
    score_above: float = field(default=-np.inf, metadata=_SHARE)
    mag_brighter_than: float = np.inf
    max_uncertainty: float = field(default=np.inf, metadata={"low": 0.0})
    peak_mag_at_most: float = np.inf

    def counted(self, score: np.ndarray, uncertainty: np.ndarray, magpsf: np.ndarray) -> np.ndarray:
        """Tell which alerts count, bool (n,); one without a score never does."""
        counts = (score >= self.min_score) & (score > self.score_above)
        if np.isfinite(self.mag_brighter_than):
            counts &= magpsf < self.mag_brighter_than
        if np.isfinite(self.max_uncertainty):
            counts &= uncertainty <= self.max_uncertainty
        return counts

    def fired(
        self,
        score: np.ndarray,
        uncertainty: np.ndarray,
        magpsf: np.ndarray,
        first: np.ndarray,
    ) -> np.ndarray:
        """Replay the policy over the alerts of all sources at once.

        Parameters
        ----------
        score, uncertainty, magpsf : ndarray (n,), float
            Alerts sorted by source, and by time within a source.
        first : ndarray (n,), int
            Row of the first alert of each alert's source.

        Returns
        -------
        ndarray (n,), bool
            Whether the policy has fired by this alert.
        """
        fired = _so_far(self.counted(score, uncertainty, magpsf), first) >= self.min_alerts
        if np.isfinite(self.peak_mag_at_most):
            fired &= _so_far(magpsf <= self.peak_mag_at_most, first) >= 1
        return fired


def _so_far(flag: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Count the True of each source up to each alert."""
    total = np.cumsum(flag)
    return total - total[first] + flag[first]


def read_policies(path: Path | None = None) -> dict[str, Policy]:
    """Read policies, one a table, by name; by default the published ones.

    Raises
    ------
    ConfigError
        If the file is not TOML or holds no policy, or a policy has an unknown key or a value that
        breaks its rule.
    """
    path = path or FILE
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from None
    if not tables:
        raise ConfigError(f"{path} holds no policy")
    return {name: from_table(Policy, name, table) for name, table in tables.items()}
