"""Noise and colours of simulated pictures: against the depth of the surveys, and real pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skysift.simulate.galaxies import Settings, make_galaxies
from skysift.simulate.galaxies.camera import View, add_noise, draw_view
from skysift.simulate.galaxies.survey import SURVEYS

REAL = Path(__file__).parents[3] / "../shared/data/galaxies/sdss_irg_64.npy"


@pytest.mark.parametrize("name", ["sdss", "decals", "ztf"])
def test_a_star_at_the_limit_has_a_signal_to_noise_of_five(name):
    survey = SURVEYS[name]
    image = np.zeros((3, 300, 300), np.float32)
    view = View(survey, 300, 4.0 * survey.pixel, survey.seeing, (0.0, 0.0))  # hardly resampled
    add_noise(image, view, rng=np.random.default_rng(1))
    for band, depth in enumerate(survey.depth):
        per_pixel = image[band].reshape(30, 10, 30, 10).sum(axis=(1, 3)).std() / 40.0
        sigma = survey.seeing * survey.sharpness[band] / 2.355 / survey.pixel
        noise = per_pixel * np.sqrt(4.0 * np.pi) * sigma
        assert 22.5 - 2.5 * np.log10(5.0 * noise) == pytest.approx(depth, abs=0.1)


def test_small_pixels_show_noise_in_blotches():
    survey = SURVEYS["sdss"]
    image = np.zeros((3, 200, 200), np.float32)
    add_noise(image, View(survey, 200, 0.1, 1.3, (0.0, 0.0)), rng=np.random.default_rng(1))
    neighbours = np.corrcoef(image[1, :, 1:].ravel(), image[1, :, :-1].ravel())[0, 1]
    assert neighbours > 0.8
    coarse = image[1].reshape(10, 20, 10, 20).sum(axis=(1, 3)).std()
    assert coarse == pytest.approx(survey.sky_noise[1] * 20 * 0.1 / survey.pixel, rel=0.25)


def test_bright_light_is_noisier():
    survey = SURVEYS["sdss"]
    image = np.zeros((3, 100, 100), np.float32)
    image[:, :, 50:] = 50.0
    clean = image.copy()
    add_noise(image, View(survey, 100, 0.396, 1.3, (0.0, 0.0)), rng=np.random.default_rng(2))
    noise = image - clean
    assert noise[1, :, 52:].std() > 2.0 * noise[1, :, :48].std()


def test_seeing_scatters_about_its_median():
    rng = np.random.default_rng(3)
    seeing = [draw_view(SURVEYS["sdss"], 64, 0.4, rng=rng).fwhm for _ in range(400)]
    assert np.median(seeing) == pytest.approx(SURVEYS["sdss"].seeing, rel=0.03)
    assert np.std(seeing) / np.mean(seeing) == pytest.approx(0.1, abs=0.02)


@pytest.mark.skipif(not REAL.is_file(), reason="the real galaxies are not beside the project")
def test_pictures_are_as_bright_as_real_ones():
    """Sky, its noise, and centres, by colour, within a factor that the eye hardly notices."""
    real = np.load(REAL).astype(float)
    settings = Settings(seed=1, size=64, pixel=0.396, mix={"elliptical": 1, "spiral": 2})
    ours = np.stack([g.picture for g in make_galaxies(settings, range(60))]).astype(float)
    for colour in range(3):
        sky, our_sky = (np.median(x[:, :6, :6, colour]) for x in (real, ours))
        assert abs(sky - our_sky) < 6.0
        centre, our_centre = (np.median(x[..., colour].max(axis=(1, 2))) for x in (real, ours))
        assert centre / our_centre == pytest.approx(1.0, abs=0.3)
