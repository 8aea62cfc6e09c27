"""Stamps as one image: pixels keep their numbers, and what shows nothing is refused."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.models.ganomaly.inputs import ImageError
from skysift.models.ganomaly.stamps import PLANES, SIDE, image_of


def pair(height: int = 63, width: int = 63, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(100, 9, (2, height, width)).astype(np.float32)


def test_template_and_difference_are_the_planes_and_the_rim_mirrors() -> None:
    template, difference = pair()
    image = image_of(template, difference)
    assert image.shape == (SIDE, SIDE, len(PLANES))
    assert image.dtype == np.float32
    np.testing.assert_array_equal(image[:63, :63, 0], template)
    np.testing.assert_array_equal(image[:63, :63, 1], difference)
    np.testing.assert_array_equal(image[63, :63, 0], template[62])
    np.testing.assert_array_equal(image[:63, 63, 1], difference[:, 62])


@pytest.mark.parametrize("shape", [(62, 63), (48, 63), (64, 64), (65, 70), (93, 40), (32, 32)])
def test_stamps_of_any_size_keep_their_middle(shape: tuple[int, int]) -> None:
    template, difference = pair(*shape)
    image = image_of(template, difference)
    assert image.shape == (SIDE, SIDE, 2)
    middle = template[shape[0] // 2 - 1 : shape[0] // 2 + 1, shape[1] // 2 - 1 : shape[1] // 2 + 1]
    found = image[SIDE // 2 - 2 : SIDE // 2 + 2, SIDE // 2 - 2 : SIDE // 2 + 2, 0]
    assert set(middle.ravel()) <= set(found.ravel())


def test_masked_and_infinite_pixels_have_no_number() -> None:
    template, difference = pair()
    template[:5] = -np.finfo(np.float32).max
    difference[3, 4] = np.inf
    image = image_of(template, difference)
    assert np.isnan(image[:5, :, 0]).all()
    assert np.isnan(image[..., 0]).sum() == 5 * SIDE
    assert np.isnan(image[3, 4, 1])
    assert np.isnan(image[..., 1]).sum() == 1


@pytest.mark.parametrize("plane", [0, 1])
@pytest.mark.parametrize("value", [0.0, 7.5, np.nan, np.inf, -np.finfo(np.float32).max])
def test_a_stamp_without_anything_on_it_is_blank(plane: int, value: float) -> None:
    stamps = pair()
    stamps[plane] = value
    with pytest.raises(ImageError) as error:
        image_of(*stamps)
    assert error.value.reason == "blank"


def test_stamps_that_do_not_belong_together_or_are_tiny_are_refused() -> None:
    template, difference = pair()
    for one, other in ((template, difference[:, :62]), (template[:31], difference[:31])):
        with pytest.raises(ImageError) as error:
            image_of(one, other)
        assert error.value.reason == "size"
