"""What our networks are made of, and how it is made faster once they have learned."""

from __future__ import annotations

import keras
from keras import layers


class Blocks:
    """Makes blocks of layers, numbered in order.

    Parameters
    ----------
    folded : bool
        Without batch normalisations: for serving, see `fold`.
    """

    def __init__(self, folded: bool) -> None:
        self._folded = folded
        self._count = 0

    def convolve(self, x, width: int, *, kernel: int = 3, stride: int = 1):
        """Convolution, batch normalisation, ReLU."""
        name = f"conv_{self._count}"
        self._count += 1
        x = layers.Conv2D(
            width, kernel, strides=stride, padding="same", use_bias=self._folded, name=name,
            kernel_initializer="he_normal",
        )(x)  # fmt: skip
        if not self._folded:
            x = layers.BatchNormalization(momentum=0.97, name=f"{name}_bn")(x)
        return layers.ReLU(name=f"{name}_relu")(x)

    def refine(self, x):
        """Add to a map what a convolution makes of it."""
        return layers.Add()([x, self.convolve(x, x.shape[-1])])


def fold(model: keras.Model, same: keras.Model) -> keras.Model:
    """Give a network without batch normalisations the numbers of one that has them.

    With weights w and normalisation γ (x − μ) / √(v + ε) + β, a convolution gets the weights
    w γ / √(v + ε) and the bias β − μ γ / √(v + ε).

    Parameters
    ----------
    model : keras.Model
        Made of `Blocks`, not folded.
    same : keras.Model
        Built alike, but folded; gets the numbers, and is returned.
    """
    for layer in (one for one in same.layers if one.weights):
        weights = model.get_layer(layer.name).get_weights()
        if len(weights) < len(layer.weights):
            normal = model.get_layer(f"{layer.name}_bn")
            gamma, beta, mean, variance = normal.get_weights()
            scale = gamma / (variance + normal.epsilon) ** 0.5
            weights = [weights[0] * scale, beta - mean * scale]
        layer.set_weights(weights)
    return same
