"""What the network is shown: augmentation, weights, batches."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.models.btsbot import augmentation
from skysift.models.btsbot.batches import TrainingBatches
from skysift.models.btsbot.config import TrainingConfig
from skysift.models.btsbot.inputs import FEATURES, triplets
from skysift.models.btsbot.weighing import class_weights, resampled
from tests.models.made_up_sets import made_up_set

INPUTS = ("triplet", "metadata")


@pytest.fixture(scope="module")
def alerts():
    return made_up_set().part("train")


def batches(alerts, **changes):
    settings = TrainingConfig(**{"batch": 32, **changes})
    return TrainingBatches(alerts, INPUTS, settings, heads=3, may_miss=("sgscore2", "distpsnr2"))


def test_stamps_are_shown_in_all_eight_orientations_and_channels_stay_apart(rng):
    stamp = np.arange(5 * 5 * 3, dtype=np.float32).reshape(1, 5, 5, 3)
    turned = augmentation.flip_and_turn(np.repeat(stamp, 8, axis=0), np.arange(8))
    expected = {
        np.ascontiguousarray(np.rot90(base, k)).tobytes()
        for base in (stamp[0], stamp[0].transpose(1, 0, 2))
        for k in range(4)
    }
    assert {image.tobytes() for image in turned} == expected


def test_features_are_masked_together_in_the_share_asked_for(rng):
    metadata = rng.uniform(0, 1, (4000, 25)).astype(np.float32)
    masked = augmentation.mask(metadata, ("sgscore2", "distpsnr2"), 0.1, rng=rng)
    both = masked[:, [FEATURES.index("sgscore2"), FEATURES.index("distpsnr2")]] == -999
    np.testing.assert_array_equal(both[:, 0], both[:, 1])
    assert both[:, 0].mean() == pytest.approx(0.1, abs=0.02)
    others = np.delete(np.arange(25), [2, 3])
    np.testing.assert_array_equal(masked[:, others], metadata[:, others])


def test_damage_looks_as_serving_makes_it_of_lost_pixels(rng):
    """Truth: `inputs.triplets` on the same stamp with the same pixels NaN."""
    raw = rng.normal(100, 5, (3, 63, 63)).astype(np.float32)
    whole, _, _ = triplets([list(raw)], preprocessing="centred")
    damaged = augmentation.damage(np.repeat(whole, 40, axis=0), 1.0, rng=rng)
    assert (damaged != whole).any(axis=(1, 2, 3)).all()
    for alert in damaged:
        gaps = raw.copy()
        for channel in range(3):
            # Where the picture is flat there is the strip; elsewhere only the scale changed.
            flat = alert[:, :, channel] == np.median(alert[:, :, channel])
            lost = np.logical_or.outer(flat.all(axis=1), flat.all(axis=0))
            gaps[channel][lost] = np.nan
        expected, status, _ = triplets([list(gaps)], preprocessing="centred")
        assert status[0] == "ok"
        np.testing.assert_allclose(alert, expected[0], rtol=1e-4)


def test_no_damage_without_a_share(rng, alerts):
    some = alerts.triplet(slice(0, 5))
    np.testing.assert_array_equal(augmentation.damage(some, 0.0, rng=rng), some)


def test_classes_balance_in_alerts_or_in_sources_and_the_rarer_weighs_one():
    label = np.array([True, False, False, False, False])
    group = np.array(["a", "b", "b", "c", "c"])
    by = {kind: class_weights(label, group, kind).tolist() for kind in ("alert", "source", "none")}
    assert by == {"alert": [1] + [0.25] * 4, "source": [1] + [0.5] * 4, "none": [1] * 5}


def test_heads_see_objects_drawn_anew_with_all_their_alerts(rng):
    group = np.repeat([f"o{i}" for i in range(3000)], 2).astype(object)
    weight = resampled(group, 4, rng=rng)
    np.testing.assert_array_equal(weight[::2], weight[1::2])
    # Poisson(1): mean 1, variance 1, and exp(-1) of the objects unseen; heads independent.
    assert weight.mean() == pytest.approx(1, abs=0.05)
    assert weight.var() == pytest.approx(1, abs=0.1)
    assert (weight == 0).mean() == pytest.approx(np.exp(-1), abs=0.02)
    assert np.abs(np.corrcoef(weight[::2].T) - np.eye(4)).max() < 0.08
    assert (resampled(group, 1, rng=rng) == 1).all()


def test_an_epoch_shows_alerts_at_most_once_and_another_order_each_time(alerts):
    made = batches(alerts, mask=0.0)
    first, second = (list(made.epoch(number)) for number in (1, 2))
    assert len(first) == len(made) == len(alerts) // 32
    shown = np.concatenate([inputs["metadata"] for inputs, _, _ in first])
    assert len(np.unique(shown, axis=0)) == len(shown) == 32 * len(first)
    assert not np.array_equal(first[0][0]["metadata"], second[0][0]["metadata"])


def test_an_epoch_is_the_same_whenever_it_is_asked_for(alerts):
    once, again = (list(batches(alerts, damage=0.5).epoch(3)) for _ in range(2))
    for (inputs, target, weight), (others, target_2, weight_2) in zip(once, again, strict=True):
        for name in INPUTS:
            np.testing.assert_array_equal(inputs[name], others[name])
        np.testing.assert_array_equal(target, target_2)
        np.testing.assert_array_equal(weight, weight_2)


def test_targets_and_weights_belong_to_their_alerts_and_stamps(alerts):
    made = batches(alerts, augment=False, mask=0.0, damage=0.0, crop=21)
    column = FEATURES.index("scorr")
    for inputs, target, weight in made.epoch(1):
        label = inputs["metadata"][:, column] > 30
        np.testing.assert_array_equal(target, np.repeat(label[:, None], 3, axis=1))
        centre = inputs["triplet"][:, 8:13, 8:13, 2].mean(axis=(1, 2))
        np.testing.assert_array_equal(centre > 0.05, label)
        assert weight.shape == target.shape
        norms = np.linalg.norm(inputs["triplet"], axis=(1, 2))
        np.testing.assert_allclose(norms, 1, rtol=1e-5)
