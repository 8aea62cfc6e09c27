"""How well comets are found after a round, and before it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from skysift.campaigns.tails.settings import COMET
from skysift.campaigns.tails.taught import Taught
from skysift.models._metrics import Ranking
from skysift.models.tails.config import WindowsConfig
from skysift.models.tails.matching import Matched
from skysift.models.tails.scorer import Scorer
from skysift.models.tails.training_set import FrameSet

HALF = 0.5


def judge_frames(frames: FrameSet, scorer: Scorer, allowed: float) -> dict[str, float]:
    """Search frames whose comets are known.

    Parameters
    ----------
    frames : FrameSet
        That nobody has learned from.
    scorer : Scorer
    allowed : float
        False detections a frame, at most, where recall is told.

    Returns
    -------
    dict of str to float
        ``recall`` and ``recall_bright`` (to 19.5 mag) at the lowest threshold with no more
        false detections than allowed, ``threshold``; and ``false_at_half``, a frame, at 0.5.
    """
    from skysift.models.tails.evaluation.judge import search  # matplotlib comes with it

    return figures(search(frames, scorer, WindowsConfig()), frames, allowed)


def figures(matched: Matched, frames: FrameSet, allowed: float) -> dict[str, float]:
    """Read off what `judge_frames` returns; a recall without comets is NaN."""
    from skysift.models.tails.evaluation import counts

    curve = counts.curve(matched, frames.frames)
    within = curve[curve["false_per_frame"] <= allowed]
    names = ("recall", "recall_bright", "threshold")
    # Above the highest score nothing is found, and nothing is false.
    best = {"recall": 0.0, "recall_bright": 0.0, "threshold": 1.0}
    if len(within):
        best = {name: float(within[name].iloc[-1]) for name in names}
    half = curve[curve["threshold"] >= HALF]
    return {**best, "false_at_half": float(half["false_per_frame"].iloc[-1])}


def judge_labels(model: Taught, items: np.ndarray, answers: Sequence[str]) -> dict[str, float]:
    """Compare scores with labels of detections that were not learned from.

    Returns
    -------
    dict of str to float
        ``label_auc`` and ``label_average_precision``, NaN where all labels are alike.
    """
    label = np.array([answer == COMET for answer in answers], dtype=bool)
    auc, precision = Ranking(label, model.predict(items)[:, 0]).areas()
    return {"label_auc": auc, "label_average_precision": precision}
