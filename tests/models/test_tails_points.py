"""How sources differ from points, by the frame's own stars: made-up ones of a known width."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.models.tails.inputs import measure
from skysift.models.tails.points import RINGS, SHAPE, Points

NOISE, SKY = 5.0, 300.0
SIGNAL, RING = 1, slice(2, 1 + len(RINGS))


def add(image, x, y, flux, sigma):
    """Add a Gaussian of `sigma` px."""
    rows, columns = np.indices(image.shape)
    square = (columns - x) ** 2 + (rows - y) ** 2
    image += (flux / (2 * np.pi * sigma**2) * np.exp(-square / (2 * sigma**2))).astype(np.float32)


def frame(rng, *, stars=30, sigma=1.1, shape=(320, 400)):
    """A frame of stars that do not stand too near to each other, and a difference of noise."""
    images = rng.normal(0, NOISE, (*shape, 3)).astype(np.float32)
    images[..., :2] += SKY
    places = [(x, y) for x in range(30, shape[1] - 30, 40) for y in range(30, shape[0] - 30, 40)]
    for x, y in places[:stars]:
        at = np.array([x, y]) + rng.uniform(-0.5, 0.5, 2)
        add(images[..., 0], *at, rng.uniform(8e3, 6e4), sigma)
    return images


def shapes(images, x, y):
    found = Points(images, measure(images[None])).shapes(np.array([x]), np.array([y]))
    assert found.shape == (1, SHAPE)
    assert found.dtype == np.float32
    return found[0]


@pytest.mark.parametrize("flux", [600.0, 4000.0])
@pytest.mark.parametrize("sigma", [1.1, 2.0])
def test_a_point_leaves_little_whatever_the_seeing(flux, sigma, rng):
    images = frame(rng, sigma=sigma)
    add(images[..., 2], 151.3, 170.8, flux, sigma)
    told = shapes(images, 152, 170)
    signal = flux / NOISE / np.sqrt(4 * np.pi * sigma**2)
    assert told[0] == 1
    np.testing.assert_allclose(np.sinh(told[SIGNAL]), signal, rtol=0.15, atol=2)
    # Moving a star that is hardly wider than a pixel costs a few parts in a hundred.
    assert (np.abs(np.sinh(told[RING])) < 3.5 + 0.03 * signal).all()


def test_what_is_wider_leaves_a_ring(rng):
    images = frame(rng)
    add(images[..., 2], 151.3, 170.8, 3000.0, 1.1)
    point = shapes(images, 151, 171)
    add(images[..., 2], 151.3, 170.8, 2500.0, 3.5)
    comet = shapes(images, 151, 171)
    assert np.sinh(comet[RING])[1:3].min() > 8
    assert (comet[RING] > point[RING])[1:3].all()


def test_the_same_source_is_a_point_or_not_by_the_stars_of_its_frame(rng):
    sharp, soft = frame(rng, sigma=1.1), frame(rng, sigma=1.8)
    told = []
    for images in (sharp, soft):
        add(images[..., 2], 151.3, 170.8, 5000.0, 1.8)
        told.append(np.sinh(shapes(images, 151, 171)[RING][1]))
    assert told[0] > 15 > 5 > abs(told[1])


def test_nothing_is_told_where_nothing_is_known(rng):
    images = frame(rng, stars=3)
    add(images[..., 2], 151.3, 170.8, 3000.0, 1.1)
    assert not shapes(images, 151, 171).any()
    images = frame(rng)
    images[160:185, 140:165, 2] = np.nan
    assert not shapes(images, 151, 171).any()
    assert not shapes(images, 5000, -70).any()
    nothing = Points(images, measure(images[None])).shapes(np.empty(0), np.empty(0))
    assert nothing.shape == (0, SHAPE)


def test_saturated_and_crowded_stars_are_no_stars(rng):
    images = frame(rng)
    alone = shapes(add_point(images), 151, 171)
    worse = frame(np.random.default_rng(9))
    for x in range(30, 370, 40):
        worse[26:35, x - 4 : x + 5, 0] = np.nan  # saturated
        add(worse[..., 0], x + 8, 70, 3e4, 3.0)  # crowded, and wide
    told = shapes(add_point(worse), 151, 171)
    np.testing.assert_allclose(told[SIGNAL], alone[SIGNAL], atol=0.3)


def add_point(images):
    add(images[..., 2], 151.3, 170.8, 3000.0, 1.1)
    return images
