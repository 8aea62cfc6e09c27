"""From light above the atmosphere to a picture: seeing, sky, noise, colours."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from functools import cache

import galsim
import numpy as np
import scipy.fft
from PIL import Image

from skysift.galaxy_zoo.colours import dr2_picture, sdss_picture
from skysift.galaxy_zoo.stamps import stamp_picture
from skysift.simulate.galaxies import _seeing_loops
from skysift.simulate.galaxies.survey import Survey

RIM = 16
"""Pixels drawn around a picture and then cut off, so that blurring does not wrap around."""
SHARPEST = 2.0
"""Least width of a star [px]: pictures whose pixels are larger were averaged over them."""
MOFFAT_BETA = 3.5
GAIN = 4.0
"""Photons for the variance of a nanomaggy, in units of the sky's: galaxies are noisy themselves."""
IN_BAND = (0.42, 0.48, 0.10)
"""Shares of alerts in g, r and i."""
JPEG = 92
"""Quality that surveys hand their pictures out with."""

_TABLE_STEP, _TABLE_END = 0.02, 40.0

Stars = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class View:
    """How one picture was taken.

    Attributes
    ----------
    survey : Survey
    side : int
        Of the picture [px].
    pixel : float
        Width of one of its pixels [arcsec].
    fwhm : float
        Seeing in r, with what the pixels add [arcsec].
    shear : (g1, g2)
        How stars are drawn out.
    band : int or None
        The one that the picture shows; all three if None.
    """

    survey: Survey
    side: int
    pixel: float
    fwhm: float
    shear: tuple[float, float]
    band: int | None = None

    @property
    def canvas_side(self) -> int:
        """Side of a canvas with its rim [px]."""
        return int(scipy.fft.next_fast_len(self.side + 2 * RIM, real=True))

    @property
    def widths(self) -> np.ndarray:
        """Seeing by band [px]."""
        widths = self.fwhm / self.pixel * np.array(self.survey.sharpness)
        return np.hypot(widths, SHARPEST * np.exp(-(widths**2) / 8.0))

    @property
    def sky_noise(self) -> np.ndarray:
        """Standard deviation of the sky in a pixel, were it not for resampling [nanomaggies]."""
        return self.survey.sky_noise * (self.pixel / self.survey.pixel)


def draw_view(survey: Survey, side: int, pixel: float, *, rng: np.random.Generator) -> View:
    """Draw the conditions of a picture."""
    fwhm = survey.seeing * math.exp(rng.normal(0.0, survey.seeing_scatter))
    g1, g2 = rng.normal(0.0, 0.02, 2)
    band = None if survey.stamps is None else int(rng.choice(3, p=IN_BAND))
    return View(survey, side, pixel, fwhm, (g1, g2), band)


def expose(canvas: np.ndarray, stars: Stars, view: View) -> np.ndarray:
    """Light as the seeing blurs it, without the rim, and stars.

    Parameters
    ----------
    canvas : ndarray (3, canvas_side, canvas_side) float32
        [nanomaggies per pixel]
    stars : x, y (n,) and flux (n, 3)
        Places in the picture [px], fluxes [nanomaggies].
    view : View

    Returns
    -------
    ndarray (3, side, side) float32
    """
    side = canvas.shape[1]
    spectrum = scipy.fft.rfft2(canvas)
    spectrum *= _seeing_loops.transfer(psf_table(), _TABLE_STEP, side, view.widths, view.shear)
    image = scipy.fft.irfft2(spectrum, (side, side))
    first = (side - view.side) // 2
    image = np.ascontiguousarray(image[:, first : first + view.side, first : first + view.side])
    _seeing_loops.draw_stars(
        image, *stars, view.widths, 0.05 * view.sky_noise, MOFFAT_BETA, view.shear
    )
    return image


def add_noise(image: np.ndarray, view: View, *, rng: np.random.Generator) -> None:
    """Add the noise of sky and source, as it is after resampling, to an image (3, side, side)."""
    survey = view.survey
    zoom = view.pixel / survey.pixel
    sky = view.sky_noise.astype(np.float32)[:, None, None]
    noise = rng.standard_normal(image.shape, np.float32)
    # Below a sky's noise of light there is no more noise; ten times of it add as much again.
    noise *= np.sqrt(sky**2 + np.maximum(image, 0.0) * sky * zoom / GAIN)
    spread = 0.16 + 0.16 / zoom**2  # variance [px²] that resampling blurs noise by
    times = math.ceil(spread / 0.4)
    _seeing_loops.smooth(noise, 0.5 * spread / times, times)
    image += noise


def picture(image: np.ndarray, view: View) -> np.ndarray:
    """Colours as the survey shows them, or one band in grey, (side, side, 3) uint8."""
    if view.band is not None:
        return np.repeat(stamp_picture(image[view.band])[..., None], 3, axis=-1)
    per_pixel = image * np.float32((view.survey.pixel / view.pixel) ** 2)
    if view.survey.name == "sdss":
        return _compressed(sdss_picture(per_pixel))
    return _compressed(dr2_picture(per_pixel))


@cache
def psf_table() -> np.ndarray:
    """Fourier transform of a Moffat profile of unit width, from 0 on in steps."""
    star = galsim.Moffat(beta=MOFFAT_BETA, fwhm=1.0, flux=1.0)
    steps = np.arange(0.0, _TABLE_END, _TABLE_STEP)
    return np.array([star.kValue(k, 0.0).real for k in steps])


def _compressed(rgb: np.ndarray) -> np.ndarray:
    """A picture after it was a JPEG."""
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=JPEG)
    return np.asarray(Image.open(file))
