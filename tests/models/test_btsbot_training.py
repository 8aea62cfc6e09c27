"""Training: a tiny run that must learn, and the pieces against their definitions."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from skysift.models.btsbot import load, training
from skysift.models.btsbot.inputs import FEATURES
from skysift.models.btsbot.training import Alerts


@pytest.fixture
def alerts(rng) -> Alerts:
    """Alerts of 60 objects whose label is in the difference image and in one feature."""
    group = np.repeat([f"object{i}" for i in range(60)], 4).astype(object)
    label = np.repeat(np.arange(60) % 3 == 0, 4)
    triplet = rng.normal(0, 1 / 63, (240, 63, 63, 3)).astype(np.float32)
    triplet[label, 28:35, 28:35, 2] += 0.2
    metadata = rng.uniform(10, 20, (240, 25)).astype(np.float32)
    metadata[:, FEATURES.index("scorr")] += 30 * label
    metadata[::7, FEATURES.index("sgscore2")] = -999.0
    return Alerts(triplet, metadata, label, group, np.where(label, "supernova", "agn"))


def run(alerts, output, **changes):
    settings = {"name": "it", "trained_on": "noise", "seed": 3, "epochs": 6, "batch": 32}
    return training.train(alerts, output, **{**settings, **changes})


def test_a_short_training_learns_and_its_weights_load_and_describe_themselves(alerts, tmp_path):
    facts = run(alerts, tmp_path)
    assert facts["metrics"]["auc"] > 0.95
    assert facts["training"]["objects"] == {"train": 45, "validation": 6, "test": 9}
    scorer = load(tmp_path)
    written = json.loads((tmp_path / "it.json").read_text())
    assert scorer.version == written["version"] == f"it+{written['sha256'][:8]}"
    assert (scorer.preprocessing, scorer.trained_on) == ("centred", "noise")
    score = scorer.score(alerts.triplet, alerts.metadata)["score"]
    assert score[alerts.label].mean() > score[~alerts.label].mean() + 0.2


def test_the_same_seed_gives_the_same_network(alerts, tmp_path):
    scores = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        run(alerts, folder, epochs=1)
        scores.append(load(folder).score(alerts.triplet, alerts.metadata)["score"])
    np.testing.assert_allclose(*scores, atol=1e-5)


def test_no_object_is_in_two_parts_and_each_part_has_both_classes(alerts, rng):
    parts = training.split(alerts, rng=rng)
    assert np.sum(list(parts.values()), axis=0).tolist() == [1] * 240
    for rows in parts.values():
        others = np.isin(alerts.group[~rows], alerts.group[rows])
        assert not others.any()
        assert 0 < alerts.label[rows].mean() < 1


def test_too_few_objects_and_single_classes_are_refused(alerts, rng):
    few = alerts.take(np.flatnonzero(np.isin(alerts.group, ["object0", "object1", "object3"])))
    with pytest.raises(ValueError, match="gets no positive object: there are only 2"):
        training.split(few, rng=rng)
    with pytest.raises(ValueError, match=r"both classes are needed\. Got: 0"):
        replace(alerts, label=np.zeros(240, bool))
    with pytest.raises(ValueError, match=r"one entry an alert\. Got: .*'group': 3"):
        replace(alerts, group=alerts.group[:3])


def test_statistics_leave_out_what_is_missing(alerts):
    column = FEATURES.index("sgscore2")
    mean, variance = training.feature_statistics(alerts.metadata)
    known = alerts.metadata[:, column][alerts.metadata[:, column] > 0].astype(float)
    assert mean[column] == pytest.approx(np.log1p(known).mean(), rel=1e-5)
    assert variance[column] == pytest.approx(np.log1p(known).var(), rel=1e-3)


def test_a_feature_that_never_varies_or_is_never_there_does_no_harm(alerts):
    metadata = alerts.metadata.copy()
    metadata[:, 0], metadata[:, 1] = 0.5, -999.0
    mean, variance = training.feature_statistics(metadata)
    assert variance[:2] == [1.0, 1.0]
    assert np.isfinite(mean).all()


def test_augmentation_shows_all_eight_orientations_and_leaves_channels_alone(rng):
    stamp = np.arange(5 * 5 * 3, dtype=np.float32).reshape(1, 5, 5, 3)
    turned = training.flip_and_turn(np.repeat(stamp, 200, axis=0), rng=rng)
    orientations = {image.tobytes() for image in turned}
    expected = {
        np.ascontiguousarray(np.rot90(base, k)).tobytes()
        for base in (stamp[0], stamp[0].transpose(1, 0, 2))
        for k in range(4)
    }
    assert orientations == expected


def test_classes_weigh_the_same_in_total_and_the_rarer_weighs_one():
    weights = training.class_weights(np.array([True, False, False, False]))
    np.testing.assert_allclose(weights, [1, 1 / 3, 1 / 3, 1 / 3])


def test_one_epoch_shows_every_alert_once(alerts, rng):
    batches = training.Batches(alerts, batch=32, rng=rng)
    shown = np.concatenate([batches[i][0]["metadata"] for i in range(len(batches))])
    np.testing.assert_array_equal(np.sort(shown, axis=0), np.sort(alerts.metadata, axis=0))
