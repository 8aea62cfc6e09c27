"""Forests in a compiled loop; truth: scikit-learn's own ``predict_proba``."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from skysift.models.vra.forest import Forest


@pytest.mark.parametrize("kind", [ExtraTreesClassifier, RandomForestClassifier])
@pytest.mark.parametrize("codes", [(0, 1), (0, 2, 3, 5)], ids=["two kinds", "four kinds"])
def test_it_says_what_scikit_learn_says(rng: np.random.Generator, kind, codes) -> None:
    points, label = rng.normal(size=(80, 6)), rng.choice(codes, size=80)
    points[:, 5] = np.round(points[:, 5])  # values that stand on thresholds
    weight = rng.uniform(0.2, 3.0, size=80)
    classifier = kind(30, min_samples_leaf=2, random_state=3).fit(points, label, weight)
    more = np.concatenate([points, rng.normal(size=(500, 6)) * 3])
    expected = classifier.predict_proba(more)[:, classifier.classes_ % 2 == 1].sum(axis=1)
    np.testing.assert_allclose(Forest.of(classifier).says_yes(more), expected, rtol=0, atol=1e-12)


def test_a_tree_that_is_one_leaf(rng: np.random.Generator) -> None:
    classifier = RandomForestClassifier(3, max_depth=1, min_samples_leaf=50, random_state=0)
    classifier.fit(rng.normal(size=(60, 2)), np.arange(60) % 4 == 0)
    found = Forest.of(classifier).says_yes(rng.normal(size=(5, 2)))
    assert len(np.unique(found)) == 1
    assert 0.1 < found[0] < 0.4


def test_nothing_is_asked_of_nobody(rng: np.random.Generator) -> None:
    classifier = RandomForestClassifier(3).fit(rng.normal(size=(9, 2)), np.arange(9) % 2)
    assert Forest.of(classifier).says_yes(np.empty((0, 2))).shape == (0,)
