"""A small training set whose label can be learned."""

from __future__ import annotations

import numpy as np
import pandas as pd

from skysift.models.btsbot.inputs import FEATURES
from skysift.models.btsbot.training_set import COLUMNS, TrainingSet


def made_up_set(objects: int = 60, alerts_each: int = 4) -> TrainingSet:
    """Make alerts of objects; a third is positive, which is in the difference and in ``scorr``."""
    rng = np.random.default_rng(11)
    source = np.repeat(np.arange(objects), alerts_each)
    label = source % 3 == 0
    triplets = rng.normal(0, 1 / 63, (len(source), 63, 63, 3)).astype(np.float32)
    triplets[label, 28:35, 28:35, 2] += 0.2
    metadata = rng.uniform(10, 20, (len(source), 25)).astype(np.float32)
    metadata[:, FEATURES.index("scorr")] += 30 * label
    metadata[::7, FEATURES.index("sgscore2")] = -999.0
    table = pd.DataFrame(metadata, columns=list(FEATURES)).assign(
        **dict.fromkeys(set(COLUMNS) - set(FEATURES), 0),
    )
    table = table.assign(
        objectId=np.array([f"object{number}" for number in range(objects)], object)[source],
        label=label,
        split=np.where(source % 5 == 0, "validation", "train"),
        kept=True,
    )
    return TrainingSet(table, triplets, np.arange(len(source)), "centred", {"made": "up"})
