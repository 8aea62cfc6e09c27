"""Which alerts were already taken: the job's memory against repeats, kept in its checkpoint.

One file of alert ids a micro-batch. A batch that Spark replays after a crash is judged against
the batches before it alone, so a replay admits exactly the alerts that the first try admitted.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from skysift.whole import whole

REMEMBERED_IDS = 20_000_000
"""Two full LSST nights; 160 MB on the driver. The oldest batches are forgotten first."""


class SeenAlerts:
    """Alert ids of the micro-batches taken so far.

    Parameters
    ----------
    folder : path
        Where the memory is kept; made if absent.
    limit : int
        Number of ids remembered.
    """

    def __init__(self, folder: Path, *, limit: int = REMEMBERED_IDS) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.limit = limit
        self._batches = {int(p.stem): np.load(p) for p in sorted(self.folder.glob("*.npy"))}

    def first_time(self, batch_id: int, alert_ids: np.ndarray) -> np.ndarray:
        """Tell the alerts that come for the first time, and remember them.

        Parameters
        ----------
        batch_id : int
            Number of Spark's micro-batch.
        alert_ids : ndarray (n,), int64

        Returns
        -------
        ndarray (n,), bool
            True for the first row of each id not seen in an earlier batch.
        """
        first = np.zeros(len(alert_ids), dtype=bool)
        first[np.unique(alert_ids, return_index=True)[1]] = True
        for number, known in self._batches.items():
            if number < batch_id:
                first &= ~_contains(known, alert_ids)
        self._remember(batch_id, np.sort(alert_ids[first]))
        return first

    def _remember(self, batch_id: int, ids: np.ndarray) -> None:
        self._batches[batch_id] = ids
        path = self.folder / f"{batch_id:09d}.npy"
        with whole(path, lasting=True) as part, part.open("wb") as file:
            np.save(file, ids)
        self._forget_oldest()

    def _forget_oldest(self) -> None:
        total = sum(map(len, self._batches.values()))
        for number in sorted(self._batches)[:-1]:
            if total <= self.limit:
                break
            total -= len(self._batches.pop(number))
            (self.folder / f"{number:09d}.npy").unlink(missing_ok=True)


def _contains(ordered: np.ndarray, values: np.ndarray) -> np.ndarray:
    if not len(ordered):
        return np.zeros(len(values), dtype=bool)
    at = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
    return ordered[at] == values
