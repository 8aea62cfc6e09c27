"""Which scores of damaged alerts could belong on the other side of 0.5, and must be held back.

Measured when a network is trained, on copies of validation alerts with damage put in; used when it
serves. A call of either after a fit, `score` being the calibrated one::

    facts["guard"] = guard.measure(score, triplet, metadata, may_miss=facts["may_miss"], rng=rng)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from skysift.models.btsbot.inputs import FEATURES, MISSING, OK, SIDE, triplets

DAMAGED_STAMP, MISSING_FEATURE = "damaged_stamp", "missing_feature"

THRESHOLD = 0.5
"""The score from which an alert counts as a bright transient."""

CENTRE = slice(SIDE // 2 - 2, SIDE // 2 + 3)
"""The pixels of the source: without them there is no score at all, see `inputs.triplets`."""

LEVELS = (0.02, 0.05, 0.1, 0.2, 1.0)
"""Shares of filled pixels up to which damage is of one level. Of real damaged alerts three
quarters lack less than a tenth."""

ROOM = 1.15
"""How much wider a margin is than the widest that was seen: other alerts will come. On three times
as many alerts that the network had not learned from, none needed more than 1.06."""

SHORT = ((63, 62), (62, 63), (48, 63), (63, 48))
"""Shapes of short stamps, as ZTF sends them near an edge of a chip."""

AT_ONCE = 256
"""Alerts damaged at a time, to save memory."""

DRAWS = 3
"""Times that each alert is damaged at random, in each of the ways of `damages`."""

Score = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""(triplet (n, 63, 63, 3), metadata (n, 25)) → score (n,)."""

Triple = Sequence[np.ndarray]

Damage = Callable[[Triple], Triple]


def measure(
    score: Score,
    triplet: np.ndarray,
    metadata: np.ndarray,
    *,
    may_miss: Sequence[str],
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Measure how clear a score must be to be right whatever pixels or features are missing.

    Parameters
    ----------
    score : callable
        The network with its calibration.
    triplet, metadata : ndarray (n, 63, 63, 3), (n, 25), float32
        Alerts that the network has not learned from, prepared as ``centred``.
    may_miss : sequence of str
        Features that may be −999.
    rng : Generator

    Returns
    -------
    dict
        ``damaged_stamp``: for each of `LEVELS` of damage, and of less, the distance from 0.5
        within which no score can be trusted: that of the clearest score on the wrong side, and
        some room. ``missing_feature``: the same, 0 where there is nothing to miss. `withheld` goes
        by them. ``changed``: the shares of copies, of either kind, on the wrong side. ``alerts``:
        n.
    """
    wrong: list[np.ndarray] = [np.zeros(0)]
    damage: list[np.ndarray] = [np.zeros(0)]
    missing: list[np.ndarray] = [np.zeros(0)]
    for start in range(0, len(triplet), AT_ONCE):
        stamps, features = triplet[start : start + AT_ONCE], metadata[start : start + AT_ONCE]
        whole = score(stamps, features)
        for copy, share, sound in _damaged(stamps, rng):
            wrong.append(_wrong_by(whole, score(copy, features))[sound])
            damage.append(share[sound])
        for other, changed in _with_missing(features, may_miss):
            missing.append(_wrong_by(whole, score(stamps, other))[changed])
    wrongs, shares, misses = map(np.concatenate, (wrong, damage, missing))
    return {
        DAMAGED_STAMP: [_margin(wrongs[shares <= level]) for level in LEVELS],
        MISSING_FEATURE: _margin(misses),
        "changed": {
            DAMAGED_STAMP: _share(wrongs > 0),
            MISSING_FEATURE: _share(misses > 0),
        },
        "alerts": len(triplet),
    }


def withheld(
    facts: Mapping[str, Any] | None, score: np.ndarray, damage: np.ndarray, missing: np.ndarray
) -> np.ndarray:
    """Tell which scores must not be given: damage could have moved them across 0.5.

    Parameters
    ----------
    facts : mapping or None
        From `measure`; None withholds nothing.
    score : ndarray (n,), float
    damage : ndarray (n,), float
        Share of pixels that were filled, from `inputs.triplets`.
    missing : ndarray (n,), bool
        A feature is −999. Both margins add where both are so.

    Returns
    -------
    ndarray (n,), object
        ``ok``, ``damaged_stamp`` or ``missing_feature``.
    """
    status = np.full(len(score), OK, dtype=object)
    if facts is None:
        return status
    damaged = damage > 0
    by_level = np.array(facts[DAMAGED_STAMP])[np.searchsorted(LEVELS, damage.clip(0, 1))]
    margin = damaged * by_level + missing * facts[MISSING_FEATURE]
    near = (np.abs(score - THRESHOLD) <= margin) & (damaged | missing)
    status[near & missing] = MISSING_FEATURE
    status[near & damaged] = DAMAGED_STAMP
    return status


def damages(rng: np.random.Generator) -> list[Damage]:
    """Return ways to damage the stamps of an alert, drawn anew for each call of one.

    A strip along an edge, a block away from the source, pixels here and there: each in one stamp
    and in all three. And short stamps.
    """
    holes = [
        partial(_holed, mask=mask, in_all=in_all, rng=rng)
        for mask in (_strip, _block, _scatter)
        for in_all in (False, True)
    ]
    return [*holes, partial(_shortened, rng=rng)]


def _wrong_by(whole: np.ndarray, copy: np.ndarray) -> np.ndarray:
    """Return how far beyond 0.5 the scores of copies are, where that is the wrong side; else 0."""
    same = (copy >= THRESHOLD) == (whole >= THRESHOLD)
    return np.where(same, 0, np.maximum(np.abs(copy - THRESHOLD), np.finfo(np.float32).eps))


def _margin(wrong: np.ndarray) -> float:
    return min(float(wrong.max(initial=0)) * ROOM, THRESHOLD)


def _share(which: np.ndarray) -> float:
    return float(which.mean()) if len(which) else 0.0


def _damaged(
    triplet: np.ndarray, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield damaged copies of the triplets, filled as at serving: how much, and if it is scored."""
    for harm in damages(rng):
        for _ in range(DRAWS):
            images = [harm(list(np.moveaxis(stamps, -1, 0))) for stamps in triplet]
            copy, status, damage = triplets(images, preprocessing="centred")
            yield copy, damage, status == OK


def _with_missing(
    metadata: np.ndarray, may_miss: Sequence[str]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield copies of the features with −999 in each one, and in all, that may be missing."""
    columns = [FEATURES.index(name) for name in may_miss]
    for which in [[column] for column in columns] + ([columns] if len(columns) > 1 else []):
        copy = metadata.copy()
        copy[:, which] = MISSING
        yield copy, (copy != metadata).any(axis=1)


def _holed(
    image: Triple,
    *,
    mask: Callable[[np.random.Generator], np.ndarray],
    in_all: bool,
    rng: np.random.Generator,
) -> Triple:
    """Take pixels away in all stamps or in one, but the source's."""
    hole = mask(rng)
    hole[CENTRE, CENTRE] = False
    channels = range(3) if in_all else [rng.integers(3)]
    return [
        np.where(hole, np.float32(np.nan), stamp) if channel in channels else stamp
        for channel, stamp in enumerate(image)
    ]


def _strip(rng: np.random.Generator) -> np.ndarray:
    """Some columns or rows at one of the four edges, as many as in real alerts."""
    mask = np.zeros((SIDE, SIDE), dtype=bool)
    mask[: min(rng.geometric(0.12), CENTRE.start)] = True
    return np.rot90(mask, int(rng.integers(4))).copy()


def _block(rng: np.random.Generator) -> np.ndarray:
    """A rectangle anywhere, up to 30 pixels wide and high."""
    mask = np.zeros((SIDE, SIDE), dtype=bool)
    height, width = np.minimum(rng.geometric(0.08, size=2) + 1, 30)
    top, left = rng.integers(SIDE - height + 1), rng.integers(SIDE - width + 1)
    mask[top : top + height, left : left + width] = True
    return mask


def _scatter(rng: np.random.Generator) -> np.ndarray:
    """Single pixels, up to a tenth of all."""
    return rng.random((SIDE, SIDE)) < rng.uniform(0, 0.1)


def _shortened(image: Triple, *, rng: np.random.Generator) -> Triple:
    """Cut all three stamps at one side, the same."""
    height, width = SHORT[rng.integers(len(SHORT))]
    top, left = rng.integers(SIDE - height + 1), rng.integers(SIDE - width + 1)
    return [stamp[top : top + height, left : left + width] for stamp in image]
