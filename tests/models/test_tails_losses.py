"""Losses and targets of Tails: values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.models.tails import targets
from skysift.models.tails.losses import heat_map_loss, tails_loss
from skysift.models.tails.networks import Maps
from skysift.models.tails.targets import Comets, Target


def comets(*rows, counted=None):
    """Comets of (x, y, brightness, size, coma)."""
    columns = np.array(rows, float).reshape(-1, 5).T
    flags = np.ones(len(rows), bool) if counted is None else np.array(counted)
    return Comets(*columns, counted=flags)


def logit(p):
    return np.log(p) - np.log1p(-p)


def test_the_place_of_a_nucleus_is_told_by_its_cell_and_the_cells_around():
    target = targets.maps(comets((20.0, 43.5, 10.0, 4.0, 9.0)), (8, 8))
    assert target[5, 2, Target.HEAT] == 1.0
    assert (target[..., Target.HEAT] == 1.0).sum() == 1
    assert target[..., Target.NEAR].sum() == 9
    # Cell (5, 2) is columns 16 to 23 and rows 40 to 47: its middle is at (19.5, 43.5).
    np.testing.assert_allclose(target[5, 2, Target.DX : Target.DY + 1], [0.5 / 8, 0.0])
    np.testing.assert_allclose(target[4, 3, Target.DX : Target.DY + 1], [0.5 / 8 - 1, 1.0])
    assert target[5, 2, Target.BRIGHTNESS] == pytest.approx(2.0)
    assert target[5, 2, Target.LOG_SIZE] == pytest.approx(np.log(4))
    assert target[..., Target.COUNTS].all()


def test_a_wide_comet_has_a_wide_hill_and_a_point_a_narrow_one():
    beside = [
        targets.maps(comets((36.0, 36.0, 10.0, size, size)), (9, 9))[4, 5, Target.HEAT]
        for size in (np.nan, 60.0)
    ]
    np.testing.assert_allclose(beside, [np.exp(-0.5 / 0.6**2), np.exp(-0.5 / 2.0**2)], rtol=1e-6)


def test_a_comet_that_need_not_be_found_hides_its_surroundings_but_not_another_comet():
    both = comets(
        (100.0, 100.0, 2.0, 2.0, 24.0), (124.0, 100.0, 9.0, 2.0, 4.0), counted=[False, True]
    )
    target = targets.maps(both, (32, 32))
    lost = target[..., Target.COUNTS] == 0
    assert lost[12, 12]
    assert not lost[12, 15]
    assert not lost[12, 16]
    assert lost.sum() == sum(
        i * i + j * j <= 9 and not (abs(i) <= 1 and j >= 2)
        for i in range(-3, 4)
        for j in range(-3, 4)
    )
    assert target[12, 15, Target.HEAT] == 1.0
    assert target[12, 12, Target.HEAT] < 1e-3


def test_of_two_in_one_cell_the_brighter_has_it():
    pair = [(36.0, 36.0, 3.0, 2.0, 2.0), (38.0, 36.0, 8.0, 5.0, 5.0)]
    for order in (pair, pair[::-1]):
        target = targets.maps(comets(*order), (9, 9))
        assert target[4, 4, Target.BRIGHTNESS] == pytest.approx(8.0 / 5)
        assert target[4, 4, Target.DX] == pytest.approx((38.5 - 36) / 8)


def test_a_tile_is_asked_for_its_brightest_comet():
    several = comets(
        (64.0, 128.0, 5.0, 2.0, 2.0), (10.0, 20.0, 9.0, 2.0, 2.0), (300.0, 20.0, 12.0, 2.0, 2.0),
        (50.0, 50.0, 15.0, 2.0, 2.0), counted=[True, True, True, False],
    )  # fmt: skip
    np.testing.assert_allclose(targets.one(several, 256), [1, 10 / 256, 20 / 256], rtol=1e-6)
    np.testing.assert_array_equal(targets.one(comets(), 256), [0, 0, 0])


def answer_for(target, p_nucleus=0.5, p_else=1e-9):
    """An answer with the right places, brightness and size, and σ of one cell."""
    answer = np.zeros((*target.shape[:-1], len(Maps)), np.float32)
    nucleus = target[..., Target.HEAT] == 1
    answer[..., Maps.HEAT] = np.where(nucleus, logit(p_nucleus), logit(p_else))
    for ours, theirs in (
        (Maps.DX, Target.DX), (Maps.DY, Target.DY),
        (Maps.BRIGHTNESS, Target.BRIGHTNESS), (Maps.LOG_SIZE, Target.LOG_SIZE),
    ):  # fmt: skip
        answer[..., ours] = target[..., theirs]
    return answer


def loss(target, answer):
    return float(np.asarray(heat_map_loss(target[None], answer[None]))[0])


def test_the_focal_loss_of_a_nucleus_and_of_a_cell_beside_it():
    target = targets.maps(comets((36.0, 36.0, 10.0, 1.0, 1.0)), (9, 9))
    # (1 − p)² · −ln p for p = 0.5; everything else right, and 2 ln σ = 0.
    assert loss(target, answer_for(target)) == pytest.approx(0.25 * np.log(2), rel=1e-4)
    answer = answer_for(target)
    answer[4, 5, Maps.HEAT] = logit(0.8)
    hill = np.exp(-0.5 / 0.6**2)
    more = (1 - hill) ** 4 * 0.8**2 * -np.log(0.2)
    assert loss(target, answer) == pytest.approx(0.25 * np.log(2) + more, rel=1e-4)


def test_what_is_hidden_costs_nothing_and_an_empty_image_only_its_heat():
    hidden = targets.maps(comets((36.0, 36.0, 10.0, 1.0, 1.0), counted=[False]), (9, 9))
    answer = answer_for(hidden)
    answer[4, 4, Maps.HEAT] = logit(0.9)
    assert loss(hidden, answer) == pytest.approx(0.0, abs=1e-6)
    empty = targets.maps(comets(), (9, 9))
    assert loss(empty, answer) == pytest.approx(0.81 * -np.log(0.1), rel=1e-4)
    answer[..., Maps.DX :] = 7.0
    assert loss(empty, answer) == pytest.approx(0.81 * -np.log(0.1), rel=1e-4)


def test_place_uncertainty_brightness_and_size_are_means_over_the_cells_at_the_nucleus():
    target = targets.maps(comets((36.0, 36.0, 10.0, 1.0, 1.0)), (9, 9))
    base = loss(target, answer_for(target))
    for map_, by, cost in (
        (Maps.DX, 0.5, 0.5 + 0.1 * 0.125),
        (Maps.DY, -0.5, 0.5 + 0.1 * 0.125),
        (Maps.LOG_SIGMA, 1.0, 0.1 * 2.0),
        (Maps.BRIGHTNESS, 2.0, 1.0),
        (Maps.LOG_SIZE, -1.0, 0.2),
    ):
        answer = answer_for(target)
        answer[..., map_] += by
        assert loss(target, answer) == pytest.approx(base + cost, rel=1e-4)


def test_the_likeliest_uncertainty_is_the_scatter_of_the_errors():
    """d/dσ of r²/2σ² + 2 ln σ is 0 at σ² = r²/2, the variance of each coordinate."""
    target = targets.maps(comets((36.0, 36.0, 10.0, 1.0, 1.0)), (9, 9))
    costs = {}
    for sigma in (0.2, 0.25, 0.3, 0.35, 0.4):
        answer = answer_for(target)
        answer[..., Maps.DX] += 0.3
        answer[..., Maps.DY] += 0.3
        answer[..., Maps.LOG_SIGMA] = np.log(sigma)
        costs[sigma] = loss(target, answer)
    assert min(costs, key=costs.__getitem__) == 0.3


def test_the_loss_of_tails_asks_no_place_of_tiles_without_a_comet():
    """Spec of the original: two perfect positives and two negatives gave 0.5 by its code."""
    target = np.array([[1, 0.5, 0.5], [1, 0.2, 0.9], [0, 0, 0], [0, 0, 0]], np.float32)
    sure, none = 20.0, [-20.0, 0.0, 0.0]
    logits = np.array([[sure, *logit(t[1:])] if t[0] else none for t in target], np.float32)
    np.testing.assert_allclose(tails_loss(target, logits), 0.0, atol=1e-5)
    logits[0, 1] = logit(0.7)
    logits[2, 0] = 0.0
    each = np.asarray(tails_loss(target, logits))
    np.testing.assert_allclose(each, [0.2 * 2, 0, 1.2 * np.log(2), 0], atol=1e-5)
    # The mean over the batch is the mean error over the two positives, and the mean cross-entropy.
    assert each.mean() == pytest.approx(0.2 / 2 + 1.2 * np.log(2) / 4, abs=1e-5)


def test_a_batch_without_a_comet_has_a_loss():
    each = np.asarray(tails_loss(np.zeros((3, 3), np.float32), np.zeros((3, 3), np.float32)))
    np.testing.assert_allclose(each, 1.2 * np.log(2), rtol=1e-5)
