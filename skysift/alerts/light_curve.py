"""Light curves of many alerts in one set of flat arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

POINT_FIELDS = ("jd", "fid", "magpsf", "sigmapsf", "diffmaglim", "isdiffpos")
"""What each point of a light curve holds."""


@dataclass(frozen=True, eq=False)
class LightCurve:
    """The history of n alerts, each with the alert itself as its last point.

    Points stand in the order of the packet, which a survey gives oldest first but does not
    promise; upper limits are points whose magnitude is NaN.

    Attributes
    ----------
    offsets : ndarray (n + 1,), int64
        Alert ``i`` owns the points ``offsets[i]:offsets[i + 1]``, of which there is at least one.
    jd : ndarray (total,), float64
        Julian date, UTC [days].
    fid : ndarray (total,), float64
        Band: u 0, g 1, r 2, i 3, z 4, y 5 (ZTF's numbers, continued).
    magpsf, sigmapsf : ndarray (total,), float64
        PSF magnitude of the difference and its error, AB; NaN for an upper limit [mag].
    diffmaglim : ndarray (total,), float64
        5-sigma limit of the difference image; all NaN where the alerts have none [mag].
    isdiffpos : ndarray (total,), float64
        1 where science minus template is positive, 0 where negative, NaN for an upper limit.
    is_null : ndarray (n,), bool
        True where the alert came without a history.
    """

    offsets: np.ndarray
    jd: np.ndarray
    fid: np.ndarray
    magpsf: np.ndarray
    sigmapsf: np.ndarray
    diffmaglim: np.ndarray
    isdiffpos: np.ndarray
    is_null: np.ndarray

    def __len__(self) -> int:
        """Count the alerts."""
        return len(self.offsets) - 1

    def one(self, index: int) -> dict[str, np.ndarray]:
        """Return the light curve of one alert, a view on each field of `POINT_FIELDS`."""
        points = slice(self.offsets[index], self.offsets[index + 1])
        return {name: getattr(self, name)[points] for name in POINT_FIELDS}

    def take(self, rows: np.ndarray) -> LightCurve:
        """Choose some of the alerts, by their places; ``rows`` is of integers, in any order."""
        lengths = np.diff(self.offsets)[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        start = np.repeat(self.offsets[:-1][rows] - offsets[:-1], lengths)
        points = start + np.arange(offsets[-1])
        fields = {name: getattr(self, name)[points] for name in POINT_FIELDS}
        return LightCurve(offsets=offsets, is_null=self.is_null[rows], **fields)

    @classmethod
    def from_history(
        cls,
        offsets: np.ndarray,
        is_null: np.ndarray,
        history: Mapping[str, np.ndarray],
        current: Mapping[str, np.ndarray],
    ) -> LightCurve:
        """Put each alert behind its own history.

        Parameters
        ----------
        offsets, is_null : ndarray
            Of the histories alone, as `Source.list_offsets` gives them.
        history, current : mapping of str to ndarray
            For each of `POINT_FIELDS`, the values of all histories (total,) and of the alerts (n,).
        """
        places = offsets + np.arange(len(offsets))
        points = {name: append(history[name], current[name], places) for name in POINT_FIELDS}
        return cls(offsets=places, is_null=is_null, **points)


@dataclass(frozen=True, eq=False)
class ReferenceSources:
    """The nearest source of the reference image, for each point of the light curves of n alerts.

    Attributes
    ----------
    offsets : ndarray (n + 1,), int64
        As those of the `LightCurve`, and so are the points.
    distnr : ndarray (total,), float64
        Distance to it; NaN where nothing is known [pixel].
    magnr, sigmagnr : ndarray (total,), float64
        Its magnitude and the error of that [mag].
    """

    offsets: np.ndarray
    distnr: np.ndarray
    magnr: np.ndarray
    sigmagnr: np.ndarray

    def __len__(self) -> int:
        """Count the alerts."""
        return len(self.offsets) - 1


def append(history: np.ndarray, current: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Interleave so that each alert's last value, at ``offsets[i + 1] - 1``, is the current one."""
    is_current = np.zeros(offsets[-1], dtype=bool)
    is_current[offsets[1:] - 1] = True
    values = np.empty(offsets[-1], dtype=np.float64)
    values[is_current] = current
    values[~is_current] = history
    return values
