"""The VRA's learner: what it makes of few labels, and of features that say nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from skysift.models._metrics import Ranking
from skysift.models.vra import members
from skysift.models.vra.labels import read_label_map
from skysift.models.vra.learner import OneClassError, TargetModel, fitter, learn, votes
from tests.models.vra_clouds import clouds


@pytest.fixture(autouse=True)
def small_forests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tests quick; what holds for 25 trees holds for more."""
    monkeypatch.setattr(members, "TREES", 25)


def auc(model: TargetModel, features: np.ndarray, label: np.ndarray) -> float:
    return Ranking(label == 1, model.predict(features)[:, 1]).auc()


def best_auc(apart: float) -> float:
    """AUC of the best score of two clouds that are apart in two features."""
    return float(norm.cdf(apart))  # distance √2 apart, of which a difference of scores has √2 σ


def test_ten_labels_are_enough_to_say_something(rng: np.random.Generator) -> None:
    features, label = clouds(rng, 2010)
    for start in range(5):
        rows = np.arange(10 * start, 10 * start + 10)
        model = learn(features[rows], label[rows], target="gal", background=features)
        assert 0.8 < auc(model, features[1000:], label[1000:]) <= best_auc(2.0) + 0.02


def test_more_labels_come_near_the_best_there_is(rng: np.random.Generator) -> None:
    features, label = clouds(rng, 3000)
    model = learn(features[:200], label[:200], target="gal", background=features)
    assert auc(model, features[1000:], label[1000:]) > best_auc(2.0) - 0.02


def test_two_labels_of_two_classes_do_not_make_a_constant(rng: np.random.Generator) -> None:
    features, label = clouds(rng, 400, apart=4.0)
    model = learn(features[:2], label[:2], target="gal", background=features)
    assert model.calibration is None
    assert auc(model, features[2:], label[2:]) > 0.6


@pytest.mark.parametrize("label", [np.ones(5), np.zeros(5), np.full(5, np.nan)])
def test_labels_of_one_class_teach_nothing_and_the_error_says_so(label: np.ndarray) -> None:
    with pytest.raises(OneClassError, match=r"gal: labels of both classes .* Got: \d yes and \d"):
        learn(np.eye(5), label, target="gal")


def test_unknown_labels_are_left_out(rng: np.random.Generator) -> None:
    features, label = clouds(rng, 60)
    unknown = np.where(np.arange(60) < 40, label, np.nan)
    few = learn(features[:40], label[:40], target="gal", background=features)
    same = learn(features, unknown, target="gal", background=features)
    assert same.version == few.version
    np.testing.assert_array_equal(same.predict(features), few.predict(features))


def test_columns_without_a_number_or_a_difference_are_harmless(rng: np.random.Generator) -> None:
    features, label = clouds(rng, 700)
    empty, same, huge = np.full(700, np.nan), np.full(700, 3.0), np.full(700, np.inf)
    more = np.column_stack([empty, features, same, huge])
    bare = learn(features[:40], label[:40], target="gal", background=features)
    model = learn(more[:40], label[:40], target="gal", background=more)
    assert auc(model, more[40:], label[40:]) > auc(bare, features[40:], label[40:]) - 0.03


def test_a_column_that_is_missing_among_the_labels_only_is_harmless(
    rng: np.random.Generator,
) -> None:
    features, label = clouds(rng, 700)
    features[:40, 3] = np.nan
    model = learn(features[:40], label[:40], target="gal", background=features)
    assert auc(model, features[40:], label[40:]) > 0.9


def test_a_missing_number_can_itself_tell(rng: np.random.Generator) -> None:
    features, label = clouds(rng, 700, apart=0.0)
    features[(label == 1) & (rng.random(700) < 0.8), 4] = np.nan
    model = learn(features[:60], label[:60], target="gal", background=features)
    assert auc(model, features[60:], label[60:]) > 0.75


def test_an_alert_without_any_number_gets_a_probability(rng: np.random.Generator) -> None:
    features, label = clouds(rng, 60)
    model = learn(features, label, target="gal")
    p = model.predict(np.full((1, features.shape[1]), np.nan))
    assert 0 < p[0, 1] < 1


def test_features_that_are_all_missing_are_refused() -> None:
    with pytest.raises(ValueError, match="a number somewhere"):
        learn(np.full((4, 2), np.nan), np.array([0, 1, 0, 1.0]), target="gal")


def test_probabilities_are_calibrated_for_even_classes(rng: np.random.Generator) -> None:
    """Also where yes is rare among the labels, and where the features tell little."""
    features, label = clouds(rng, 6000, apart=1.0)
    rows = np.concatenate([np.flatnonzero(label == 0)[:120], np.flatnonzero(label == 1)[:30]])
    model = learn(features[rows], label[rows], target="gal", background=features)
    p = model.predict(features[1000:])[:, 1]
    for low, high in ((0.0, 0.3), (0.3, 0.7), (0.7, 1.0)):
        here = (p >= low) & (p <= high)
        assert label[1000:][here].mean() == pytest.approx(p[here].mean(), abs=0.1)


def test_calibration_makes_the_members_bolder_only_where_unseen_labels_agree(
    rng: np.random.Generator,
) -> None:
    telling, label = clouds(rng, 100, apart=4.0)
    silent, _ = clouds(rng, 100, apart=0.0)
    bold = learn(telling, label, target="gal").calibration
    shy = learn(silent, label, target="gal").calibration
    assert bold is not None and shy is not None
    assert bold["slope"] > 1 > shy["slope"]


def test_one_object_is_never_on_both_sides_of_the_calibration(rng: np.random.Generator) -> None:
    """Ten rows of each object are alike: rows apart, all seems known; objects apart, nothing."""
    objects = np.repeat(np.arange(20), 10)
    features = rng.normal(size=(20, 6))[objects]
    label = rng.permutation(np.arange(20) % 2.0)[objects]
    apart = learn(features, label, target="gal").calibration
    whole = learn(features, label, target="gal", groups=objects).calibration
    assert apart is not None and whole is not None
    assert whole["slope"] < apart["slope"] / 2


def test_the_committee_has_members_that_differ_and_the_mean_lies_among_them(
    rng: np.random.Generator,
) -> None:
    features, label = clouds(rng, 60)
    model = learn(features[:30], label[:30], target="gal")
    members, mean = model.committee(features), model.predict(features)
    assert members.shape == (len(model.members), 60, 2)
    assert members.dtype == mean.dtype == np.float32
    np.testing.assert_allclose(members.sum(axis=2), 1.0, atol=1e-6)
    assert (members.min(axis=0) <= mean + 1e-6).all() and (mean <= members.max(axis=0) + 1e-6).all()
    assert members[:, :, 1].std(axis=0).mean() > 0.01


def test_the_same_seed_learns_the_same_and_no_alert_gets_no_answer(
    rng: np.random.Generator,
) -> None:
    features, label = clouds(rng, 40)
    one, same, other = (learn(features, label, target="gal", seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.predict(features), same.predict(features))
    assert (one.predict(features) != other.predict(features)).any()
    assert one.predict(features[:0]).shape == (0, 2)
    assert one.committee(features[:0]).shape == (len(one.members), 0, 2)


def test_active_learning_gets_a_model_that_speaks_the_answers(rng: np.random.Generator) -> None:
    features, label = clouds(rng, 60)
    answers = np.where(label == 1, "varstar", "extragal").astype(object)
    answers[:10] = "bogus"  # teaches nothing of Galactic or not
    model = fitter("gal", read_label_map(), background=features)(features, answers, rng)
    assert model.classes == ("extragal", "gal")
    assert model.version.startswith("vra-gal-50-")
    assert auc(model, features, label) > 0.9


def three_clouds(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two kinds of yes on either side of one of no, in five features of which one tells."""
    kinds = rng.choice(["variable", "nova", "supernova"], size=n, p=[0.3, 0.3, 0.4]).astype(object)
    features = rng.normal(size=(n, 5))
    features[:, 0] += np.select([kinds == "variable", kinds == "nova"], [-2.5, 2.5], 0.0)
    return features, (kinds != "supernova").astype(float), kinds


def test_what_means_yes_for_two_reasons_is_learned_apart(rng: np.random.Generator) -> None:
    features, label, kinds = three_clouds(rng, 3000)
    gains = []
    for start in range(0, 240, 24):
        rows = slice(start, start + 24)
        apart, together = (
            learn(features[rows], label[rows], target="gal", kinds=given, background=features)
            for given in (kinds[rows], None)
        )
        gains += [auc(m, features[1000:], label[1000:]) for m in (apart, together)]
    assert np.mean(gains[::2]) > np.mean(gains[1::2]) + 0.005


def test_kinds_that_are_the_sides_change_nothing(rng: np.random.Generator) -> None:
    features, label, _ = three_clouds(rng, 60)
    sides = np.where(label == 1, "yes", "no").astype(object)
    bare, told = (learn(features, label, target="gal", kinds=k) for k in (None, sides))
    assert bare.version == told.version
    np.testing.assert_array_equal(bare.predict(features), told.predict(features))


def test_a_side_weighs_the_same_however_many_kinds_it_has(rng: np.random.Generator) -> None:
    features, label, kinds = three_clouds(rng, 400)
    rare = (label == 0) & (np.arange(400) % 4 > 0)  # a quarter of the supernovae stays
    known = np.where(rare, np.nan, label)
    model = learn(features, known, target="gal", kinds=kinds)
    p = votes(members.voters(model.members), model.views.look(features)).mean(axis=0)
    assert abs(p[label == 1].mean() + p[label == 0].mean() - 1) < 0.3


def test_kinds_of_unknown_labels_are_not_looked_at(rng: np.random.Generator) -> None:
    features, label, kinds = three_clouds(rng, 60)
    known = np.where(np.arange(60) < 40, label, np.nan)
    odd = np.where(np.arange(60) < 40, kinds, None)
    few = learn(features[:40], label[:40], target="gal", kinds=kinds[:40], background=features)
    same = learn(features, known, target="gal", kinds=odd, background=features)
    assert few.version == same.version
