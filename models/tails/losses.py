"""Losses: where there is no comet, nothing is asked about its place.

Each is a loss for Keras, one number an image (b,).
"""

from __future__ import annotations

from keras import ops

from skysift.models.tails.networks import LOG_SIGMA_LIMITS, Maps
from skysift.models.tails.targets import Target

MISS_POWER, HILL_POWER = 2, 4
"""How little cells count that are right already; and cells beside a nucleus (Law & Deng 2018)."""

PLACE, UNCERTAINTY, BRIGHTNESS, SIZE = 1.0, 0.1, 0.5, 0.2
"""Weights beside that of the heat, 1."""

TAILS_SCORE, TAILS_PLACE = 1.2, 1.0
"""Weights as published."""


def heat_map_loss(target, answer):
    """Loss of a heat map network.

    The heat's is the focal loss with a hill about each nucleus (Law & Deng 2018, arXiv 1808.01244,
    eq. 1), over the number of nuclei. Place, brightness and size: the mean absolute error over the
    cells at nuclei; and of the uncertainty σ the negative logarithm of the likelihood of the
    place's errors (dx, dy), (dx² + dy²) / 2σ² + 2 ln σ, which leaves the place itself alone.

    Parameters
    ----------
    target : tensor (b, h, w, 7)
        See `targets.Target`.
    answer : tensor (b, h, w, 6)
        See `networks.Maps`.
    """
    answer = ops.cast(answer, "float32")
    errors = [
        ops.abs(answer[..., ours] - target[..., theirs])
        for ours, theirs in (
            (Maps.DX, Target.DX), (Maps.DY, Target.DY),
            (Maps.BRIGHTNESS, Target.BRIGHTNESS), (Maps.LOG_SIZE, Target.LOG_SIZE),
        )
    ]  # fmt: skip
    dx, dy, brightness, size = errors
    log_sigma = ops.clip(answer[..., Maps.LOG_SIGMA], *LOG_SIGMA_LIMITS)
    square = ops.stop_gradient(dx * dx + dy * dy)
    unlikely = 0.5 * square * ops.exp(-2.0 * log_sigma) + 2.0 * log_sigma
    asked = PLACE * (dx + dy) + UNCERTAINTY * unlikely + BRIGHTNESS * brightness + SIZE * size
    near = target[..., Target.NEAR]
    return _heat(target, answer[..., Maps.HEAT]) + _total(near * asked) / _at_least_one(near)


def _heat(target, logit):
    """Focal loss of the heat, over the number of nuclei."""
    heat, counts = target[..., Target.HEAT], target[..., Target.COUNTS]
    p = ops.sigmoid(logit)
    nucleus = ops.cast(heat >= 1.0, "float32")
    hit = (1.0 - p) ** MISS_POWER * ops.softplus(-logit)
    miss = (1.0 - heat) ** HILL_POWER * p**MISS_POWER * ops.softplus(logit)
    each = counts * (nucleus * hit + (1.0 - nucleus) * miss)
    return _total(each) / _at_least_one(counts * nucleus)


def tails_loss(target, logits):
    """Loss of `tails_v1`, as it was meant: the place counts where there is a comet.

    1.2 × the cross-entropy of the score, and |Δx| + |Δy| over the tiles with a comet. The published
    code sums the latter over all tiles.

    Parameters
    ----------
    target : tensor (b, 3)
        From `targets.one`.
    logits : tensor (b, 3)
        What goes into the network's last sigmoid.
    """
    logits = ops.cast(logits, "float32")
    present, score = target[:, 0], logits[:, 0]
    entropy = ops.softplus(score) - score * present
    error = ops.sum(ops.abs(ops.sigmoid(logits[:, 1:]) - target[:, 1:]), axis=1)
    share = ops.maximum(ops.mean(present), 1.0 / ops.cast(ops.shape(present)[0], "float32"))
    return TAILS_SCORE * entropy + TAILS_PLACE * present * error / share


def _total(cells):
    return ops.sum(cells, axis=(1, 2))


def _at_least_one(cells):
    return ops.maximum(_total(cells), 1.0)
