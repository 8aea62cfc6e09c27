"""Swapped stamps: from images whose truth is known, science = a · template ± difference + noise."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from skysift.models.btsbot.inputs import triplets
from skysift.models.btsbot.swap import swapped

ORDERS = list(permutations(range(3)))[1:]


def star(flux: float, x: float = 31, y: float = 31) -> np.ndarray:
    rows, columns = np.indices((63, 63))
    return flux * np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / 4)


def alert(rng: np.random.Generator, flux: float) -> list[np.ndarray]:
    """A transient of some flux on a galaxy, with the sky under science and template."""
    sky = star(300, 33, 30) + star(2000, 12, 50)
    template = 100 + 0.8 * sky + rng.normal(0, 1, (63, 63))
    science = 220 + sky + star(flux) + rng.normal(0, 6, (63, 63))
    difference = science - 220 - (template - 100) / 0.8
    return [part.astype(np.float32) for part in (science, template, np.sign(flux) * difference)]


def prepared(rng: np.random.Generator, flux: float, order=(0, 1, 2), count: int = 20):
    images = [[alert(rng, flux)[i] for i in order] for _ in range(count)]
    return triplets(images, preprocessing="centred")[0]


@pytest.mark.parametrize("flux", [-400, -5, 5, 400, 4000])
def test_stamps_in_order_raise_no_alarm(rng, flux):
    assert not swapped(prepared(rng, flux), np.full(20, float(flux > 0))).any()


@pytest.mark.parametrize("order", ORDERS)
def test_every_other_order_is_noticed(rng, order):
    assert swapped(prepared(rng, 400, order), np.ones(20)).all()


@pytest.mark.parametrize("order", [order for order in ORDERS if order != (1, 0, 2)])
def test_of_what_faded_or_does_not_say_the_misplaced_difference_is_noticed(rng, order):
    triplet = prepared(rng, -400, order)
    assert swapped(triplet, np.zeros(20)).all()
    assert swapped(triplet, np.full(20, np.nan)).all()


def test_what_is_weakly_determined_raises_no_alarm(rng):
    flat = rng.normal(0, 1, (20, 63, 63, 3)).astype(np.float32)
    assert not swapped(flat, np.ones(20)).any()
    flat[..., 1] = flat[..., 2]  # no fit at all
    assert not swapped(flat, np.ones(20)).any()


def test_the_scale_of_a_stamp_does_not_matter(rng):
    triplet = prepared(rng, 400, (1, 0, 2))
    assert swapped(triplet * np.array([1e-3, 1, 50], np.float32), np.ones(20)).all()


def test_no_alerts_no_alarm():
    assert swapped(np.empty((0, 63, 63, 3), np.float32), np.empty(0)).shape == (0,)
