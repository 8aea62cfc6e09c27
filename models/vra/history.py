"""The history of many alerts as flat arrays, and the two rules that the VRA reads it by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skysift.models.vra.magnitudes import SOURCE_BEHIND, total_magnitude


@dataclass(frozen=True, eq=False)
class History:
    """Points of n alerts, each alert itself being the last of its own points.

    Attributes
    ----------
    offsets : ndarray (n + 1,), int64
        Alert ``i`` owns the points ``offsets[i]:offsets[i + 1]``.
    jd : ndarray (total,), float64
        Julian date [days].
    fid : ndarray (total,), float64
        Band: g 1, r 2, i 3.
    magpsf, sigmapsf : ndarray (total,), float64
        Magnitude of the difference and its error; NaN for an upper limit [mag].
    isdiffpos : ndarray (total,), float64
        1 where science minus template is positive, 0 where negative, NaN for an upper limit.
    distnr : ndarray (total,), float64, optional
        Distance to the nearest source of the reference image [pixel].
    magnr, sigmagnr : ndarray (total,), float64, optional
        That source's magnitude and its error [mag]. Without these three, as for LSST, magnitudes
        stay those of the difference.
    """

    offsets: np.ndarray
    jd: np.ndarray
    fid: np.ndarray
    magpsf: np.ndarray
    sigmapsf: np.ndarray
    isdiffpos: np.ndarray
    distnr: np.ndarray | None = None
    magnr: np.ndarray | None = None
    sigmagnr: np.ndarray | None = None

    def __len__(self) -> int:
        """Count the alerts."""
        return len(self.offsets) - 1

    @property
    def owner(self) -> np.ndarray:
        """Index of the alert that each point belongs to, (total,) int64."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    @property
    def positive(self) -> np.ndarray:
        """Points that are detections of more light than the template has, (total,) bool."""
        return (self.isdiffpos == 1) & np.isfinite(self.magpsf)

    def magnitudes(self) -> tuple[np.ndarray, np.ndarray]:
        """Give the magnitudes that Fink measures light curves in.

        Those of the difference; but where a single detection of an alert has a reference source
        within 1.5 pixels, all its magnitudes become total ones, difference and source together.

        Returns
        -------
        magnitude, error : ndarray (total,), float64
            NaN for limits, and where difference and source together leave no light.
        """
        seen = np.isfinite(self.magpsf) & np.isfinite(self.sigmapsf)
        magnitude = np.where(seen, self.magpsf, np.nan)
        error = np.where(seen, self.sigmapsf, np.nan)
        if self.distnr is None or self.magnr is None or self.sigmagnr is None:
            return magnitude, error
        low, high = SOURCE_BEHIND
        near = seen & (self.distnr >= low) & (self.distnr <= high)
        varies = np.bincount(self.owner[near], minlength=len(self))[self.owner] > 0
        total = total_magnitude(magnitude, error, self.isdiffpos, self.magnr, self.sigmagnr)
        return np.where(varies, total[0], magnitude), np.where(varies, total[1], error)
