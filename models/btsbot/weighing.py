"""How much each alert counts in the loss."""

from __future__ import annotations

import numpy as np


def class_weights(label: np.ndarray, group: np.ndarray, by: str) -> np.ndarray:
    """Weigh alerts by class so that the classes balance; the rarer class weighs 1.

    Parameters
    ----------
    label : ndarray (n,), bool
        Both classes must be there, but for `by` ``none``.
    group : ndarray (n,)
        Object of each alert.
    by : str
        What is counted: each alert weighs 1 / number of ``alert`` or ``source`` of its class,
        times the smaller of the two numbers; or ``none``, and all weigh 1.

    Returns
    -------
    ndarray (n,), float32
    """
    if by == "none":
        return np.ones(len(label), dtype=np.float32)
    numbers = [_count(group[label == positive], by) for positive in (False, True)]
    return (min(numbers) / np.where(label, numbers[1], numbers[0])).astype(np.float32)


def _count(group: np.ndarray, by: str) -> int:
    return len(group) if by == "alert" else len(np.unique(group))


def resampled(group: np.ndarray, heads: int, *, rng: np.random.Generator) -> np.ndarray:
    """Weigh alerts for each head as if its objects were drawn anew, with replacement.

    The number of times that an object is drawn is Poisson(1) in the limit of many objects (the
    "online bootstrap", Oza & Russell 2001). A single head sees every object once.

    Parameters
    ----------
    group : ndarray (n,)
        Object of each alert: its alerts are drawn together.
    heads : int

    Returns
    -------
    ndarray (n, heads), float32
    """
    if heads == 1:
        return np.ones((len(group), 1), dtype=np.float32)
    objects, which = np.unique(group.astype(str), return_inverse=True)
    return rng.poisson(1.0, (len(objects), heads)).astype(np.float32)[which]
