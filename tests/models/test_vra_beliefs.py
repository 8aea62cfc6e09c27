"""Beliefs: what they say before labels, how they fade, and what files are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skysift.models._metrics import Ranking
from skysift.models._settings import ConfigError
from skysift.models.vra import atlas, members
from skysift.models.vra.beliefs import Belief, read_beliefs
from skysift.models.vra.learner import TargetModel, learn
from skysift.models.vra.views import Views
from tests.models.vra_clouds import COLUMNS, clouds

RIGHT = Belief(np.array([3.0, 3, 0, 0, 0, 0]), np.zeros(COLUMNS))
WRONG = Belief(-RIGHT.value, RIGHT.known)


@pytest.fixture(autouse=True)
def small_forests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "TREES", 25)


def auc(model: TargetModel, features: np.ndarray, label: np.ndarray) -> float:
    return Ranking(label == 1, model.predict(features)[:, 1]).auc()


def lean(belief: Belief, features: np.ndarray) -> np.ndarray:
    """Return the logits that a belief adds to each row."""
    views = Views.of(features)
    ranks = views.look(features)["ranks"]
    weights = belief.lean(views, ranks)
    return ranks @ weights[:-1] + weights[-1]


def test_a_value_adds_its_weight_from_the_smallest_to_the_largest_by_rank() -> None:
    features = np.arange(101.0)[:, None] ** 3
    added = lean(Belief(np.array([2.0]), np.zeros(1)), features)
    np.testing.assert_allclose(added, np.linspace(-1, 1, 101), atol=1e-9)


def test_being_known_adds_its_weight_and_a_missing_value_is_no_opinion() -> None:
    features = np.column_stack([np.zeros(4), [1.0, np.nan, np.nan, 2.0]])
    known = lean(Belief(np.zeros(2), np.array([0.0, 4.0])), features)
    np.testing.assert_allclose(known, [2, -2, -2, 2])
    value = lean(Belief(np.array([0.0, 4.0]), np.zeros(2)), features)
    np.testing.assert_allclose(value, [-2, 0, 0, 2])


def test_a_belief_about_a_column_without_a_number_is_harmless(rng: np.random.Generator) -> None:
    features, label = clouds(rng, 200)
    more = np.column_stack([np.full(200, np.nan), features])
    belief = Belief(np.append(5.0, RIGHT.value), np.append(5.0, RIGHT.known))
    np.testing.assert_allclose(lean(belief, more), lean(RIGHT, features))
    assert auc(learn(more[:20], label[:20], target="gal", belief=belief), more, label) > 0.9


def test_what_is_rightly_believed_helps_where_labels_are_few(rng: np.random.Generator) -> None:
    features, label = clouds(rng, 1500, apart=1.0)
    gains = []
    for start in range(0, 80, 10):
        few = slice(start, start + 10)
        bare, leant = (
            learn(features[few], label[few], target="gal", background=features, belief=belief)
            for belief in (None, RIGHT)
        )
        gains.append(auc(leant, features, label) - auc(bare, features, label))
    assert np.mean(gains) > 0.03


def test_labels_outvote_what_is_wrongly_believed(rng: np.random.Generator) -> None:
    features, label = clouds(rng, 1000)
    figures = []
    for n in (10, 60, 300):
        model = learn(features[:n], label[:n], target="gal", background=features, belief=WRONG)
        figures.append(auc(model, features[300:], label[300:]))
    assert figures == sorted(figures)
    assert figures[-1] > 0.95


def test_a_model_that_believes_something_else_is_another_version(rng: np.random.Generator) -> None:
    features, label = clouds(rng, 20)
    versions = {
        learn(features, label, target="gal", belief=belief).version
        for belief in (None, RIGHT, WRONG)
    }
    assert len(versions) == 3


def test_each_member_is_leant_too(rng: np.random.Generator) -> None:
    features, label = clouds(rng, 60)
    bare, leant = (learn(features, label, target="gal", belief=belief) for belief in (None, RIGHT))
    high = features[:, :2].sum(axis=1) > 2
    assert (
        leant.committee(features)[:, high, 1].mean(axis=1)
        > bare.predict(features)[high, 1].mean() - 0.1
    ).all()
    apart = np.corrcoef(lean(RIGHT, features), leant.committee(features)[:, :, 1])[0, 1:]
    before = np.corrcoef(lean(RIGHT, features), bare.committee(features)[:, :, 1])[0, 1:]
    assert (apart > before - 1e-3).all()


def test_the_file_for_the_published_sample_is_about_its_features(shared_data: Path) -> None:
    names = list(atlas.read_features(shared_data / "vra" / "X_train_day1_duck1000rows.csv"))
    beliefs = read_beliefs(atlas.BELIEFS)
    for target in ("gal", "real"):
        belief = beliefs.of(target, names)
        assert belief is not None
        assert belief.value.shape == belief.known.shape == (len(names),)
    assert beliefs.of("real", names).value[names.index("rb_pix")] == 3.0
    assert beliefs.of("gal", names).known[names.index("any_z")] == -0.75
    assert beliefs.of("trans", names) is None


def test_a_belief_about_a_feature_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "beliefs.toml"
    path.write_text("[gal.value]\nebv_sdf = 1\n")
    with pytest.raises(ConfigError, match=r"\[gal.value\] has no key 'ebv_sdf'; did you mean 'ebv"):
        read_beliefs(path).of("gal", ["ebv_sfd", "drb"])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[gal", "is not TOML"),
        ("[star.value]\ndrb = 1\n", "has no key 'star'"),
        ("gal = 1\n", r"gal must be tables, \[gal.value\]. Got: 1"),
        ("[gal.values]\ndrb = 1\n", r"\[gal\] has no key 'values'; did you mean 'value'"),
        ("[gal]\nvalue = 2\n", r"\[gal.value\] must be a table"),
        ('[gal.value]\ndrb = "much"\n', r"\[gal.value\] drb must be a number. Got: 'much'"),
        ("[gal.known]\ndrb = true\n", r"\[gal.known\] drb must be a number. Got: True"),
        ("[gal.value]\ndrb = inf\n", r"\[gal.value\] drb must be a number. Got: inf"),
    ],
)
def test_a_file_that_says_something_else_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "beliefs.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=reason):
        read_beliefs(path)
