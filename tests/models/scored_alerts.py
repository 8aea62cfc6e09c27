"""A made-up table of labelled, scored alerts, and the training set it would come from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from skysift.models.btsbot.evaluation.scores import ALERT_COLUMNS
from skysift.models.btsbot.inputs import FEATURES
from skysift.models.btsbot.training_set import TrainingSet

FIRST_JD = 2459500.0


def alert_table(rng: np.random.Generator, sources: int = 120) -> pd.DataFrame:
    """Make the table of a training set: sources of 1 to 12 alerts, a third of them positive."""
    source = np.repeat(np.arange(sources), rng.integers(1, 13, sources))
    n, positive = len(source), np.arange(sources) % 3 == 0
    peak = np.where(positive, rng.uniform(17.0, 18.7, sources), rng.uniform(16.5, 19.5, sources))
    table = pd.DataFrame({name: np.zeros(n, np.float32) for name in FEATURES})
    return table.assign(
        objectId=np.array([f"ZTF21{number:07d}" for number in range(sources)], object)[source],
        candid=10**18 + rng.permutation(n),
        jd=FIRST_JD + np.round(rng.uniform(0, 40, n), 1),  # some at the same time
        fid=rng.integers(1, 3, n).astype(float),
        magpsf=(peak[source] + np.abs(rng.normal(0, 0.5, n))).astype(np.float32),
        label=positive[source],
        source_set=np.where(positive[source], "trues", "vars"),
        split="test",
        rank=1,
        kept=True,
        is_SN=positive[source],
        near_threshold=False,
        is_rise=True,
        peakmag=peak[source],
        save_jd=np.where(positive[source], FIRST_JD + 5, np.nan),
        trigger_jd=np.where(positive[source], 1e12, np.nan),
        **{"class": np.where(positive, "supernova", np.where(peak < 18, "cv", "agn"))[source]},
    )


def scored_table(rng: np.random.Generator, sources: int = 120) -> pd.DataFrame:
    """Make what `scores.score_set` returns, with some alerts that have no score."""
    table = alert_table(rng, sources)
    score = 1 / (1 + np.exp(-rng.normal(np.where(table["label"], 2.0, -2.0), 2.0)))
    score[rng.random(len(score)) < 0.05] = np.nan
    spread = np.sqrt(score * (1 - score)) * rng.uniform(0.1, 0.3, len(score))
    answer = {"score": score.astype(np.float32), "uncertainty": spread.astype(np.float32)}
    return table[ALERT_COLUMNS].assign(**answer)


def training_set(rng: np.random.Generator, sources: int = 120) -> TrainingSet:
    """Make a training set whose alerts share four triplets."""
    table = alert_table(rng, sources)
    triplets = rng.normal(size=(4, 63, 63, 3)).astype(np.float32)
    return TrainingSet(table, triplets, rng.integers(0, 4, len(table)), "centred", {})
