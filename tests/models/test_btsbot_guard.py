"""The guard: with scores that are known functions of pixels and features."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.models.btsbot import guard
from skysift.models.btsbot.inputs import FEATURES, triplets

SECOND = FEATURES.index("sgscore2")


@pytest.fixture
def alerts(rng) -> tuple[np.ndarray, np.ndarray]:
    """Thirty flat stamps with one bright corner, and features."""
    images = [[np.ones((63, 63), np.float32) for _ in range(3)] for _ in range(30)]
    for image in images:
        for stamp in image:
            stamp[:6, :6] = 50
    triplet, status, _ = triplets(images, preprocessing="centred")
    assert (status == "ok").all()
    return triplet, rng.uniform(1, 2, (30, 25)).astype(np.float32)


def corner(triplet: np.ndarray, metadata: np.ndarray) -> np.ndarray:
    """1 while the bright corner of the science stamp is whole, less when it was filled."""
    bright = triplet[:, :6, :6, 0].mean(axis=(1, 2)) / triplet[..., 0].max(axis=(1, 2))
    return bright * np.where(metadata[:, SECOND] == -999, 0.4, 1)


def test_the_margin_is_that_of_the_clearest_wrong_score_and_grows_with_the_damage(alerts, rng):
    facts = guard.measure(corner, *alerts, may_miss=("sgscore2", "distpsnr2"), rng=rng)
    margins = facts["damaged_stamp"]
    assert margins == sorted(margins)
    assert margins[-1] > 0.45  # the corner gone: clearly negative, and wrong
    assert facts["missing_feature"] == pytest.approx(0.1 * guard.ROOM)  # 1 became 0.4
    assert facts["changed"]["missing_feature"] == pytest.approx(2 / 3)  # not by distpsnr2 alone
    assert 0 < facts["changed"]["damaged_stamp"] < 0.5
    assert facts["alerts"] == 30


def test_a_score_that_moves_far_on_its_side_of_the_threshold_needs_no_margin(alerts, rng):
    def far(triplet: np.ndarray, metadata: np.ndarray) -> np.ndarray:
        return np.where(metadata[:, SECOND] == -999, 0.51, 1.0)

    facts = guard.measure(far, *alerts, may_miss=("sgscore2",), rng=rng)
    assert facts["missing_feature"] == 0.0


def test_a_network_that_heeds_neither_has_no_margin(alerts, rng):
    facts = guard.measure(lambda t, m: m[:, 0], *alerts, may_miss=("sgscore2",), rng=rng)
    assert (facts["damaged_stamp"], facts["missing_feature"]) == ([0.0] * 5, 0.0)
    nothing = guard.measure(lambda t, m: m[:, 0], *alerts, may_miss=(), rng=rng)
    assert nothing["missing_feature"] == 0.0


@pytest.mark.parametrize("harm", range(7))
def test_damage_spares_the_source_and_nothing_else_is_touched(harm, rng):
    image = [rng.normal(100, 1, (63, 63)).astype(np.float32) for _ in range(3)]
    for _ in range(20):
        damaged = guard.damages(rng)[harm](image)
        for before, after in zip(image, damaged, strict=True):
            if after.shape == (63, 63):
                assert np.isfinite(after[29:34, 29:34]).all()
                np.testing.assert_array_equal(after[np.isfinite(after)], before[np.isfinite(after)])


FACTS = {"damaged_stamp": [0.01, 0.02, 0.05, 0.1, 0.4], "missing_feature": 0.2}


def told(score: float, damage: float, missing: bool) -> str:
    return guard.withheld(FACTS, *(np.array([value]) for value in (score, damage, missing)))[0]


def test_only_scores_that_damage_could_carry_over_the_threshold_are_withheld():
    assert told(0.5, 0.0, missing=False) == "ok"
    assert told(0.549, 0.1, missing=False) == "damaged_stamp"
    assert told(0.56, 0.1, missing=False) == "ok"
    assert told(0.56, 0.11, missing=False) == "damaged_stamp"
    assert told(0.12, 1.0, missing=False) == "damaged_stamp"
    assert told(0.31, 0.0, missing=True) == "missing_feature"
    assert told(0.29, 0.0, missing=True) == "ok"
    assert told(0.29, 0.05, missing=True) == "damaged_stamp"  # the two add


def test_weights_without_a_guard_withhold_nothing():
    status = guard.withheld(None, np.full(2, 0.5), np.ones(2), np.ones(2, bool))
    assert status.tolist() == ["ok", "ok"]
