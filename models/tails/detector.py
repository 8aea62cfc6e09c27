"""A network at work: on whole frames in strips or tiles, and on stamps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from skysift.cores import on_cores, usable_cores
from skysift.models.tails import peaks, tiling
from skysift.models.tails._pixel_loops import blank_cells
from skysift.models.tails.inputs import Sky, measure, padded, planes, prepare
from skysift.models.tails.networks import INPUT, STRIDE, Maps
from skysift.models.tails.peaks import Detections
from skysift.models.tails.points import SHAPE, Points
from skysift.models.tails.second_look import SecondLook

if TYPE_CHECKING:
    import keras

STRIP = 512
"""Rows of a frame that are made small at a time; a multiple of `networks.SIDES`."""

AT_ONCE = 64
"""Stamps in one call."""

TILES_AT_ONCE = 4

NOTHING = np.float32(-30)
"""Logit of a cell without data."""


class Detector:
    """Finds comets with a network.

    Parameters
    ----------
    model : keras.Model
        From `networks.build`.
    network : mapping
        Its ``name`` and ``settings``.
    preprocessing : str
        How it wants its inputs, see `inputs.prepare`.
    channels : int
        3 or 2, see `inputs.IMAGES`.
    """

    def __init__(
        self, model: keras.Model, network: Mapping[str, Any], preprocessing: str, channels: int
    ) -> None:
        settings = network["settings"]
        self.channels = channels
        self._preprocessing = preprocessing
        self._side: int | None = settings.get("side")
        self._second: SecondLook | None = None
        if self._side is not None:
            self._whole = _traced(model)
            return
        if network["name"] == "two_looks":
            from skysift.models.tails.networks.two_looks import FINDER

            self._second = SecondLook(model, settings)
            model, settings = model.get_layer(FINDER), settings["finder"]
        from skysift.models.tails.networks.blocks import fold
        from skysift.models.tails.networks.heat_map import FRONT, FRONT_REACH, heat_map

        served = fold(model, heat_map(**{**settings, "folded": True}))
        small = served.get_layer(FRONT).output
        self._reach = FRONT_REACH
        self._whole = _traced(served)
        self._front = _traced(_part(served.input[INPUT], small))
        self._rest = _traced(_part(small, served.output))

    def frame(self, images: np.ndarray, threshold: float) -> tuple[Detections, np.ndarray]:
        """Find the comets of a frame of any size.

        Parameters
        ----------
        images : ndarray (h, w, 3 or 2), float32
            Aligned; NaN where there are no data.
        threshold : float
            Least score, in (0, 1), of the network itself.

        Returns
        -------
        found : Detections
        noise : ndarray (k,)
            Noise of a pixel there, in the last image's units.
        """
        images = images[..., : self.channels]
        sky = measure(images[None])
        least = self._second.gate if self._second else threshold
        found = self.places(images, sky, least)
        if self._second:
            shapes = Points(images, sky).shapes(found.x, found.y)
            score = self._second.scores([images] * len(found), found.x, found.y, shapes)
            found = peaks.join([found.scored(score).above(threshold)])
        return found, sky.noise_at(0, found.x, found.y)

    def places(self, images: np.ndarray, sky: Sky, threshold: float) -> Detections:
        """Find what the first network, or the only one, takes for comets.

        Parameters
        ----------
        images, threshold
            As for `frame`, of the channels that the network looks at.
        sky : Sky
            Of these images alone.
        """
        if self._side is None and self._preprocessing != "tails":
            return peaks.find(self._maps(images, sky), threshold)
        return self._by_tiles(images, threshold)

    def stamps(self, images: np.ndarray) -> tuple[Detections, np.ndarray]:
        """Find the likeliest comet of each of n stamps.

        Parameters
        ----------
        images : ndarray (n, h, w, 3 or 2), float32

        Returns
        -------
        found : Detections
            A row a stamp, in their order; all NaN where an image has no pixel with a number.
        noise : ndarray (n,)
        """
        parts = [images[i : i + AT_ONCE] for i in range(0, len(images), AT_ONCE)]
        answers = on_cores(self._some_stamps, parts, usable_cores())
        if not answers:
            return peaks.NONE, np.empty(0)
        columns = [np.concatenate(column) for column in zip(*answers, strict=True)]
        return Detections(*columns[:-1]), columns[-1]

    def _some_stamps(self, images: np.ndarray) -> tuple[np.ndarray, ...]:
        """Columns of `Detections`, and the noise."""
        images = images[..., : self.channels]
        if self._side is None:
            answer, good, sky = self._small(images)
            _blank(answer, images[..., 0])
            flat = answer.reshape(len(answer), -1, len(Maps))
            best = np.argmax(flat[..., Maps.HEAT], axis=1)
            row, column = np.divmod(best, answer.shape[2])
            found = peaks.decode(flat[np.arange(len(flat)), best], row, column)
            if self._second:
                found = found.scored(self._again(self._second, images, found, good))
        else:
            tiles, x, y = _in_the_middle(images, self._side)
            answer, good, sky = self._small(tiles)
            found = _of_tiles(answer, self._side).moved(-x, -y)
        columns = [found.score, found.x, found.y, found.sigma, found.brightness, found.size]
        noise = sky.noise[:, 0, 0, -1]
        return tuple(np.where(good, column, np.nan) for column in (*columns, noise))

    @staticmethod
    def _again(
        second: SecondLook, images: np.ndarray, found: Detections, good: np.ndarray
    ) -> np.ndarray:
        """Scores of stamps after a second look; what the first takes for nothing keeps its own."""
        score, (rows,) = found.score.copy(), np.nonzero(good & (found.score >= second.gate))
        unknown = np.zeros((len(rows), SHAPE), np.float32)
        score[rows] = second.scores(images[rows], found.x[rows], found.y[rows], unknown)
        return score

    def _small(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray, Sky]:
        """The network's answer to small images, which of them mean anything, and their sky."""
        ready = prepare(images, self._preprocessing)
        ready.planes[~ready.good] = 0  # what has no norm may be infinite
        return self._whole(ready.planes), ready.good, ready.sky

    def _maps(self, images: np.ndarray, sky: Sky) -> np.ndarray:
        """Answer of a heat map network for a frame (h/8, w/8, 6): in strips, then all at once."""
        height, binned = padded(images.shape[0]), self._preprocessing == "binned"
        small: dict[int, np.ndarray] = {}

        def one(start: int) -> None:
            first, end = max(0, start - self._reach), min(start + STRIP + self._reach, height)
            strip = planes(images[None, first:end], sky, first_row=first, binned=binned)
            cells = self._front(strip)[0]
            inner = slice((start - first) // STRIDE, (min(start + STRIP, height) - first) // STRIDE)
            small[start] = cells[inner]

        strips = list(range(0, height, STRIP))
        on_cores(one, strips, usable_cores())
        maps = self._rest(np.concatenate([small[start] for start in strips])[None])
        _blank(maps, images[None, ..., 0])
        return maps[0]

    def _by_tiles(self, images: np.ndarray, threshold: float) -> Detections:
        """Look at a frame tile by tile."""
        side = self._side or tiling.SIDE
        places = [
            (x, y)
            for y in tiling.starts(images.shape[0], side)
            for x in tiling.starts(images.shape[1], side)
        ]

        def some(first: int) -> list[Detections]:
            here = places[first : first + TILES_AT_ONCE]
            tiles = np.stack([tiling.cut(images, x, y, side) for x, y in here])
            answer, good, _ = self._small(tiles)
            if self._side is None:
                _blank(answer, tiles[..., 0])
                found = [peaks.find(one, threshold) for one in answer]
            else:
                found = [_of_tiles(one[None], side) for one in answer]
            return [
                one.above(threshold).moved(x, y)
                for one, sound, (x, y) in zip(found, good, here, strict=True)
                if sound
            ]

        parts = on_cores(some, range(0, len(places), TILES_AT_ONCE), usable_cores())
        return peaks.thin(peaks.join([peaks.NONE, *(one for part in parts for one in part)]))


def _part(entry: keras.KerasTensor, end: keras.KerasTensor) -> keras.Model:
    """Cut a part out of a network, sharing its weights."""
    import keras

    return keras.Model(entry, end)


def _traced(model: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """Compile a network of one input for images of whatever number and size."""
    import tensorflow as tf

    entry = model.input[INPUT] if isinstance(model.input, dict) else model.input
    shape = (None, *entry.shape[1:])
    named = isinstance(model.input, dict)

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32)])
    def call(images):
        return model({INPUT: images} if named else images, training=False)

    return lambda images: call(np.ascontiguousarray(images, np.float32)).numpy()


def _of_tiles(answer: np.ndarray, side: int) -> Detections:
    """Read answers (n, 3) of `tails_v1`."""
    nothing = np.full(len(answer), np.nan, np.float32)
    places = answer[:, 1:].astype(np.float64) * side
    return Detections(answer[:, 0], places[:, 0], places[:, 1], nothing, nothing, nothing)


def _blank(maps: np.ndarray, science: np.ndarray) -> None:
    """Let no score come from cells without data, in place.

    Parameters
    ----------
    maps : ndarray (n, cells down, cells across, 6), float32
    science : ndarray (n, h, w), float32
        NaN where there are no data.
    """
    blank_cells(maps[..., Maps.HEAT], science, STRIDE, NOTHING)


def _in_the_middle(images: np.ndarray, side: int) -> tuple[np.ndarray, int, int]:
    """Set small images (n, h, w, c) into tiles without data; also say at which column and row.

    Raises
    ------
    ValueError
        If they are larger than the tiles.
    """
    height, width = images.shape[1:3]
    if max(height, width) > side:
        raise ValueError(
            f"this network looks at stamps of {side} px at most. Got: {height} × {width}; use "
            "`detect` for frames"
        )
    x, y = (side - width) // 2, (side - height) // 2
    tiles = np.full((len(images), side, side, images.shape[3]), np.nan, np.float32)
    tiles[:, y : y + height, x : x + width] = images
    return tiles, x, y
