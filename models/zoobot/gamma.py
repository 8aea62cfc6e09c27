"""Differences of ln Γ, which Keras has no operation for, exact enough for float32 losses.

A Dirichlet-multinomial likelihood holds ln Γ only in differences ln Γ(a + k) − ln Γ(a). Both terms
are large and nearly cancel: computed apart in float32 they would lose most digits at a = 1000.
"""

from __future__ import annotations

from keras import ops

SHIFT = 8
"""From here on Stirling's series, to its third term, is exact to 1e-9."""


def log_rising(a, k):
    """Return ln Γ(a + k) − ln Γ(a), the logarithm of a (a + 1) … (a + k − 1); 0 for k = 0.

    With Γ(x + 1) = x Γ(x) both arguments are raised by `SHIFT`; there Stirling's series is taken
    for the difference as a whole (Abramowitz & Stegun 1964, 6.1.15 and 6.1.41). It is made of
    operations that every backend can differentiate.

    Parameters
    ----------
    a : tensor, float
        Above 0.
    k : tensor, float
        0 or above; need not be whole.
    """
    ratio = a / (a + k)
    for i in range(1, SHIFT):
        ratio = ratio * ((a + i) / (a + i + k))
    low, high = a + SHIFT, a + SHIFT + k
    difference = (low - 0.5) * ops.log1p(k / low) + k * ops.log(high) - k
    whole = difference + (_series(high) - _series(low)) + ops.log(ratio)
    # Nothing, and of no slope at all: votes that nobody gave must not move a network by rounding.
    return ops.where(k > 0, whole, 0.0)


def _series(x):
    """What is left of ln Γ(x) after (x − ½) ln x − x + ½ ln 2π."""
    inverse = 1.0 / x
    square = inverse * inverse
    return inverse * (1 / 12 - square * (1 / 360 - square / 1260))
