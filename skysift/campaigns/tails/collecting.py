"""Detections into a pool: of a search for comets, or of a set of frames, which is searched here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from skysift.campaigns.kind import Collected, Tell
from skysift.campaigns.store import alone
from skysift.campaigns.tails import found_frames, searched_set
from skysift.campaigns.tails.store import DetectionStore, Searched
from skysift.models.tails.training_set import MANIFEST


def collect(source: Path, pool: Path, asked: Mapping[str, Any], tell: Tell) -> Collected:
    """Fill a pool with detections; what is there stays, and a collection that was killed goes on.

    Parameters
    ----------
    source : Path
        What ``skysift frames run`` or ``watch`` wrote; or a set of ``skysift data build tails``, or
        of ``data mine tails``, whose train part is searched.
    pool : Path
        Folder, made if it is not there.
    asked : mapping
        ``weights``, that search a set, None for what ships; and ``threshold``, the least score of
        what is taken.
    tell : callable
        ``tell(stage, done, of)``, by frames.

    Raises
    ------
    FileNotFoundError
        If the source is neither.
    ValueError
        If the threshold is not between 0 and 1.
    PoolError
        If another process fills the pool.
    """
    weights, threshold = asked["weights"], asked["threshold"]
    if not 0 < threshold < 1:
        raise ValueError(f"threshold must lie between 0 and 1. Got: {threshold}")
    store = DetectionStore(pool)
    frames = detections = new = 0
    with alone(pool):
        for found, count in _searches(source, store, weights, threshold):
            frames += 1
            if found is not None:
                detections += len(found.rows)
                new += store.add(found)
            tell("frames", frames, count)
        known = store.write_truth()
    return Collected(frames, detections, new, known)


def _searches(
    source: Path, store: DetectionStore, weights: Path | None, threshold: float
) -> Iterator[tuple[Searched | None, int]]:
    """Yield what was found in each frame, None where the pool has it, and the number of frames."""
    if (source / MANIFEST).is_file():
        return searched_set.searches(source, store, weights, threshold)
    return found_frames.searches(source, store, threshold)
