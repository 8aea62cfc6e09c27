"""What a network sees of a stored image: scaled, grey, turned, cut and made as small as it needs.

All of it is layers of the network. While it learns, each image is turned, flipped, moved, enlarged
and lit by chance, each on its own and anew each time; afterwards all are cut alike.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from skysift.models.zoobot.networks import INPUT

SCALES = {"uint8": 1 / 255, "float32": 1.0}
"""By how pixels are stored: what they are multiplied by, to lie between 0 and 1."""


class View(layers.Layer):
    """Cuts images, by chance while the network learns.

    Parameters
    ----------
    side : int
        Of what the network sees [px].
    zoom : sequence of float (2,)
        Least and largest enlargement, 1 or more: 1.25 shows the inner 80 %. Without chance it is
        their geometric mean.
    shift : float
        How far off the middle what is shown may lie, of what the enlargement leaves; 0 to 1.
    brightness, contrast : float
        What is added, at most, with pixels between 0 and 1; and by what share differences from the
        image's mean are changed, at most.
    seed : int, optional
        Of all that is drawn.

    Notes
    -----
    Images are turned by any angle about their middle; beyond the edge they are mirrored. They are
    interpolated linearly, and averaged where they are made smaller.
    """

    def __init__(
        self,
        side: int,
        *,
        zoom: Sequence[float] = (1.1, 1.3),
        shift: float = 0.0,
        brightness: float = 0.05,
        contrast: float = 0.02,
        seed: int | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(dtype="float32", **settings)
        least, largest = zoom
        if not 1 <= least <= largest:
            raise ValueError(f"zoom must be two numbers, 1 ≤ least ≤ largest. Got: {list(zoom)}")
        if not 0 <= shift <= 1:
            raise ValueError(f"shift must lie between 0 and 1. Got: {shift}")
        self.side, self.zoom, self.shift = side, (float(least), float(largest)), shift
        self.brightness, self.contrast, self.seed = brightness, contrast, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, images, training: bool | None = None):
        """Cut images (n, stored, stored, c) to (n, side, side, c)."""
        count, stored = ops.shape(images)[0], images.shape[1]
        if training:
            seen = ops.image.affine_transform(
                images, self._drawn(count, stored), interpolation="bilinear", fill_mode="reflect"
            )
        else:
            seen = _middle(images, math.sqrt(self.zoom[0] * self.zoom[1]))
        if seen.shape[1] != self.side:
            seen = ops.image.resize(
                seen, (self.side, self.side), interpolation="bilinear", antialias=True
            )
        return self._lit(seen, count) if training else seen

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """Return (n, side, side, c)."""
        return (input_shape[0], self.side, self.side, input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        """Return what it takes to make the layer again."""
        config = {
            **super().get_config(), "side": self.side, "zoom": list(self.zoom),
            "shift": self.shift, "brightness": self.brightness, "contrast": self.contrast,
            "seed": self.seed,
        }  # fmt: skip
        config.pop("dtype", None)
        return config

    def _drawn(self, count, stored: int):
        """Draw where each pixel of what is seen lies in its image, (n, 8)."""
        low, high = (math.log(zoom) for zoom in self.zoom)
        scale = ops.exp(-self._uniform(count, low, high))
        angle = self._uniform(count, 0.0, 2 * math.pi)
        mirror = ops.where(self._uniform(count, -1.0, 1.0) > 0, 1.0, -1.0)
        across, along = scale * ops.cos(angle), scale * ops.sin(angle)
        margin = 0.5 * stored * self.shift * (1.0 - scale)
        dx, dy = (margin * self._uniform(count, -1.0, 1.0) for _ in range(2))
        # x of the image = a0 x + a1 y + a2 of what is seen, and so on, about the middle of both.
        middle = (stored - 1) / 2
        a0, a1, b0, b1 = across * mirror, -along, along * mirror, across
        a2, b2 = middle * (1.0 - a0 - a1) + dx, middle * (1.0 - b0 - b1) + dy
        none = ops.zeros_like(scale)
        return ops.stack([a0, a1, a2, b0, b1, b2, none, none], axis=1)

    def _lit(self, images, count):
        """Change brightness and contrast of each image."""
        mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
        share = self._uniform(count, 1.0 - self.contrast, 1.0 + self.contrast)
        added = self._uniform(count, -self.brightness, self.brightness)
        by_image = (-1, 1, 1, 1)
        return mean + ops.reshape(added, by_image) + (images - mean) * ops.reshape(share, by_image)

    def _uniform(self, count, low: float, high: float):
        return keras.random.uniform((count,), low, high, seed=self.seed_generator)


def _middle(images, zoom: float):
    """Cut out the middle of images, to the nearest whole number of pixels."""
    stored = images.shape[1]
    lost = round(stored * (1 - 1 / zoom) / 2)
    return images[:, lost : stored - lost, lost : stored - lost] if lost else images


def front(
    *, stored: int, channels: int, pixels: str, grey: bool, side: int, **view: Any
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Make the input and what the trunk sees of it, (n, side, side, 1 or channels).

    Raises
    ------
    ValueError
        If pixels are stored in no known way, or the view cannot be.
    """
    if pixels not in SCALES:
        raise ValueError(f"pixels must be one of {', '.join(SCALES)}. Got: {pixels!r}")
    images = keras.Input((stored, stored, channels), name=INPUT)
    x = layers.Rescaling(SCALES[pixels], name="scale", dtype="float32")(images)
    if grey and channels > 1:
        x = ops.mean(x, axis=-1, keepdims=True)
    return images, View(side, name="view", **view)(x)
