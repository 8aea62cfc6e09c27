"""Some of the objects of a training set: how much better would more of them make a network?"""

from __future__ import annotations

import zlib

import numpy as np

from skysift.models.btsbot.training_set import TrainingSet


def some_objects(alerts: TrainingSet, share: float) -> TrainingSet:
    """Choose a share of the objects of each source set, with all their alerts.

    The choice follows from the objects' names alone: it is the same for every training and in
    whatever order they come, and the objects of a smaller share are among those of a larger one.

    Parameters
    ----------
    alerts : TrainingSet
    share : float
        More than 0, at most 1; of each source set at least one object is chosen.
    """
    if share == 1:
        return alerts
    objects = alerts.table.drop_duplicates("objectId")
    chosen: list[str] = []
    for _, names in objects.groupby("source_set")["objectId"]:
        order = sorted(names, key=lambda name: (zlib.crc32(str(name).encode()), name))
        chosen += order[: max(1, round(share * len(order)))]
    return alerts.select(np.isin(alerts.group.astype(str), chosen))
