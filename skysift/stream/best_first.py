"""Best first within a rate cap: a threshold on a score that lets about N alerts through a night.

Which alerts are the N best of a night is known when it is over. A stream decides before that: the
nights before tell how many alerts are still to come, those of this night so far how good they will
be, and it takes what would be among the best of them that there is room for. It is the rule for
choosing the best of a known number of candidates one at a time, with number and distribution
estimated. The distribution is this night's alone: a new round of labels gives all alerts other
scores.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from skysift.whole import whole

EARLIER_NIGHTS = 5
"""So many earlier nights tell how many alerts a night has."""

AS_MANY_AGAIN = 1.0
"""On the first night, expected to come as a share of what came: nothing says how long it lasts."""

RESERVE = 0.25
"""On later nights the least that is expected to come, as a share of what came: a night richer than
those before is not full at once. It leaves about a tenth of an ordinary night's room unused."""


class WantedScores:
    """Scores of the alerts that a topic's filter wanted, batch by batch and night by night.

    Parameters
    ----------
    folder : Path
        Where they are kept, a file a micro-batch; made if absent.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._nights: defaultdict[str, dict[int, dict[int, np.ndarray]]] = defaultdict(dict)
        for path in folder.glob("*.json"):
            self._take(int(path.stem), json.loads(path.read_text()))

    def remember(self, batch_id: int, wanted: Mapping[str, np.ndarray]) -> None:
        """Keep what a micro-batch wanted, in place of what an earlier try of it has left.

        Parameters
        ----------
        batch_id : int
        wanted : mapping of str to ndarray
            Finite scores, by ``TOPIC NIGHT``.
        """
        self._take(batch_id, wanted)
        scores = {key: found.tolist() for key, found in wanted.items()}
        write_json(self.folder / f"{batch_id:09d}.json", scores)

    def threshold(
        self,
        batch_id: int,
        topic: str,
        night: int,
        scores: np.ndarray,
        room: int,
        left: float | None = None,
    ) -> float:
        """Tell the score from which on an alert of this micro-batch is good enough.

        Parameters
        ----------
        batch_id : int
            Judged against the batches before it alone, so that a replay is judged the same.
        topic : str
        night : int
        scores : ndarray (n,), n ≥ 1
            Of the alerts of this batch and night that the topic's filter wants.
        room : int
            Alerts that the topic still takes this night.
        left : float, optional
            Share of the source that is still to be read, where it has an end.
        """
        nights = self._nights[topic]
        tonight = np.concatenate([*_before(batch_id, nights.get(night, {})), scores])
        counts = [sum(map(len, _before(batch_id, nights[n]))) for n in sorted(nights) if n < night]
        earlier = [count for count in counts if count][-EARLIER_NIGHTS:]
        to_come = len(scores) + _still_to_come(len(tonight), earlier, left)
        return good_enough(tonight, room / to_come)

    def _take(self, batch_id: int, wanted: Mapping[str, Any]) -> None:
        for key, scores in wanted.items():
            topic, _, night = key.rpartition(" ")
            self._nights[topic].setdefault(int(night), {})[batch_id] = np.asarray(scores)


def _before(batch_id: int, batches: Mapping[int, np.ndarray]) -> list[np.ndarray]:
    return [scores for number, scores in batches.items() if number < batch_id]


def good_enough(pool: np.ndarray, share: float) -> float:
    """Return the lowest score of the best `share` of a pool, which holds one at least.

    Where the share is less than one alert it is the pool's best: a new best is always let through.
    """
    if share >= 1:
        return -np.inf
    best_first = np.sort(pool)[::-1]
    return float(best_first[max(int(share * len(pool)), 1) - 1])


def _still_to_come(tonight: int, earlier: Sequence[int], left: float | None) -> float:
    """Estimate how many alerts the night will still want, from how many it and others have."""
    if earlier:
        usual = max(float(np.median(earlier)) - tonight, RESERVE * tonight)
    else:
        usual = AS_MANY_AGAIN * tonight
    return usual if left is None or left >= 1 else min(usual, tonight * left / (1 - left))


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file as a whole or not at all; nothing to write is no file."""
    if not content:
        path.unlink(missing_ok=True)
        return
    with whole(path) as part:
        part.write_text(json.dumps(content))
