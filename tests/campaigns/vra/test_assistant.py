"""The assistant: all targets from one set of answers, and what it asks about."""

from __future__ import annotations

import json

import numpy as np
import pytest

from skysift.active_learning.learner import Committee
from skysift.active_learning.pool import Pool
from skysift.campaigns.kind import NotEnoughLabelsError
from skysift.campaigns.vra.assistant import classes, learner, load, save
from skysift.campaigns.vra.judging import judge, wanted
from skysift.campaigns.vra.settings import Settings, form, unused
from skysift.models.vra import load as load_weights
from skysift.models.vra.inputs import FEATURES
from skysift.models.vra.labels import read_label_map

KINDS = {"extragal": (1, 0), "gal": (1, 1), "bogus": (0, 0), "agn": (1, 0), "varstar": (1, 1)}
"""By answer: where it stands in the two features that tell real from bogus, and Galactic or not."""


@pytest.fixture
def sky() -> tuple[Pool, np.ndarray]:
    """Return 200 alerts, two an object, of which three features tell all; and their answers."""
    rng = np.random.default_rng(1)
    answers = np.repeat(rng.choice(list(KINDS), 100), 2).astype(object)
    table = rng.normal(size=(200, len(FEATURES)))
    table[:, :2] = 3 * np.array([KINDS[answer] for answer in answers])
    table[:, :2] += 0.3 * rng.normal(size=(200, 2))
    table[:, 2] = np.where(np.isin(answers, ["agn", "varstar"]), 2.0, -2.0)
    names = np.repeat([f"ZTF{i}" for i in range(100)], 2)
    return Pool(np.arange(200), names, table), answers


def taught(sky, settings, rows):
    pool, answers = sky
    made = learner(pool, np.ones(len(pool), bool), settings)
    fitted = made.fit(
        pool.features[rows], answers[rows], np.random.default_rng(0), groups=pool.objects[rows]
    )
    return made, fitted


def test_the_rank_is_asked_about_as_bogus_galactic_or_extragalactic(sky):
    _, model = taught(sky, Settings(), np.arange(0, 120, 2))
    pool, answers = sky
    assert model.classes == ("bogus", "gal", "extragal")
    p = model.predict(pool.features)
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-6)
    seen = np.array(["bogus", "gal", "extragal"])[p.argmax(axis=1)]
    same = {"agn": "extragal", "varstar": "gal"}
    true = np.array([same.get(answer, answer) for answer in answers])
    assert (seen == true)[120:].mean() > 0.9


def test_members_disagree_in_the_same_classes(sky):
    _, model = taught(sky, Settings(), np.arange(0, 60, 2))
    assert isinstance(model, Committee)
    members = model.committee(sky[0].features[:7])
    assert members.shape == (len(model.targets["gal"].members), 7, 3)
    np.testing.assert_allclose(members.sum(axis=2), 1, atol=1e-6)
    real = model.targets["real"].committee(sky[0].features[:7])[..., 1]
    np.testing.assert_allclose(members[..., 0], 1 - real, atol=1e-6)


def test_one_target_can_be_asked_about_alone(sky):
    _, model = taught(sky, Settings(target="trans"), np.arange(0, 60, 2))
    np.testing.assert_array_equal(
        model.predict(sky[0].features[:5]), model.targets["trans"].predict(sky[0].features[:5])
    )
    assert model.classes == read_label_map().classes("trans")


def test_what_is_written_is_what_the_science_module_loads(sky, tmp_path):
    _, model = taught(sky, Settings(), np.arange(0, 60, 2))
    save(model, tmp_path)
    again = load(tmp_path)
    assert (again.version, again.asked, again.classes) == (model.version, "rank", model.classes)
    features = sky[0].features[:9]
    np.testing.assert_array_equal(again.predict(features), model.predict(features))
    scores = load_weights(tmp_path).score(features)
    np.testing.assert_array_equal(scores["galactic"], model.targets["gal"].predict(features)[:, 1])
    assert np.isfinite(scores["rank"]).all()
    assert "30 answers" in json.loads((tmp_path / "vra.json").read_text())["trained_on"]


def test_a_target_that_is_asked_about_needs_both_classes(sky):
    _, answers = sky
    rows = np.flatnonzero(answers != "bogus")[:40]
    with pytest.raises(NotEnoughLabelsError, match="real: labels of both classes are needed"):
        taught(sky, Settings(), rows)
    _, model = taught(sky, Settings(target="gal"), rows)
    assert set(model.targets) == {"gal", "trans"}


def test_held_out_alerts_do_not_even_tell_how_features_are_spread(sky):
    pool, answers = sky
    half = np.arange(200) < 100
    rows = np.arange(0, 60, 2)
    given = pool.features[rows], answers[rows], np.random.default_rng(0)
    fitted = learner(pool, half, Settings()).fit(*given, groups=pool.objects[rows])
    pool.features[~half] = 1e6
    given = pool.features[rows], answers[rows], np.random.default_rng(0)
    again = learner(pool, half, Settings()).fit(*given, groups=pool.objects[rows])
    np.testing.assert_array_equal(
        fitted.targets["gal"].views.quantiles, again.targets["gal"].views.quantiles
    )


def test_answers_that_say_nothing_of_what_is_asked_do_not_count():
    assert unused(Settings()) == ()
    assert unused(Settings(target="gal")) == ("real", "bogus")
    assert unused(Settings(target="real")) == ()
    assert unused(Settings(target="trans")) == ("real", "bogus")


def test_people_are_asked_with_the_keys_of_the_label_map():
    assert dict(form(Settings()).choices) == {
        "r": "real", "x": "extragal", "g": "gal", "a": "agn", "b": "bogus", "v": "varstar",
    }  # fmt: skip
    assert form(Settings(labels="simulation")).choices["m"] == "asteroid"


def test_a_map_of_one_s_own_without_a_side_is_refused(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('[good]\nkey = "g"\nreal = true\ngal = false\n[bad]\nkey = "b"\nreal = false\n')
    with pytest.raises(ValueError, match="an answer that means real = true, gal = true"):
        classes("rank", read_label_map(path))


def test_what_should_come_first_is_real_extragalactic_and_no_agn():
    answers = ["extragal", "gal", "agn", "bogus", "varstar", "real"]
    assert wanted(answers, read_label_map()).tolist() == [True] + [False] * 5


def test_judging_counts_what_it_is_judged_on(sky):
    made, model = taught(sky, Settings(), np.arange(0, 120, 2))
    pool, answers = sky
    rows = np.arange(120, 200)
    figures = made.evaluate(model, pool.features[rows], answers[rows])
    known = np.isin(answers[rows], ["extragal", "gal", "agn", "varstar"])
    assert figures["gal_judged"] == known.sum()
    assert figures["real_yes"] == (answers[rows] != "bogus").sum()
    assert figures["gal_auc"] > 0.9 and figures["real_auc"] > 0.9 and figures["aurak"] > 0.7
    p = model.targets["gal"].predict(pool.features[rows][known])[:, 1]
    yes = np.isin(answers[rows][known], ["gal", "varstar"])
    assert figures["gal_brier"] == pytest.approx(((p - yes) ** 2).mean())
    assert judge(model.targets, pool.features[:0], [], read_label_map()) == {}
