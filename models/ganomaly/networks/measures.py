"""What is asked of a network that has learned: numbers an image, codes, reconstructions.

Each is a network of its own with the weights of the whole: `images` in, one array out.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from skysift.models.ganomaly.networks import GENERATOR, INPUT, OUTPUTS

MEASURES = ("latent", "image", "feature", "distance")
"""Columns of `measures`, in this order; higher is stranger."""

NEIGHBOURS = 2
"""Images that were learned from to which the distance is taken."""

CODES = "codes"
"""Input of `decoder`."""

MEMORY = "memory"
"""The layer that holds their codes."""


@keras.saving.register_keras_serializable("skysift")
class Memory(layers.Layer):
    """Codes of images, and how far another code is from the nearest of them.

    The root mean square of the differences, on average over the `NEIGHBOURS` nearest; distances to
    the k-th neighbour in a network's features tell well what the network has not seen (Sun et al.
    2022, arXiv 2204.06507).

    Parameters
    ----------
    size, codes : int
        How many codes, of how many numbers.
    """

    def __init__(self, size: int, codes: int, **others: Any) -> None:
        super().__init__(**others)
        self.codes = self.add_weight(
            shape=(size, codes), initializer="zeros", trainable=False, name="codes"
        )

    def call(self, code):
        """Return the distance of each code (n, d) from memory: (n, 1)."""
        rough = ops.sum(self.codes**2, axis=1) - 2 * ops.matmul(code, ops.transpose(self.codes))
        _, nearest = ops.top_k(-rough, min(NEIGHBOURS, self.codes.shape[0]))
        apart = ops.take(self.codes, nearest, axis=0) - code[:, None]
        each = ops.sqrt(ops.mean(apart**2, axis=2))
        return ops.mean(each, axis=1, keepdims=True)


def remembering(network: keras.Model, size: int) -> keras.Model:
    """Add a memory of `size` codes, all 0, to a network: an output ``distance`` more."""
    answer = dict(zip(OUTPUTS, _outputs(network), strict=True))
    code = answer["code"]
    answer["distance"] = Memory(size, code.shape[-1], name=MEMORY)(code)
    return keras.Model(network.input, answer, name=network.name)


def measures(network: keras.Model) -> keras.Model:
    """Make a network that compares images with their reconstructions.

    Returns
    -------
    keras.Model
        (n, side, side, channels) to (n, 4), or (n, 3) without a memory: `MEASURES`. ``latent`` is
        the mean square difference of the codes, the anomaly score as published; ``image`` the mean
        absolute difference of the pixels; ``feature`` the mean square difference of the
        discriminator's features; ``distance`` see `Memory`.
    """
    answer = network.output
    apart = answer["code"] - answer["code_again"]
    pixels = answer["reconstruction"] - network.input[INPUT]
    features = answer["features"] - answer["features_again"]
    columns = [
        ops.mean(apart**2, axis=1, keepdims=True),
        _of_maps(ops.abs(pixels)),
        _of_maps(features**2),
    ]
    columns += [answer["distance"]] if "distance" in answer else []
    return keras.Model(network.input, ops.concatenate(columns, axis=1), name="measures")


def one(network: keras.Model, output: str) -> keras.Model:
    """Make a network of one of the outputs: ``reconstruction`` or ``code``."""
    return keras.Model(network.input, network.output[output], name=output)


def decoder(network: keras.Model) -> keras.Model:
    """Make a network of the part that makes images of `CODES` (n, codes)."""
    part = network.get_layer(GENERATOR).get_layer("decoder")
    codes = keras.Input(part.input.shape[1:], name=CODES)
    return keras.Model({CODES: codes}, part(codes), name="decoder_alone")


def _outputs(network: keras.Model) -> list[Any]:
    return [network.output[name] for name in OUTPUTS]


def _of_maps(values):
    return ops.reshape(ops.mean(values, axis=(1, 2, 3)), (-1, 1))
