"""Heads on a trunk that stays: what is learned is what was put in, and the trunk is not touched."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.models import _keras_file
from skysift.models._weights import read_weights
from skysift.models.zoobot import Scorer, networks
from skysift.models.zoobot.heads import HeadConfig, learn_head
from skysift.models.zoobot.labels import labels_of
from tests.models.zoobot_galaxies import SIDE, TREE

BAR = labels_of(TREE, "bar")
WIDTH = 16


@pytest.fixture(scope="module")
def trunk(tmp_path_factory):
    """Return weights of a network of another question."""
    import keras

    keras.utils.set_random_seed(5)
    folder, labels = tmp_path_factory.mktemp("trunk"), labels_of(TREE, "smooth-or-featured")
    settings = {**networks.settings_of("bayesian_cnn"), "stored": SIDE, "side": 16,
                "answers": list(labels.counts), "features": WIDTH}  # fmt: skip
    facts = {
        "network": {"name": "bayesian_cnn", "settings": settings}, "tree": labels.tree.as_table,
        "labels": [list(columns) for columns in labels.columns], "recalibration": None,
        "trained_on": "nothing",
    }  # fmt: skip
    _keras_file.write(networks.build("bayesian_cnn", **settings), folder, "trunk", facts)
    return folder


@pytest.fixture(scope="module")
def learned(trunk, tmp_path_factory):
    """Return features, true fractions, and a scorer that learned from votes on them."""
    rng = np.random.default_rng(2)
    features = np.abs(rng.normal(size=(400, WIDTH))).astype(np.float32)
    features[:, 3] = 0.0  # a feature that no galaxy has
    p = 1 / (1 + np.exp(-2.0 * (features[:, 0] - features[:, 1])))
    votes = rng.binomial(40, p)
    folder = tmp_path_factory.mktemp("head")
    facts = learn_head(
        features, np.stack([votes, 40 - votes], axis=1), BAR,
        HeadConfig(dropout=0.1, steps=400), folder, trunk=trunk, name="head",
        trained_on="made-up votes", seed=1,
    )  # fmt: skip
    return features, p, Scorer(read_weights(folder)), facts


def test_a_head_learns_what_the_features_tell(learned):
    features, p, scorer, _ = learned
    told = scorer.answer(features, 30).mean[:, 0]
    assert np.sqrt(np.mean((told - p) ** 2)) < 0.3 * p.std()


def test_the_trunk_is_that_of_the_weights(learned, trunk):
    _, _, scorer, facts = learned
    earlier = Scorer(read_weights(trunk))
    images = np.random.default_rng(0).integers(0, 256, (5, SIDE, SIDE, 3)).astype(np.uint8)
    np.testing.assert_allclose(scorer.represent(images), earlier.represent(images), rtol=1e-5)
    assert scorer.tree.columns == BAR.tree.columns
    assert facts["training"]["trunk"] == read_weights(trunk).sha256
    assert facts["trained_on"] == "made-up votes; its trunk: nothing"


def test_answers_from_features_are_those_from_images(learned):
    scorer = learned[2]
    images = np.random.default_rng(1).random((6, SIDE, SIDE, 3)).astype(np.float32)
    images[2, 0, 0, 0] = np.nan
    expected = scorer.passes(images, 7, seed=3)
    told = scorer.answer(scorer.represent(images), 7, seed=3)
    np.testing.assert_allclose(told.values, expected.values, rtol=1e-5)
    assert np.isnan(told.values[2]).all()


def test_no_galaxies_are_refused(trunk, tmp_path):
    with pytest.raises(ValueError, match="needs a galaxy"):
        learn_head(
            np.zeros((0, WIDTH), np.float32), np.zeros((0, 2)), BAR, HeadConfig(), tmp_path,
            trunk=trunk, name="head", trained_on="nothing", seed=1,
        )  # fmt: skip
