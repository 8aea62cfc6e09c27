"""The unchanging part of a stamp: what is there, ready to be drawn in any seeing."""

from __future__ import annotations

import numpy as np

from skysift.simulate.images import (
    PIXEL_SCALE,
    Blur,
    render_glow,
    render_round,
    sersic_image,
)
from skysift.simulate.neighbours import Neighbours
from skysift.simulate.target import Target, flux_of

SIZE = 63
"""Height and width of a stamp [px]."""
CENTRE = SIZE // 2
"""Pixel in which the target lies."""
MARGIN = 8
"""Rim [px] drawn around galaxies and then cut off, so that blurring does not wrap around."""
SHAPELESS = 20.0
"""Galaxies fainter than this r magnitude are drawn round."""
REACH = 50.0
"""Galaxies further than this [arcsec] do not reach into a stamp."""
FRAME = 38.0
"""Stars further than this [arcsec] in either direction do not."""
INVISIBLE = 22.2
"""Stars fainter than this r magnitude drown in the noise and are not drawn."""


class Scene:
    """Stars and galaxies around a target, and the target's own light in the reference.

    As in ZTF's stamps columns count to the west and rows to the south; see `alerts.stamp_sky`.

    Parameters
    ----------
    target : Target
        What to draw; its changing light is not part of the scene.
    """

    def __init__(self, target: Target) -> None:
        near = target.neighbours[target.neighbours.distance < REACH]
        shaped = ~near.is_star & (near.mags[:, 1] < SHAPELESS)
        self._galaxies = near[shaped]
        framed = np.maximum(np.abs(near.east), np.abs(near.north)) < FRAME
        round_ones = near[~shaped & framed & (near.mags[:, 1] < INVISIBLE)]
        self._x = np.append(0.0, -round_ones.east) / PIXEL_SCALE
        self._y = np.append(0.0, -round_ones.north) / PIXEL_SCALE
        self._width = np.append(0.0, 0.6 * round_ones.radius) / PIXEL_SCALE
        own = flux_of(target.reference_mag)[None, :]
        self._flux = np.concatenate([own, flux_of(round_ones.mags[:, :3])])
        self._blurs: dict[int, Blur] = {}
        self._extended = target.extended

    def render(
        self, fid: int, fwhm: float, centre: tuple[float, float], changing: float = 0.0
    ) -> np.ndarray:
        """Draw the scene without sky or noise.

        Parameters
        ----------
        fid : int
            Filter: 1 g, 2 r, 3 i.
        fwhm : float
            Seeing [px].
        centre : (x, y)
            Place of the target [px].
        changing : float
            Flux of the target above its light in the reference.

        Returns
        -------
        ndarray (63, 63)
            Fluxes in units of `ZEROPOINT`.
        """
        flux = self._flux[:, fid - 1].copy()
        if self._extended is None:
            flux[0] += changing
        x, y = self._x + centre[0], self._y + centre[1]
        image = render_round((SIZE, SIZE), x, y, flux, self._width, fwhm)
        if len(self._galaxies):
            offset = (centre[0] - CENTRE, centre[1] - CENTRE)
            image += self._blur(fid)(fwhm, offset)[MARGIN:-MARGIN, MARGIN:-MARGIN]
        if self._extended is not None and changing:
            glow = self._extended.glow.moved(*centre)
            image += changing * render_glow((SIZE, SIZE), glow, fwhm)
        return image

    def _blur(self, fid: int) -> Blur:
        if fid not in self._blurs:
            self._blurs[fid] = Blur(_galaxy_image(self._galaxies, fid))
        return self._blurs[fid]


def _galaxy_image(galaxies: Neighbours, fid: int) -> np.ndarray:
    """All shaped galaxies around a target in the central pixel, with a rim."""
    size = SIZE + 2 * MARGIN
    image = np.zeros((size, size))
    for row in range(len(galaxies)):
        unit = sersic_image(
            size,
            CENTRE + MARGIN - galaxies.east[row] / PIXEL_SCALE,
            CENTRE + MARGIN - galaxies.north[row] / PIXEL_SCALE,
            radius=galaxies.radius[row] / PIXEL_SCALE,
            index=galaxies.sersic[row],
            axis_ratio=galaxies.axis_ratio[row],
            angle=galaxies.angle[row],
        )
        image += unit * flux_of(galaxies.mags[row, fid - 1])
    return image
