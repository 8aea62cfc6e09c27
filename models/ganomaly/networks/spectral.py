"""A convolution that cannot enlarge: divided by its spectral norm (Miyato et al. 2018)."""

from __future__ import annotations

import keras
from keras import layers, ops

TINY = 1e-12


@keras.saving.register_keras_serializable("skysift")
class SpectralConv2D(layers.Layer):
    """A two-dimensional convolution with bias, its kernel divided by its largest singular value.

    The kernel counts as a matrix of all it takes in by the channels it gives out. Its largest
    singular value follows from one step of the power method each time it is called in training,
    with the vector of the time before; the gradient sees the division (arXiv 1802.05957, sec. 2.1).

    Parameters
    ----------
    filters, kernel_size, strides : int
    padding : str
        ``same`` or ``valid``.
    """

    def __init__(
        self, filters: int, kernel_size: int, *, strides: int = 1, padding: str = "same"
    ) -> None:
        super().__init__()
        self.filters, self.kernel_size = filters, kernel_size
        self.strides, self.padding = strides, padding

    def build(self, input_shape) -> None:
        """Make kernel, bias, and the vector."""
        shape = (self.kernel_size, self.kernel_size, input_shape[-1], self.filters)
        self.kernel = self.add_weight(shape=shape, initializer="glorot_uniform", name="kernel")
        self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")
        self.direction = self.add_weight(
            shape=(1, self.filters), initializer="random_normal", trainable=False, name="direction"
        )

    def call(self, inputs, training: bool = False):
        """Convolve with the divided kernel."""
        matrix = ops.reshape(self.kernel, (-1, self.filters))
        fixed = ops.stop_gradient(matrix)
        out = ops.convert_to_tensor(self.direction)
        into = _unit(ops.matmul(out, ops.transpose(fixed)))
        out = _unit(ops.matmul(into, fixed))
        if training:
            self.direction.assign(out)
        norm = ops.sum(ops.matmul(into, matrix) * out)
        kernel = self.kernel / ops.maximum(norm, TINY)
        return ops.conv(inputs, kernel, strides=self.strides, padding=self.padding) + self.bias


def _unit(vector):
    return vector / ops.maximum(ops.norm(vector), TINY)
