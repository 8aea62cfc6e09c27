"""The two networks: the published one, and a small fast one of ours.

Both take ``triplet`` (63, 63, 3), the L2-normalised science, template and difference stamps, and
``metadata`` (25,), the raw features in the order of `skysift.models.btsbot.inputs.FEATURES`. Both
answer one score in [0, 1].

==============  ============  ===========================  =========
network         parameters    multiply-accumulates, alert  stamp pad
==============  ============  ===========================  =========
`build_mm_cnn`  227,861       258.7 million                corner
`build_compact`  54,881        4.6 million                 centre
==============  ============  ===========================  =========

References
----------
Rehemtulla et al. 2024, ApJ 972, 7 (arXiv 2401.15167), for ``mm_cnn``.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers, ops

from skysift.models.btsbot.inputs import FEATURES, SIDE

POSITION = ("ra", "dec")
"""Not used by our network: position teaches a survey's footprint, not a transient's nature."""

USED = [FEATURES.index(name) for name in FEATURES if name not in POSITION]
"""Columns of ``metadata`` that our network reads."""

MISSING_BELOW = -99.0
"""ZTF writes −999 where there is no catalogue match; no feature is really so small."""

CLIP = 6.0
"""Standard deviations beyond which a feature says no more."""


def build_mm_cnn() -> keras.Model:
    """Build the published multi-modal network, BTSbot v1 and v1.0.1.

    Layer names are those of the published variables, so that weights are copied by name.

    Returns
    -------
    keras.Model
        227,861 parameters; output ``fc_out`` (n, 1).
    """
    # Inputs
    triplet = keras.Input((SIDE, SIDE, 3), name="triplet")
    metadata = keras.Input((len(FEATURES),), name="metadata")

    # Image branch
    x = layers.Conv2D(32, 5, padding="same", activation="relu", name="conv1")(triplet)
    x = layers.Conv2D(32, 5, padding="same", activation="relu", name="conv2")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Dropout(0.50)(x)
    x = layers.Conv2D(64, 5, padding="same", activation="relu", name="conv3")(x)
    x = layers.Conv2D(64, 5, padding="same", activation="relu", name="conv4")(x)
    x = layers.MaxPooling2D(4)(x)
    x = layers.Dropout(0.55)(x)
    x = layers.Flatten()(x)

    # Metadata branch
    y = layers.BatchNormalization(momentum=0.99, epsilon=1e-3, name="batch_normalization")(metadata)
    y = layers.Dense(128, activation="relu", name="meta_fc1")(y)
    y = layers.Dropout(0.25)(y)
    y = layers.Dense(128, activation="relu", name="meta_fc2")(y)

    # Head
    z = layers.Concatenate()([x, y])
    z = layers.Dense(8, activation="relu", name="comb_fc")(z)
    z = layers.Dropout(0.20)(z)
    score = layers.Dense(1, activation="sigmoid", name="fc_out")(z)
    return keras.Model({"triplet": triplet, "metadata": metadata}, score, name="mm_cnn")


def build_compact(
    mean: Sequence[float] | None = None, variance: Sequence[float] | None = None
) -> keras.Model:
    """Build our network: 4.6 million multiply-accumulates an alert, 1/56 of the published.

    Each stamp is standardised on its own and its tails compressed; three stride-2 convolutions
    shrink it before it gets costly, and one learned weight map per channel (a depthwise
    convolution as large as the image) pools it, so that the centre, where the source is, can
    count most. A feature that is missing (−999) enters as its mean and a flag.

    Parameters
    ----------
    mean, variance : sequence of float (23,), optional
        Of the compressed features of the training set, from `feature_statistics`; stored in the
        saved network. By default 0 and 1.

    Returns
    -------
    keras.Model
        Output ``score`` (n, 1). Made of Keras layers and operations only: it runs on any backend.
    """
    # Inputs
    triplet = keras.Input((SIDE, SIDE, 3), name="triplet")
    metadata = keras.Input((len(FEATURES),), name="metadata")

    # Image branch
    x = compress(_standardise(triplet))
    x = _convolve(x, 16, kernel=5, stride=2)
    x = _convolve(x, 32, kernel=3, stride=2)
    x = _convolve(x, 48, kernel=3, stride=2)
    x = layers.Add()([x, _convolve(x, 48, kernel=3, stride=1)])
    x = layers.DepthwiseConv2D(x.shape[1], name="pool")(x)
    x = layers.Dropout(0.2)(layers.Flatten()(x))

    # Metadata branch
    y = _normalise(ops.take(metadata, USED, axis=1), mean, variance)
    y = layers.Dense(64, activation="relu")(y)
    y = layers.Dropout(0.2)(y)
    y = layers.Dense(64, activation="relu")(y)

    # Head
    z = layers.Concatenate()([x, y])
    z = layers.Dropout(0.2)(layers.Dense(32, activation="relu")(z))
    z = layers.Dense(1, name="logit")(z)
    score = layers.Activation("sigmoid", name="score")(z)
    return keras.Model({"triplet": triplet, "metadata": metadata}, score, name="compact")


def compress(x):
    """Compress heavy tails: sign(x) · ln(1 + |x|)."""
    return ops.sign(x) * ops.log1p(ops.abs(x))


def is_missing(x):
    """Return 1 where a feature is a −999 sentinel, else 0."""
    return ops.cast(ops.less_equal(x, MISSING_BELOW), "float32")


def _standardise(stamps):
    """Give each stamp of each alert zero mean and unit scatter over its pixels."""
    centred = stamps - ops.mean(stamps, axis=(1, 2), keepdims=True)
    scatter = ops.sqrt(ops.mean(ops.square(centred), axis=(1, 2), keepdims=True))
    return centred / (scatter + keras.config.epsilon())


def _convolve(x, filters: int, *, kernel: int, stride: int):
    """Convolution, batch normalisation, ReLU."""
    x = layers.Conv2D(filters, kernel, strides=stride, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization()(x))


def _normalise(features, mean, variance):
    """Standardise features by fixed statistics; a missing one becomes its mean and a flag."""
    columns = features.shape[1]
    missing = is_missing(features)
    scale = layers.Normalization(
        mean=[0.0] * columns if mean is None else list(mean),
        variance=[1.0] * columns if variance is None else list(variance),
        name="normalise",
    )
    values = ops.clip(scale(compress(features)), -CLIP, CLIP) * (1.0 - missing)
    return layers.Concatenate()([values, missing])
