"""What a network says of images, as people read it: raw scores, percentiles, as published."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from skysift.models.ganomaly.reference import Reference

RAW = ("latent", "image", "feature", "distance")
"""Scores that are measured; higher is stranger. See `networks.measures.measures`."""

HEADLINE = "combined"
"""The score that ranks images: all of `RAW` together."""

COLUMNS = (*RAW, HEADLINE, "percentile", "published")
"""Of a table of scores."""


def scores_of(measured: np.ndarray, reference: Reference) -> dict[str, np.ndarray]:
    """Put together what is told of n images.

    Parameters
    ----------
    measured : ndarray (n, 4), float32
        `RAW`; NaN for images that are not scored.
    reference : Reference

    Returns
    -------
    dict of ndarray (n,), float32
        `COLUMNS`: ``latent``, mean square difference of the codes of image and reconstruction, the
        published score before it is scaled; ``image``, mean absolute difference of the pixels (L1);
        ``feature``, mean square difference of the discriminator's features; ``distance``, from the
        nearest codes of images that were learned from; ``combined`` of these, see
        `Reference.combined`; ``percentile``, of the reference set's images how many percent have a
        smaller ``combined``; ``published``, ``latent`` between the reference set's extremes.
    """
    scores: Mapping[str, np.ndarray] = dict(zip(RAW, measured.T, strict=True))
    combined = reference.combined(scores)
    return {
        **scores,
        HEADLINE: combined.astype(np.float32),
        "percentile": reference.percentile(HEADLINE, combined),
        "published": reference.published(scores["latent"]),
    }
