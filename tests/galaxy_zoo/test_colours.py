"""Pictures out of three bands: against the published formula, by hand."""

from __future__ import annotations

import numpy as np

from skysift.galaxy_zoo.colours import dr2_picture, sdss_picture


def test_the_surveys_stretches_are_bounded_and_rise():
    flux = np.linspace(-0.2, 400.0, 500)
    grey = np.stack([flux, flux, flux])[:, None, :]
    for stretch in (sdss_picture, dr2_picture):
        picture = stretch(grey)
        assert picture.shape == (1, 500, 3)
        assert picture.dtype == np.uint8
        assert (np.diff(picture[0, :, 1].astype(int)) >= 0).all()
        assert picture[0, -1].min() > 200


def test_red_is_the_reddest_band():
    bands = np.zeros((3, 1, 3))
    bands[0, 0, 0] = bands[1, 0, 1] = bands[2, 0, 2] = 0.5
    for stretch in (sdss_picture, lambda b: dr2_picture(b, desaturate=False)):
        assert stretch(bands)[0].argmax(axis=-1).tolist() == [2, 1, 0]


def test_the_dr2_stretch_by_hand():
    """One pixel through the formula of the docstring, in double precision."""
    bands = np.array([0.1, 0.2, 0.4])
    stretched = np.arcsinh(bands / np.array([0.008, 0.014, 0.019]))
    low, high = np.arcsinh(-0.5), np.arcsinh(300.0)
    x = ((stretched - low) / (high - low))[::-1]
    a = x.mean()
    w = np.sin(np.pi / 2 * (1 - min(1, (x / a).max() / 2.5)))
    wanted = x * w + a * (1 - w) + a * (1 - w) ** 2 * x
    assert dr2_picture(bands[:, None, None])[0, 0].tolist() == (wanted * 255).astype(int).tolist()


def test_what_is_no_number_is_dark():
    bands = np.full((3, 2, 2), np.nan)
    bands[:, 0, 0] = 1.0
    assert dr2_picture(bands)[1, 1].max() < 30
