"""Whether the likeliest answer is that of most people."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from skysift.models._metrics import Ranking
from skysift.models.zoobot.evaluation.look import Looked

SURE = 0.8
"""Least fraction of people who agree with each other, for the accuracy of clear galaxies."""


def agreement(looked: Looked) -> dict[str, dict[str, Any]]:
    """Compare likeliest answers, on galaxies of which more than half of the people are asked.

    Returns
    -------
    dict
        By question: ``galaxies``; ``accuracy``, and ``balanced_accuracy``, the mean over the
        answers that most people gave to some galaxy; the same for ``clear``, galaxies on which at
        least `SURE` of them agree, with ``wrong``; ``confusion``, rows said, columns told; and of
        two answers ``auc``, whether galaxies are put in order of the first.
    """
    mean, report = looked.told.mean, {}
    for number, question in enumerate(looked.told.tree.questions):
        part = looked.told.tree.slices[question.name]
        votes, total = looked.votes[:, part], looked.totals[:, number]
        asked = (total > 0.5 * looked.people) & (total > 0)
        said, told = votes[asked].argmax(axis=1), mean[asked, part].argmax(axis=1)
        clear = votes[asked].max(axis=1, initial=0) >= SURE * total[asked]
        counts = len(question.answers)
        numbers = {
            **_numbers(said, told, counts),
            "clear": {
                **_numbers(said[clear], told[clear], counts),
                "wrong": int((said[clear] != told[clear]).sum()),
            },
            "confusion": confusion(said, told, counts).tolist(),
        }
        if counts == 2 and asked.any():
            numbers["auc"] = Ranking(said == 0, mean[asked, part][:, 0]).auc()
        report[question.name] = numbers
    return report


def confusion(said: np.ndarray, told: np.ndarray, counts: int) -> np.ndarray:
    """Count galaxies by the answer that people gave, and the one that the network tells."""
    table = pd.crosstab(said, told).reindex(index=range(counts), columns=range(counts))
    return table.fillna(0).to_numpy(int)


def _numbers(said: np.ndarray, told: np.ndarray, counts: int) -> dict[str, Any]:
    right = said == told
    by_answer = [right[said == answer].mean() for answer in range(counts) if (said == answer).any()]
    return {
        "galaxies": len(said),
        "accuracy": float(right.mean()) if len(said) else np.nan,
        "balanced_accuracy": float(np.mean(by_answer)) if by_answer else np.nan,
    }
