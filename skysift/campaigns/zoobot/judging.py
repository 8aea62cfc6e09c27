"""How well votes are told of galaxies that were not learned from."""

from __future__ import annotations

import numpy as np

from skysift.models.zoobot.uncertainty.passes import Passes
from skysift.models.zoobot.uncertainty.votes import log_likelihood


def judge(
    told: Passes, votes: np.ndarray, *, least: int = 1, truth: np.ndarray | None = None
) -> dict[str, float]:
    """Compare what is told with votes.

    Parameters
    ----------
    told : Passes
        Of n galaxies.
    votes : ndarray (n, answers)
    least : int
        Votes that a galaxy must have on a question to judge it.
    truth : ndarray (n, answers), optional
        True chances of the answers, of simulated galaxies.

    Returns
    -------
    dict of str to float
        Of each question ``Q_judged`` (galaxies), ``Q_rmse`` (root mean square error of the vote
        fractions, over galaxies and answers), ``Q_loss`` (mean of −ln of the chance of the votes,
        with their coefficient [nat]) and, with `truth`, ``Q_rmse_truth``. NaN where there are no
        galaxies.
    """
    mean, loss = told.mean, -log_likelihood(told, votes)
    figures: dict[str, float] = {}
    for number, (name, part) in enumerate(told.tree.slices.items()):
        total = votes[:, part].sum(axis=1)
        enough = total >= max(least, 1)
        said = votes[enough, part] / total[enough, None]
        figures[f"{name}_judged"] = float(enough.sum())
        figures[f"{name}_rmse"] = _rms(mean[enough, part] - said)
        figures[f"{name}_loss"] = float(loss[enough, number].mean()) if enough.any() else np.nan
        if truth is not None:
            figures[f"{name}_rmse_truth"] = _rms(mean[enough, part] - truth[enough, part])
    return figures


def _rms(errors: np.ndarray) -> float:
    return float(np.sqrt(np.mean(errors**2))) if errors.size else np.nan
