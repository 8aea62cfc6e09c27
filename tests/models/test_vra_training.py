"""Learning all targets of a table at once: who is judged on whom, and what counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skysift.models.vra import load, members, training
from skysift.models.vra.importance import permutation_importance
from skysift.models.vra.labels import read_label_map
from skysift.models.vra.learner import OneClassError, learn
from tests.models.vra_clouds import clouds

NAMES = ["first", "second", "c", "d", "e", "f"]


@pytest.fixture(autouse=True)
def small_forests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tests quick; what holds for 25 trees holds for more."""
    monkeypatch.setattr(members, "TREES", 25)


def train(folder: Path, answers, features, objects, **settings):
    given = {"label_map": read_label_map(), "name": "own", "trained_on": "clouds", "labels": 60}
    return training.train(features, NAMES, answers, objects, folder, **{**given, **settings})


def test_targets_with_both_classes_are_learned_and_the_others_left(
    rng: np.random.Generator, tmp_path: Path
) -> None:
    features, label = clouds(rng, 300)
    answers = np.where(label == 1, "varstar", "agn")  # all real, none transient
    facts = train(tmp_path, answers, features, np.arange(300))
    assert set(facts["metrics"]) == {"gal"}
    assert facts["metrics"]["gal"]["labels"] == 60
    assert facts["metrics"]["gal"]["auc"] > 0.9
    scores = load(tmp_path).score(features)
    assert np.isfinite(scores["galactic"]).all() and np.isnan(scores["real"]).all()
    assert load(tmp_path).features == tuple(NAMES)


def test_no_object_is_judged_that_was_learned_from(
    rng: np.random.Generator, tmp_path: Path
) -> None:
    """Labels are chance, but the alerts of an object are alike: memory would look like skill."""
    objects = np.repeat(np.arange(60), 10)
    features = rng.normal(size=(60, 6))[objects] + 1e-3 * rng.normal(size=(600, 6))
    answers = np.where(rng.random(60) < 0.5, "gal", "agn")[objects]
    facts = train(tmp_path, answers, features, objects, labels=1000)
    assert facts["metrics"]["gal"]["labels"] < 60  # of each object one
    assert facts["metrics"]["gal"]["auc"] < 0.75


def test_one_class_alone_is_an_error(rng: np.random.Generator, tmp_path: Path) -> None:
    features, _ = clouds(rng, 20)
    with pytest.raises(OneClassError, match="no target of gal, real, trans"):
        train(tmp_path, ["bogus"] * 20, features, np.arange(20))


def test_shuffling_costs_only_where_a_feature_tells(rng: np.random.Generator) -> None:
    features, label = clouds(rng, 700)
    features[:, 5] = np.nan
    model = learn(features[:100], label[:100], target="gal", background=features)
    lost = permutation_importance(model, features[100:], label[100:] == 1, NAMES, rng)
    assert set(list(lost)[:2]) == {"first", "second"}
    assert min(lost["first"], lost["second"]) > 0.03
    assert all(abs(lost[name]) < 0.02 for name in ("c", "d", "e"))
    assert "f" not in lost


def table(path: Path) -> Path:
    alerts = {
        "candid": [1, 2, 3],
        "objectId": ["a", "a", "b"],
        "jd": 0.0,
        "status": ["ok", "ok", "no_detection"],
        "drb": [0.1, 0.2, 0.3],
    }
    pd.DataFrame(alerts).to_parquet(path / "table.parquet")
    return path / "table.parquet"


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("candid,label\n2,gal\n", [None, "gal"]),
        ("objectId,label\na,gal\nb,agn\n", ["gal", "gal"]),
    ],
)
def test_labels_find_their_alerts(tmp_path: Path, labels: str, expected: list) -> None:
    (tmp_path / "labels.csv").write_text(labels)
    features, names, answers, objects = training.read_labelled(
        table(tmp_path), tmp_path / "labels.csv", "label"
    )
    assert (names, answers, objects.tolist()) == (["drb"], expected, ["a", "a"])
    np.testing.assert_array_equal(features, [[0.1], [0.2]])


@pytest.mark.parametrize(
    ("labels", "complaint"),
    [
        ("objectId,label\na,gal\na,agn\n", "one row for each objectId. Got a"),
        ("objectId,answer\na,gal\n", "no column 'label'; it has: objectId, answer"),
        ("label\ngal\n", "no column 'objectId'"),
    ],
)
def test_labels_that_make_no_sense_are_refused(tmp_path: Path, labels: str, complaint: str) -> None:
    (tmp_path / "labels.csv").write_text(labels)
    with pytest.raises(ValueError, match=complaint):
        training.read_labelled(table(tmp_path), tmp_path / "labels.csv", "label")
