"""Bring an image onto the pixels of another one: reproject, with a WCS that costs little.

`reproject` asks the two WCS where each pixel lies, which for nine million of them takes longer than
the search in a frame. Here they are asked at every `STEP`-th pixel, and `_Plane` tells reproject
what lies between.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from astropy.units import Quantity
from astropy.wcs import WCS, NoConvergence
from astropy.wcs.wcsapi import BaseLowLevelWCS, HighLevelWCSWrapper
from scipy import ndimage

from skysift.cores import on_cores, usable_cores

STEP = 32
"""Pixels from one place to the next at which the map between two images is computed."""

STRIP = 8 * STEP
"""Rows that are made at a time: what bounds the memory."""

REACH = 16
"""Rows beyond a strip's own that a cubic spline needs: what lies farther counts less than 1e-9."""

LOST = 0.01
"""Weight of missing pixels in an interpolated one that makes it missing too."""

MISSING_LIBRARY = (
    "images are aligned by the library reproject, which is not installed: "
    'pip install "skysift[frames]"'
)


def align(image: np.ndarray, world: WCS, target: WCS, shape: tuple[int, int]) -> np.ndarray:
    """Bring an image onto other pixels, by cubic splines.

    The way from pixel to pixel, distortion included, goes on linearly between every `STEP`-th one;
    ZTF's bends by less than 1e-3 px over that distance.

    Parameters
    ----------
    image : ndarray (h0, w0), float32
        NaN where there are no data; so are pixels next to them.
    world, target : astropy.wcs.WCS
        Of the image, and of the pixels wanted.
    shape : (h, w)

    Returns
    -------
    ndarray (h, w), float32
        Flux a pixel: a source has as much of it as before, also where the new pixels are larger.
        NaN beyond the image.

    Raises
    ------
    ModuleNotFoundError
        If reproject is not installed.
    """
    route = _route(world, target, shape)
    known = np.isfinite(image)
    filled = np.where(known, image, np.nanmedian(image) if known.any() else 0.0)
    aligned = np.full(shape, np.nan, dtype=np.float32)

    def one(start: int) -> None:
        end = min(start + STRIP, shape[0])
        part = route.rows(start, end)
        first, last = part.needs(image.shape[0])
        if last - first < 2:
            return
        plane = part.moved(-first)
        cells = (end - start, shape[1])
        strip = _resampled(filled[first:last], plane, cells, order="bicubic") * plane.area(cells)
        if not known[first:last].all():
            lost = _resampled((~known[first:last]).astype(float), plane, cells, order="bilinear")
            strip[~(lost <= LOST)] = np.nan
        aligned[start:end] = strip

    on_cores(one, range(0, shape[0], STRIP), usable_cores())
    return aligned


@dataclass(frozen=True)
class _Route:
    """From pixels to those of another image.

    Attributes
    ----------
    x, y : ndarray (j, i)
        Column and row in the other image, at every `STEP`-th pixel.
    ratio : ndarray (j, i)
        Pixels of the other image that one covers.
    """

    x: np.ndarray
    y: np.ndarray
    ratio: np.ndarray

    def rows(self, start: int, end: int) -> _Route:
        """The part for some rows; `start` is a multiple of `STEP`."""
        part = slice(start // STEP, -(-end // STEP) + 1)
        return _Route(self.x[part], self.y[part], self.ratio[part])

    def needs(self, height: int) -> tuple[int, int]:
        """First row of the other image that is needed, and the one behind the last."""
        rows = self.y[np.isfinite(self.y)]
        if not len(rows):
            return 0, 0
        first, last = np.floor(rows.min()) - REACH, np.ceil(rows.max()) + REACH + 1
        return int(np.clip(first, 0, height)), int(np.clip(last, 0, height))

    def moved(self, rows: int) -> _Route:
        """The same to an image whose rows are counted otherwise."""
        return _Route(self.x, self.y + rows, self.ratio)

    def at(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Column and row in the other image."""
        where = np.stack([np.asarray(y) / STEP, np.asarray(x) / STEP])
        across, down = (
            ndimage.map_coordinates(nodes, where, order=1, mode="nearest")
            for nodes in (self.x, self.y)
        )
        return across, down

    def area(self, shape: tuple[int, int]) -> np.ndarray:
        """Pixels of the other image that each of these covers, (h, w)."""
        places = np.meshgrid(*(np.arange(n) / STEP for n in shape), indexing="ij")
        return ndimage.map_coordinates(self.ratio, places, order=1, mode="nearest")


def _route(world: WCS, target: WCS, shape: tuple[int, int]) -> _Route:
    down, across = (np.arange(-(-length // STEP) + 2) * STEP for length in shape)
    columns, rows = np.meshgrid(across, down)
    sky = target.all_pix2world(columns.ravel(), rows.ravel(), 0)
    places = _places(world, sky)
    x, y = (place.reshape(columns.shape) for place in places)
    slopes = [np.gradient(place, STEP, edge_order=2) for place in (x, y)]
    (x_down, x_across), (y_down, y_across) = slopes
    return _Route(x, y, np.abs(x_across * y_down - x_down * y_across))


def _places(world: WCS, sky: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Pixels of places on the sky; somewhere far away, or NaN, where an image does not reach."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            return np.array(world.all_world2pix(*sky, 0))
        except NoConvergence as error:  # so far off that the distortion means nothing there
            return error.best_solution.T


def _resampled(
    image: np.ndarray, route: _Route, shape: tuple[int, int], *, order: str
) -> np.ndarray:
    """Values of an image at the end of a route, float64 (h, w); NaN beyond it."""
    try:
        from reproject import reproject_interp
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(MISSING_LIBRARY, name=error.name) from None
    return reproject_interp(
        (image, HighLevelWCSWrapper(_Plane())), HighLevelWCSWrapper(_Plane(route)),
        shape_out=shape, order=order, roundtrip_coords=False, return_footprint=False,
    )  # fmt: skip


class _Plane(BaseLowLevelWCS):
    """A WCS whose world is the plane of an image's pixels: of its own, or at the end of a route."""

    pixel_n_dim = world_n_dim = 2
    world_axis_physical_types = (None, None)
    world_axis_units = ("pix", "pix")
    world_axis_object_components = (("x", 0, "value"), ("y", 0, "value"))

    def __init__(self, route: _Route | None = None) -> None:
        self._route = route

    @property
    def world_axis_object_classes(self) -> dict:
        """What astropy makes of the coordinates."""
        return {name: (Quantity, (), {"unit": "pix"}) for name in ("x", "y")}

    def pixel_to_world_values(self, *pixels):
        """Column and row in the world's image."""
        return pixels if self._route is None else self._route.at(*pixels)

    def world_to_pixel_values(self, *places):
        """Column and row; the world's own image only."""
        return places
