"""What a network costs: multiply-accumulates an alert."""

from __future__ import annotations

import math

import keras
from keras import layers

from skysift.models.btsbot.networks.maxvit import RelativeAttention


def multiply_accumulates(model: keras.Model) -> int:
    """Count the multiply-accumulates of one alert, in attention and in layers that have a kernel.

    A layer costs, for each of its outputs, one per input that the output is a sum over. What has
    no kernel (poolings, normalisations, activations) is not counted, as is usual.

    Raises
    ------
    ValueError
        If the network has a layer with a kernel that this function does not know.

    Examples
    --------
    >>> import keras
    >>> x = keras.Input((10,))
    >>> multiply_accumulates(keras.Model(x, keras.layers.Dense(3)(x)))
    30
    """
    return sum(_of_layer(layer) for layer in model.layers)


def _of_layer(layer: layers.Layer) -> int:
    if isinstance(layer, keras.Model):
        return multiply_accumulates(layer)
    if isinstance(layer, RelativeAttention):  # each place: a product with all, a sum over all
        return 2 * math.prod(layer.output.shape[1:]) * layer.window**2
    if not hasattr(layer, "kernel"):
        return 0
    outputs = math.prod(layer.output.shape[1:])
    if isinstance(layer, layers.DepthwiseConv2D):
        return outputs * math.prod(layer.kernel_size)
    if isinstance(layer, layers.Conv2D):
        return outputs * math.prod(layer.kernel_size) * layer.input.shape[-1]
    if isinstance(layer, layers.Dense):
        return outputs * layer.input.shape[-1]
    if isinstance(layer, layers.EinsumDense) and layer.equation == "bkh,kh->bk":
        return outputs * layer.input.shape[-1]
    raise ValueError(f"the cost of a {type(layer).__name__} is not known")
