"""Losses of generator and discriminator, and what tells whether the latter still learns.

Every one is a mean over all numbers of a batch, as published (arXiv 1805.06725, eqs. 1 to 4; the
adversarial one of the published code, which compares features).
"""

from __future__ import annotations

from keras import ops

LEAST_LOG = -100.0
"""Logarithms of probabilities are cut off here by the published code's library: a discriminator
that is sure of the opposite on all images of one kind has a loss of exactly 50."""

KINDS = ("bce", "logits", "hinge")
"""Losses of the discriminator."""

TERMS = ("adversarial", "contextual", "latent")
"""Of the generator's loss."""

TELLING = ("d_spread", "d_gap")
"""What `telling` returns."""


def generator_terms(images, answer) -> dict:
    """Compare images with their reconstructions.

    Parameters
    ----------
    images : tensor (b, side, side, channels)
    answer : dict of tensors
        See `networks.OUTPUTS`.

    Returns
    -------
    dict of scalars
        ``adversarial``, mean square difference of the discriminator's features; ``contextual``,
        mean absolute difference of the pixels; ``latent``, mean square difference of the codes.
    """
    answer = {name: ops.cast(tensor, "float32") for name, tensor in answer.items()}
    return {
        "adversarial": _square(answer["features"] - answer["features_again"]),
        "contextual": ops.mean(ops.abs(answer["reconstruction"] - images)),
        "latent": _square(answer["code_again"] - answer["code"]),
    }


def discriminator_loss(kind: str, real, fake):
    """Say how badly images and reconstructions are told apart.

    Parameters
    ----------
    kind : str
        ``bce``: mean cross-entropy of probabilities, as published, cut-off and all. ``logits``: the
        same without a cut-off, so that a wrong answer always teaches. ``hinge``: nothing is asked
        beyond a margin of 1 on the right side (Lim & Ye 2017, arXiv 1705.02894).
    real, fake : tensor (b, 1)
        Logits of images and of reconstructions.
    """
    real, fake = ops.cast(real, "float32"), ops.cast(fake, "float32")
    if kind == "hinge":
        return 0.5 * (ops.mean(ops.relu(1.0 - real)) + ops.mean(ops.relu(1.0 + fake)))
    if kind == "logits":
        return 0.5 * (ops.mean(ops.softplus(-real)) + ops.mean(ops.softplus(fake)))
    return -0.5 * (ops.mean(_log(ops.sigmoid(real))) + ops.mean(_log(1.0 - ops.sigmoid(fake))))


def telling(real, fake) -> dict:
    """Say what the discriminator makes of a batch; see `health`.

    Returns
    -------
    dict of scalars
        ``d_spread``: standard deviation of its probabilities over images and reconstructions;
        ``d_gap``: mean probability of the images less that of the reconstructions.
    """
    real, fake = (ops.sigmoid(ops.cast(logit, "float32")) for logit in (real, fake))
    return {
        "d_spread": ops.std(ops.concatenate([real, fake])),
        "d_gap": ops.mean(real) - ops.mean(fake),
    }


def _square(difference):
    return ops.mean(ops.square(difference))


def _log(p):
    """Logarithm, at least `LEAST_LOG`; there, and of 0, without a gradient."""
    possible = p > 0
    logarithm = ops.log(ops.where(possible, p, 1.0))
    return ops.maximum(ops.where(possible, logarithm, LEAST_LOG), LEAST_LOG)
