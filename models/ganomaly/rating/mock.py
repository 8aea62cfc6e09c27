"""Simulated images as the survey would have taken them: seeing, pixels, sky, JPEG.

A network sees at once that a simulation has no noise, and rates it by that. So simulations are
observed before they are rated again: blurred by the seeing, brought to the survey's pixels, put on
a sky with the level and noise of the reference's own, and compressed as its images were.

Of pictures, whose numbers were stretched before, all this is done after the stretch, and not before
as in nature. The noise of the galaxies' own light is left out.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter, uniform_filter

from skysift.models._config_file import read_tables
from skysift.models._settings import check_keys, from_table, number
from skysift.models.ganomaly.inputs import MAD, ImageError, numbers, resized
from skysift.models.ganomaly.rating.jpeg import compressed
from skysift.models.ganomaly.sources import Found, Images

READY_MADE = Path(__file__).with_name("mocks")
"""Folder of settings that come with the package, `.toml`."""

BORDER = 8
"""An image's sky is measured in a frame as wide as this part of its shorter side."""

SMOOTH = 5
"""Side of the square whose mean counts as light without noise [px]."""

SIGMA = 1 / (2 * np.sqrt(2 * np.log(2)))
"""Standard deviation of a Gaussian over its full width at half maximum."""


@dataclass(frozen=True)
class MockSettings:
    """How simulated images are observed.

    Attributes
    ----------
    pixel : float
        Of the reference's images [arcsec].
    candidate_pixel : float
        Of the candidates' images, as they are stored [arcsec]; 0: they show as much of the sky as
        the reference's.
    psf : float
        Full width at half maximum of the seeing, a Gaussian [arcsec]; 0 for none.
    sky : bool
        Give images the reference's sky: its level, and so much noise as they lack.
    jpeg : int
        Quality of the compression, 1 to 95; 0 for none. Of pictures only.
    seed : int
        Of the noise.
    """

    pixel: float = number(1.0, above=0)
    candidate_pixel: float = number(0.0, low=0)
    psf: float = number(0.0, low=0)
    sky: bool = True
    jpeg: int = number(0, low=0, high=95)
    seed: int = number(2, low=0)


@dataclass(frozen=True)
class Sky:
    """The sky of a set of images, as medians over images.

    Attributes
    ----------
    side : int
        Shorter side of an image [px].
    level, noise : ndarray (c,), float64
        Of each channel, in the numbers of `inputs.numbers`.
    """

    side: int
    level: np.ndarray
    noise: np.ndarray

    @classmethod
    def of(cls, images: Iterable[np.ndarray]) -> Sky:
        """Measure it.

        Parameters
        ----------
        images : iterable of ndarray (h, w, c)
            From `inputs.numbers`; one at least.
        """
        measured = [(min(image.shape[:2]), *_sky(image)) for image in images]
        sides, levels, noises = zip(*measured, strict=True)
        return cls(int(np.median(sides)), np.median(levels, axis=0), np.median(noises, axis=0))

    @property
    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {"side": self.side, "level": self.level.tolist(), "noise": self.noise.tolist()}


@dataclass(frozen=True)
class Observed:
    """Images of a source as the survey would have taken them; an `Images`.

    Attributes
    ----------
    source : Images
    settings : MockSettings
    sky : Sky
        Of the reference.
    scale : str
        How numbers are meant; see `inputs.prepare`.
    """

    source: Images
    settings: MockSettings
    sky: Sky
    scale: str

    def images(self, channels: int) -> Iterator[Found]:
        """Read all images and observe them; what cannot be used stays as it is."""
        for found in self.source.images(channels):
            if isinstance(found.image, ImageError):
                yield found
                continue
            try:
                image = self.one(
                    found.name, numbers(found.image, channels=channels, scale=self.scale)
                )
            except ImageError as error:
                yield Found(found.name, found.label, error)
            else:
                yield Found(found.name, found.label, image)

    def again(self, names: Collection[str], channels: int) -> dict[str, np.ndarray]:
        """Read some images again and observe them; see `Source.again`."""
        found = self.source.again(names, channels)
        return {
            name: self.one(name, numbers(image, channels=channels, scale=self.scale))
            for name, image in found.items()
        }

    def pieces(self, size: int) -> list[Images]:
        """Cut into parts; see `Source.pieces`."""
        return [replace(self, source=part) for part in self.source.pieces(size)]

    def one(self, name: str, image: np.ndarray) -> np.ndarray:
        """Observe an image.

        Parameters
        ----------
        name : str
            Its noise follows from this and the seed alone.
        image : ndarray (h, w, c), float32
            From `inputs.numbers`.

        Returns
        -------
        ndarray (side, side, c)
            uint8 if it was compressed, else float32.
        """
        rng = np.random.default_rng([self.settings.seed, zlib.crc32(name.encode())])
        seen = self._on_pixels(self._blurred(image))
        if self.settings.sky:
            seen = self._under_sky(seen, rng)
        if self.scale == "range":
            seen = np.clip(seen, 0, 1)
        if not self.settings.jpeg:
            return seen
        return compressed(np.rint(seen * 255).astype(np.uint8), self.settings.jpeg)

    def _pixel(self, image: np.ndarray) -> float:
        """Return the size of an image's pixels [arcsec]."""
        if self.settings.candidate_pixel:
            return self.settings.candidate_pixel
        return self.settings.pixel * self.sky.side / min(image.shape[:2])

    def _blurred(self, image: np.ndarray) -> np.ndarray:
        if not self.settings.psf:
            return image
        width = SIGMA * self.settings.psf / self._pixel(image)
        return gaussian_filter(image, (width, width, 0), mode="nearest")

    def _on_pixels(self, image: np.ndarray) -> np.ndarray:
        """Bring an image to the reference's pixels and size; what lies beyond it is its sky."""
        short = min(image.shape[:2])
        wanted = round(short * self._pixel(image) / self.settings.pixel)
        if not 1 <= wanted <= 32 * self.sky.side:
            raise ImageError("size", f"it would be {wanted} px wide on the reference's pixels")
        seen, side = resized(image, wanted), self.sky.side
        if wanted >= side:
            cut = (wanted - side) // 2
            return seen[cut : cut + side, cut : cut + side]
        whole = np.broadcast_to(_sky(image)[0], (side, side, image.shape[2])).astype(np.float32)
        place = (side - wanted) // 2
        whole[place : place + wanted, place : place + wanted] = seen
        return whole

    def _under_sky(self, image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        level, noise = _sky(image)
        lacking = np.sqrt(np.maximum(self.sky.noise**2 - noise**2, 0))
        added = self.sky.level - level + rng.normal(0, 1, image.shape) * lacking
        return (image + added).astype(np.float32)


def read_mock(source: str | os.PathLike[str] | Mapping[str, Any]) -> MockSettings:
    """Read settings.

    Parameters
    ----------
    source : path-like or mapping
        A TOML file, the name of a ready-made one (``sky``, ``sdss``), or what such a file holds.

    Raises
    ------
    ConfigError
        Which names the key, the rule, the value and the nearest known key.
    """
    tables = read_tables(source, READY_MADE)
    check_keys(tables, ("mock",), "the file of a mock observation")
    return from_table(MockSettings, "mock", tables.get("mock", {}))


def _sky(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return level and noise of each channel in the frame around an image's middle.

    A galaxy's outskirts fall off slowly; noise is what is left when the image, smoothed, is taken
    off.
    """
    width = max(1, min(image.shape[:2]) // BORDER)
    rim = SMOOTH // 2  # there the smoothed image knows one side only
    rough = (image - uniform_filter(image, (SMOOTH, SMOOTH, 1)))[rim:-rim, rim:-rim]
    rough = rough[_frame(rough, width)]
    noise = MAD * np.median(np.abs(rough - np.median(rough, axis=0)), axis=0)
    level = np.median(image[_frame(image, width)], axis=0)
    return level.astype(np.float64), noise / np.sqrt(1 - 1 / SMOOTH**2)


def _frame(image: np.ndarray, width: int) -> np.ndarray:
    edge = np.ones(image.shape[:2], bool)
    edge[width:-width, width:-width] = False
    return edge
