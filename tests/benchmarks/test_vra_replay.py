"""The replay of the VRA: its parts, and that the published learner does what was published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import vra_published, vra_replay
from skysift.campaigns.curves import draw_curves


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def test_the_published_learner_is_a_constant_at_30_labels_and_learns_at_40(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vra_replay, "QUERIES", {vra_replay.PUBLISHED: ("random",)})
    ((train, judged, seeds),) = vra_replay.parts(shared_data / "vra", "validation", 2)
    rounds = pd.concat(vra_replay.compare(train, judged, seeds, labels=40))
    assert set(rounds["query"]) == {"published random:top"}
    assert rounds.groupby("labels").size().to_dict() == {30: 2, 40: 2}
    first, second = (rounds[rounds["labels"] == n] for n in (30, 40))
    assert (first[["gal_auc", "real_auc"]] == 0.5).all(axis=None)
    assert (second[["gal_auc", "real_auc"]] > 0.65).all(axis=None)  # published: 0.86, 0.85
    assert (second["aurak"] > first["aurak"].to_numpy() + 0.2).all()


def test_the_published_learner_passes_over_a_column_without_a_number(
    rng: np.random.Generator,
) -> None:
    label = np.arange(60) % 2
    features = np.column_stack([label + 0.1 * rng.normal(size=60), np.full(60, np.nan)])
    answers = np.where(label == 1, "galactic", "good").astype(object)
    model = vra_published.fitter("gal", vra_replay.MAP)(features, answers, rng)
    np.testing.assert_array_equal(model.predict(features)[:, 1] > 0.5, label == 1)


def test_tuning_never_sees_the_validation_file(tmp_path: Path, shared_data: Path) -> None:
    for file in (shared_data / "vra").glob("*train*"):
        (tmp_path / file.name).symlink_to(file)
    halves = list(vra_replay.parts(tmp_path, "training", 3))
    assert [seeds for _, _, seeds in halves] == [[0], [1], [2]]
    for train, judged, _ in halves:
        both = [*train["ours"].items, *judged["ours"].items]
        assert len(set(both)) == len(both) == 1000
    assert set(halves[0][0]["ours"].items) != set(halves[1][0]["ours"].items)


def test_each_learner_and_query_has_its_curve_and_its_row() -> None:
    rounds = pd.DataFrame(
        {
            "query": np.repeat(["ours random", "published random"], 4),
            "seed": [0, 0, 1, 1] * 2,
            "round": [0, 1] * 4,
            "labels": [30, 40] * 4,
            **{metric: np.linspace(0.8, 0.9, 8) for metric in vra_replay.METRICS},
        }
    )
    panels = draw_curves(rounds, vra_replay.METRICS, {"aurak": 0.895}).axes
    assert [len(panel.lines) for panel in panels] == [2, 2, 3]
    rows = vra_replay.tables(rounds, 0.895)["gal_auc"]
    assert [row[""] for row in rows] == ["ours random", "published random"]
    assert rows[0]["30"] == "0.814 ± 0.020"  # of 0.8 and 0.8 + 0.2/7
