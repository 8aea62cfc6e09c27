"""Odd stamps: each oddity does what it is called, to the stamps it says, and to nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.simulate import simulate_night
from skysift.simulate.oddities import ODDITIES, with_oddity
from tests.simulate.test_stamps import CUTOUTS, open_stamp

SIDE = 63
NOISE = np.array([9.0, 2.0, 9.0])
SKY = np.array([300.0, 300.0, 0.0])


def stamps(seed: int = 1, lost_rows: int = 0) -> list[np.ndarray]:
    """Sky and noise, without data in the first rows."""
    rng = np.random.default_rng(seed)
    images = (rng.standard_normal((SIDE, SIDE, 3)) * NOISE + SKY).astype(np.float32)
    images[:lost_rows] = np.nan
    return [np.ascontiguousarray(images[..., i]) for i in range(3)]


def changed(name: str, seed: int = 1, **settings: int) -> tuple[list, list]:
    """Stamps before, and what an oddity has added to them."""
    before = stamps(**settings)
    after = with_oddity(before, name, rng=np.random.default_rng(seed))
    return before, [b - a for a, b in zip(before, after, strict=True)]


def test_no_oddity_changes_nothing_and_draws_nothing() -> None:
    rng = np.random.default_rng(3)
    before = stamps()
    for a, b in zip(before, with_oddity(before, "", rng=rng), strict=True):
        np.testing.assert_array_equal(a, b)
    assert rng.integers(2**60) == np.random.default_rng(3).integers(2**60)


@pytest.mark.parametrize("name", sorted(set(ODDITIES) - {"blank_half"}))  # that fills all with 0
def test_stamps_keep_their_shapes_types_and_lost_pixels(name: str) -> None:
    before = stamps(lost_rows=9)
    copies = [image.copy() for image in before]
    for seed in range(6):
        after = with_oddity(before, name, rng=np.random.default_rng(seed))
        for a, b, c in zip(before, after, copies, strict=True):
            assert (b.shape, b.dtype) == (a.shape, np.float32)
            np.testing.assert_array_equal(np.isnan(a), np.isnan(b))
            np.testing.assert_array_equal(a, c)  # the caller's stay as they were


@pytest.mark.parametrize("name", ["stripe", "trail", "ghost"])
@pytest.mark.parametrize("seed", range(5))
def test_light_is_in_science_and_difference_alike(name: str, seed: int) -> None:
    _, (science, template, difference) = changed(name, seed)
    assert not template.any()
    np.testing.assert_allclose(science, difference, atol=1e-3)
    lit = difference > 5 * NOISE[2]
    assert 0.02 < lit.mean() < 0.4


@pytest.mark.parametrize("seed", range(5))
def test_a_stripe_runs_along_whole_rows_or_columns(seed: int) -> None:
    _, (_, _, difference) = changed("stripe", seed)
    lit = difference > 0
    rows, columns = lit.all(axis=1), lit.all(axis=0)
    assert lit.sum() == SIDE * (rows.sum() + columns.sum())
    assert 3 <= max(rows.sum(), columns.sum()) <= 7


@pytest.mark.parametrize("seed", range(5))
def test_a_trail_goes_from_rim_to_rim(seed: int) -> None:
    _, (_, _, difference) = changed("trail", seed)
    lit = difference > difference.max() / 2
    rims = [lit[0], lit[-1], lit[:, 0], lit[:, -1]]
    assert sum(rim.any() for rim in rims) >= 2


@pytest.mark.parametrize("seed", range(5))
def test_a_ghost_has_a_hole(seed: int) -> None:
    _, (_, _, difference) = changed("ghost", seed)
    rows, columns = np.nonzero(difference)
    row, column = round(rows.mean()), round(columns.mean())
    inside = (0 < row < SIDE - 1) and (0 < column < SIDE - 1)
    assert inside and difference[row, column] == 0


@pytest.mark.parametrize("seed", range(5))
def test_half_of_a_blank_half_is_zero_in_all_three(seed: int) -> None:
    after = with_oddity(stamps(), "blank_half", rng=np.random.default_rng(seed))
    zero = np.array([image == 0 for image in after])
    assert (zero == zero[0]).all()
    assert zero[0].mean() == pytest.approx(31 / 63)


def test_swapped_stamps_are_in_each_others_place() -> None:
    science, template, difference = before = stamps()
    after = with_oddity(before, "swapped", rng=np.random.default_rng(1))
    for a, b in zip(after, (science, difference, template), strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_truth_says_what_happened_to_a_packet() -> None:
    alerts = list(simulate_night(30, seed=5, mix={"oddity": 1.0}, alerts_per_object=1))
    assert {truth["class"] for _, truth in alerts} == {"oddity"}
    assert {truth["subclass"] for _, truth in alerts} == set(ODDITIES)
    for packet, truth in alerts:
        images = [open_stamp(packet, cutout)[0] for cutout in CUTOUTS]
        is_blank = (images[0] == 0).mean() > 0.4
        assert is_blank == (truth["subclass"] == "blank_half")
