"""Scores, percentiles and the evaluation of GANomaly, against scikit-learn and by hand."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn import metrics

from skysift.models._metrics import Ranking
from skysift.models.ganomaly.evaluation import judge
from skysift.models.ganomaly.evaluation.detection import detection, equal_error_rate
from skysift.models.ganomaly.panels import panel_name, strangest, write_panel
from skysift.models.ganomaly.predictions import FILE_COLUMNS
from skysift.models.ganomaly.reference import KNOTS, Reference
from skysift.models.ganomaly.scores import COLUMNS, RAW, scores_of


def reference_of(rng, count=400):
    scores = {name: rng.lognormal(i, 0.3 + 0.2 * i, count) for i, name in enumerate(RAW)}
    return Reference.of(scores, RAW), scores


def table_of(rng, normal=80, abnormal=40):
    """Scores that overlap, in the order of the file's columns."""
    count = normal + abnormal
    table = pd.DataFrame({"filename": [f"{i}.png" for i in range(count)]})
    table["label"] = ["0.normal"] * normal + ["1.abnormal"] * abnormal
    table["status"], table["artefact"], table["version"] = "ok", "", "it+0"
    shift = np.repeat([0.0, 1.0], [normal, abnormal])
    for name in FILE_COLUMNS:
        if name not in table:
            table[name] = rng.normal(size=count) + shift
    table["percentile"] = np.clip(50 + 20 * table["combined"], 0, 100)
    return table[list(FILE_COLUMNS)]


def test_percentiles_are_shares_of_the_reference_set(rng):
    reference, scores = reference_of(rng)
    values = np.array([0.0, *np.quantile(scores["latent"], [0.1, 0.5, 0.999]), 1e9, np.nan])
    told = reference.percentile("latent", values)
    np.testing.assert_allclose(told[:5], [0, 10, 50, 99.9, 100], atol=1e-3)
    assert np.isnan(told[5])
    assert told.dtype == np.float32


def test_a_reference_survives_json_and_large_ones_keep_their_ends(rng):
    scores = {name: rng.lognormal(0, 1, 30_000) for name in RAW}
    reference = Reference.of(scores, RAW)
    again = Reference.from_dict(json.loads(json.dumps(reference.as_dict)))
    assert again.images == 30_000
    assert len(again.curves["image"]) == KNOTS
    assert again.curves["latent"][[0, -1]] == pytest.approx(
        [scores["latent"].min(), scores["latent"].max()]
    )
    values = np.geomspace(0.01, 100, 50)
    ours = np.searchsorted(np.sort(scores["image"]), values) / 300
    np.testing.assert_allclose(again.percentile("image", values), ours, atol=0.1)


def test_the_combined_score_counts_each_part_in_its_own_scatter(rng):
    reference, scores = reference_of(rng)
    middle = {name: np.median(values)[None] for name, values in scores.items()}
    assert reference.combined(middle) == pytest.approx(0, abs=0.01)
    for name, sigma in (("latent", 0.3), ("distance", 0.9)):
        one_more = {**middle, name: middle[name] * np.exp(sigma)}
        assert reference.combined(one_more) == pytest.approx(1 / len(RAW), rel=0.2)


def test_a_score_that_is_small_does_not_make_up_for_one_that_is_large(rng):
    reference, scores = reference_of(rng)
    usual = {name: np.median(values)[None] for name, values in scores.items()}
    black = {**usual, "image": usual["image"] * 1e-6, "distance": usual["distance"] * 1e3}
    assert reference.percentile("combined", reference.combined(black)) > 99


def test_the_published_scale_is_that_of_the_extremes(rng):
    reference, scores = reference_of(rng)
    least, most = scores["latent"].min(), scores["latent"].max()
    told = reference.published(np.array([least, most, 2 * most - least]))
    np.testing.assert_allclose(told, [0, 1, 2], atol=1e-5)


def test_what_is_told_of_images_has_every_column_and_keeps_nan(rng):
    reference, _ = reference_of(rng)
    measured = np.abs(rng.normal(1, 0.1, (3, len(RAW)))).astype(np.float32)
    measured[1] = np.nan
    told = scores_of(measured, reference)
    assert tuple(told) == COLUMNS
    for column in told.values():
        assert column.dtype == np.float32
        assert np.isnan(column).tolist() == [False, True, False]


def test_a_reference_set_that_tells_nothing_is_refused(rng):
    few = {name: np.ones(9) for name in RAW}
    with pytest.raises(ValueError, match=r"needs 10 images or more\. Got: 9"):
        Reference.of(few, RAW)
    broken = {name: np.ones(20) for name in RAW}
    broken["feature"][3] = np.nan
    with pytest.raises(ValueError, match="feature is not a number"):
        Reference.of(broken, RAW)


def test_areas_and_f1_are_scikit_learns(rng):
    abnormal = rng.random(300) < 0.3
    score = np.round(rng.normal(size=300) + abnormal, 1)  # with ties
    told = detection(abnormal, score)
    assert told["auc"]["value"] == pytest.approx(metrics.roc_auc_score(abnormal, score))
    assert told["average_precision"]["value"] == pytest.approx(
        metrics.average_precision_score(abnormal, score)
    )
    assert told["auc"]["low"] < told["auc"]["value"] < told["auc"]["high"]
    best = max(metrics.f1_score(abnormal, score >= cut) for cut in np.unique(score))
    assert told["f1"] == pytest.approx(best)
    assert metrics.f1_score(abnormal, score >= told["threshold"]) == pytest.approx(best)


@pytest.mark.parametrize(
    ("normal", "abnormal", "rate"),
    [([0, 1, 2, 3], [4, 5], 0.0), ([1, 2], [1, 2], 0.5), ([4, 5], [0, 1], 1.0),
     ([0, 1, 2, 9], [3, 4, 5, -1], 0.25)],
)  # fmt: skip
def test_the_equal_error_rate_by_hand(normal, abnormal, rate):
    label = np.repeat([False, True], [len(normal), len(abnormal)])
    ranking = Ranking(label, np.array([*normal, *abnormal], float))
    assert equal_error_rate(ranking) == pytest.approx(rate)


def test_the_report_counts_what_the_table_holds(rng, tmp_path):
    table = table_of(rng)
    table.loc[0, "status"], table.loc[0, "combined"] = "unreadable", np.nan
    table.loc[100:, "label"] = "2.ring"
    report = judge(table, tmp_path, about={"set": {"part": "test"}})
    assert report == json.loads((tmp_path / "report.json").read_text())
    assert report["images"] == {"normal": 79, "abnormal": 40, "unscored": 1, "artefacts": 0}
    assert report["set"] == {"part": "test"}
    assert set(report["classes"]) == {"1.abnormal", "2.ring"}
    assert report["classes"]["2.ring"]["images"] == 20
    scored = table[table["status"] == "ok"]
    called = scored["percentile"] >= 99
    normal = scored["label"] == "0.normal"
    assert report["beyond"]["tp"] == (called & ~normal).sum()
    assert report["beyond"]["fp"] == (called & normal).sum()
    assert report["scores"]["raw"]["auc"]["value"] == pytest.approx(
        metrics.roc_auc_score(~normal, scored["raw"])
    )
    assert len(pd.read_parquet(tmp_path / "scores.parquet")) == len(table)
    assert (tmp_path / "evaluation.pdf").stat().st_size > 5000
    assert np.asarray(Image.open(tmp_path / "evaluation.png")).std() > 10


@pytest.mark.parametrize(
    ("label", "missing"), [("0.normal", "image of another class"), ("1.abnormal", "normal image")]
)
def test_one_class_alone_cannot_be_judged(rng, tmp_path, label, missing):
    with pytest.raises(ValueError, match=f"there is no {missing} with a score among 120"):
        judge(table_of(rng).assign(label=label), tmp_path, about={})


def test_the_strangest_images_are_found_and_drawn(rng, tmp_path):
    table = table_of(rng, 10, 0)
    table.loc[4, "combined"] = 50.0
    table.loc[7, ["combined", "status"]] = [99.0, "size"]
    rows = strangest(table, 3)
    ranked = table[table["status"] == "ok"].sort_values("combined", ascending=False)
    assert [row["filename"] for row in rows] == ranked["filename"].tolist()[:3]
    row, image = rows[0], rng.uniform(-1, 1, (32, 32, 3)).astype(np.float32)
    assert row["combined"] == 50
    write_panel(tmp_path / "a.png", row, image, np.zeros_like(image))
    write_panel(tmp_path / "b.png", row, image, image)
    with_residual, without = (
        np.asarray(Image.open(tmp_path / name)) for name in ("a.png", "b.png")
    )
    assert with_residual.shape == without.shape
    assert (with_residual != without).any()


def test_names_of_panels_are_names_of_files():
    assert panel_name(1, "../x/y z.tar.png") == "001-..-x-y-z.tar.png"
    assert "/" not in panel_name(2, "a/b#3")
