"""Tables for replays: the published layouts of day 1 and day N, ours, and what does not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skysift.active_learning.query import Query
from skysift.campaigns.replaying import play, run_replay
from skysift.campaigns.vra.samples import contest, read_contest, read_sample
from skysift.campaigns.vra.settings import Settings
from skysift.datasets import feature_table
from skysift.models.vra import learner
from tests.campaigns.vra.atlas_tables import FIRST_ID, TYPES, atlas_tables


@pytest.fixture
def day_one(tmp_path) -> tuple[Path, Path, Path, Path]:
    train = atlas_tables(tmp_path, "train", 120)
    return *train, *atlas_tables(tmp_path, "val", 60, first=FIRST_ID + 1000)


def test_day_one_has_an_alert_an_object(day_one):
    sample = read_sample(*day_one[:2], Settings())
    assert len(sample) == 120
    assert sample.items.tolist() == sample.objects.tolist()
    assert sample.items[0] == str(FIRST_ID)
    assert "galactic_latitude" in sample.table and "ra" not in sample.table
    np.testing.assert_array_equal(sample.label("gal") == 1, np.isin(sample.answers, TYPES[1::2]))
    assert sample.order().tolist() == sample.table["rb_pix"].tolist()


@pytest.mark.parametrize("rows", ["each alert", "each object"])
def test_day_n_has_several_alerts_an_object(tmp_path, rows):
    table, labels = atlas_tables(tmp_path, "dayn", 30, days=3)
    if rows == "each object":
        pd.read_csv(labels).drop_duplicates().to_csv(labels, index=False)
    sample = read_sample(table, labels, Settings())
    assert (len(sample), len(set(sample.items)), len(set(sample.objects))) == (90, 90, 30)
    assert sample.items[:3].tolist() == [f"{FIRST_ID}:{day}" for day in (1, 2, 3)]
    assert (sample.answers.reshape(30, 3) == sample.answers[::3, None]).all()


def test_on_day_n_an_object_is_asked_about_once_and_is_one_group(tmp_path, monkeypatch):
    train = atlas_tables(tmp_path, "train", 60, days=3)
    judged = atlas_tables(tmp_path, "val", 20, days=3, first=FIRST_ID + 1000)
    groups = []
    real = learner.learn

    def noting(features, label, **options):
        groups.append(options["groups"])
        return real(features, label, **options)

    monkeypatch.setattr(learner, "learn", noting)
    setting = read_contest(*train, *judged, Settings())
    played = play(setting, Query("margin", "k_means"), 0, initial=12, batch=4, labels=16)
    assert played.rounds["labels"].tolist() == [12, 16]
    for _, asked in played.asked.groupby("task"):
        assert asked["object"].is_unique and asked["item"].str.contains(":").all()
    assert all(":" not in name for name in groups[0])


def test_ours_are_read_by_candid_or_by_object(night, tmp_path, truth):
    table = tmp_path / "features.parquet"
    feature_table([night / "packets"]).to_parquet(table, index=False)
    settings = Settings(labels="simulation")
    by_alert = read_sample(table, night / "truth.csv", settings)
    objects = truth[["objectId", "class"]].drop_duplicates().rename(columns={"class": "label"})
    objects.to_csv(tmp_path / "labels.csv", index=False)
    by_object = read_sample(table, tmp_path / "labels.csv", settings)
    assert by_alert.answers.tolist() == by_object.answers.tolist()
    known = dict(zip(truth["candid"].astype(str), truth["class"], strict=True))
    assert by_alert.answers.tolist() == [known[item] for item in by_alert.items]
    with pytest.raises(ValueError, match="answers must be of the label map"):
        read_sample(table, night / "truth.csv", Settings())


def test_what_does_not_fit_is_refused(day_one, tmp_path):
    train = read_sample(*day_one[:2], Settings())
    judged = read_sample(*day_one[2:], Settings())
    with pytest.raises(ValueError, match="learned from and judged on"):
        contest(train, train.take(np.arange(5)))
    less = type(judged)(*vars(judged).values())
    less.table.drop(columns="sep", inplace=True)
    with pytest.raises(ValueError, match=r"differ in: \['sep'\]"):
        contest(train, less)
    with pytest.raises(FileNotFoundError, match="there is no table"):
        read_sample(tmp_path / "X.csv", day_one[1], Settings())
    with pytest.raises(ValueError, match="has no column ATLAS_ID"):
        (tmp_path / "X.csv").write_text("a,b\n1,2\n")
        read_sample(tmp_path / "X.csv", day_one[1], Settings())


# Replays


def test_a_replay_learns_pairs_its_seeds_and_writes_as_it_goes(day_one, tmp_path):
    setting = read_contest(*day_one, Settings())
    queries = [Query("margin", "k_means"), Query("random")]
    out, seen = tmp_path / "out", []

    def look() -> None:
        seen.append(len(pd.read_csv(out / "rounds.csv")))

    sizes = {"initial": 12, "batch": 12, "labels": 24}
    told = run_replay(setting, queries, range(2), out, progress=look, **sizes)
    assert seen == [2, 4, 6, 8]  # two rounds a query and seed
    rounds = pd.read_csv(out / "rounds.csv")
    first = rounds[rounds["round"] == 0].set_index(["seed", "query"])
    for seed in (0, 1):
        one, other = first.loc[seed].drop(columns="round").to_numpy()
        np.testing.assert_array_equal(one, other)
    final = rounds[(rounds["labels"] == 24) & (rounds["query"] == "margin:k_means")]
    assert told["strategy"] == "margin:k_means" and told["labels"] == 24 and told["seeds"] == 2
    for metric in ("gal_auc", "real_auc", "aurak"):
        assert told[metric] == pytest.approx(final[metric].mean(), abs=1e-6)
        assert told["sd"][metric] == pytest.approx(final[metric].std(), abs=1e-6)
        assert told["curves"]["random:top"][metric]["mean"][0] == pytest.approx(
            first.xs("random:top", level="query")[metric].mean(), abs=1e-6
        )
    assert told["gal_auc"] > 0.8 and told["real_auc"] > 0.9
    paired = rounds[rounds["labels"] == 24].pivot(index="seed", columns="query", values="aurak")
    gain = paired["margin:k_means"] - paired["random:top"]
    assert told["gain"]["margin:k_means"]["aurak"]["mean"] == pytest.approx(gain.mean(), abs=1e-6)
    assert told["gain"]["margin:k_means"]["aurak"]["sem"] == pytest.approx(gain.sem(), abs=1e-6)


def test_a_replay_says_what_it_asked_and_how_recall_rises(day_one, tmp_path):
    setting = read_contest(*day_one, Settings())
    played = run_replay(setting, [Query("random")], [3], tmp_path, initial=12, batch=6, labels=18)
    asked = pd.read_csv(tmp_path / "asked.csv", dtype={"item": str})
    assert asked.groupby(["task", "round"]).size().tolist() == [12, 6, 12, 6]
    known = pd.read_csv(day_one[1], dtype={"ATLAS_ID": str}).set_index("ATLAS_ID")["type"]
    assert asked["answer"].tolist() == known[asked["item"]].tolist()
    assert not set(asked["answer"][asked["task"] == "gal"]) & {"garbage"}
    recall = pd.read_csv(tmp_path / "recall.csv")
    curve = recall[recall["labels"] == 18]["mean"].to_numpy()
    assert curve[0] == 0 and curve[-1] == 1 and (np.diff(curve) >= 0).all()
    assert (tmp_path / "curves.png").stat().st_size > 10_000
    assert played["sd"]["aurak"] is None  # one seed has no spread
    assert played["gain"] == {}
    np.testing.assert_allclose(
        (curve[1:] + curve[:-1]).mean() / 2, played["aurak"], atol=0.02
    )  # the area under it is AuRaK
