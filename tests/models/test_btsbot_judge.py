"""The whole evaluation: what is written, and that it agrees with itself."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from skysift.models.btsbot.evaluation import judge
from skysift.models.btsbot.evaluation.figure import Shown, draw
from skysift.models.btsbot.evaluation.scores import ALERT_COLUMNS, read_history, score_set
from tests.models.scored_alerts import scored_table, training_set

ABOUT = {"weights": {"version": "made-up+0", "trained_on": "nothing"}, "set": {"part": "test"}}
HISTORY = {"epoch": [1, 2, 3], "loss": [0.7, 0.3, 0.2], "val_loss": [0.6, 0.4, 0.5]}


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("judged")
    alerts = training_set(np.random.default_rng(1))
    scored = scored_table(np.random.default_rng(1))
    report = judge(alerts, scored, folder, about=ABOUT, history=HISTORY)
    return folder, report, scored


def test_json_holds_the_report_and_no_nan(judged):
    folder, report, _ = judged
    text = (folder / "report.json").read_text()
    assert "NaN" not in text
    assert json.loads(text) == report
    assert report["weights"] == ABOUT["weights"]
    assert report["sources"]["policies"]["bts_p1"]["trigger_delay_days"] == {
        "sources": 0, "median": None,
    }  # fmt: skip
    assert report["sources"]["policies"]["bts_p1"]["save_delay_days"]["median"] is not None


def test_tables_agree_with_the_report(judged):
    folder, report, scored = judged
    alerts = pd.read_parquet(folder / "alerts.parquet")
    pd.testing.assert_frame_equal(alerts[scored.columns], scored)
    assert alerts["verdict"].value_counts().to_dict() == report["alerts"]["confusion"]
    assert alerts["verdict"].isna().sum() == report["alerts"]["unscored"]
    sources = pd.read_csv(folder / "sources.csv")
    kept = sources[sources["left_out"].isna()]
    assert kept["bts_p2.fired"].sum() == sum(
        report["sources"]["policies"]["bts_p2"][name] for name in ("tp", "fp")
    )
    metrics = pd.read_csv(folder / "metrics.csv")
    purity = metrics.query("level == 'source' and of == 'bts_p2' and metric == 'purity'")
    assert len(purity) == 7  # overall, and six bins
    overall = purity[purity["from"].isna()]["value"].item()
    assert overall == report["sources"]["policies"]["bts_p2"]["purity"]["value"]


def test_mistakes_are_listed_from_the_surest_down(judged):
    folder, report, _ = judged
    wrong = pd.read_csv(folder / "misclassified.csv")
    counts = report["alerts"]["confusion"]
    assert wrong["verdict"].value_counts().to_dict() == {k: counts[k] for k in ("fp", "fn")}
    assert ((wrong["score"] >= 0.5) != wrong["label"]).all()
    assert (wrong["score"] - 0.5).abs().is_monotonic_decreasing


def test_pictures_are_pictures(judged):
    folder, _, _ = judged
    for name in ("evaluation.png", "false_positives.png", "false_negatives.png"):
        assert (folder / name).read_bytes().startswith(b"\x89PNG")
    assert (folder / "evaluation.pdf").read_bytes().startswith(b"%PDF")


def test_the_figure_shows_only_what_there_is(judged):
    _, report, scored = judged
    sources = pd.read_csv(judged[0] / "sources.csv", keep_default_na=False, na_values=[""])
    sources["left_out"] = sources["left_out"].fillna("")
    titles = [
        [cell.get_suptitle() for cell in draw(Shown(report, scored, sources, history)).subfigs]
        for history in (HISTORY, None)
    ]
    assert any("Training" in title for title in titles[0])
    assert not any("Training" in title for title in titles[1])
    assert any("save" in title for title in titles[1])
    assert not any("trigger" in title for title in titles[1])


def test_a_perfect_network_without_uncertainty_is_drawn_too(tmp_path):
    alerts = training_set(np.random.default_rng(1))
    scored = alerts.table[ALERT_COLUMNS].assign(uncertainty=np.nan)
    scored["score"] = scored["label"].astype(np.float32)
    report = judge(alerts, scored, tmp_path, about=ABOUT)
    assert report["alerts"]["metrics"]["auc"]["value"] == 1
    assert not (tmp_path / "false_positives.png").exists()
    assert len(pd.read_csv(tmp_path / "misclassified.csv")) == 0


def test_a_network_that_calls_nothing_positive_is_drawn_too(tmp_path):
    alerts = training_set(np.random.default_rng(1))
    scored = alerts.table[ALERT_COLUMNS].assign(uncertainty=0.1, score=np.float32(0.2))
    report = judge(alerts, scored, tmp_path, about=ABOUT)
    assert report["alerts"]["metrics"]["precision"]["value"] is None
    assert report["sources"]["policies"]["bts_p1"]["purity"]["value"] is None


def test_no_alert_is_an_error(rng, tmp_path):
    nothing = training_set(rng).select(slice(0, 0))
    with pytest.raises(ValueError, match="no alert"):
        judge(nothing, nothing.table, tmp_path, about=ABOUT)


class FirstFeature:
    """Scores by the first feature and the stamps' corner; settles what is negative."""

    needs = ()

    def settle(self, metadata):
        settled = metadata[:, 0] < 0
        return settled, np.where(settled, 0.125, np.nan)

    def score(self, triplet, metadata):
        self.scored = getattr(self, "scored", 0) + len(metadata)
        return {"score": metadata[:, 0] + triplet[:, 0, 0, 0], "uncertainty": metadata[:, 0] / 2}


def test_scoring_in_slices_keeps_each_alert_with_its_own(rng, monkeypatch):
    alerts = training_set(rng)
    alerts.table["sgscore1"] = rng.normal(size=len(alerts)).astype(np.float32)
    monkeypatch.setattr("skysift.models.btsbot.evaluation.scores.AT_ONCE", 100)
    done = []
    scorer = FirstFeature()
    scored = score_set(alerts, scorer, progress=done.append)
    first = alerts.table["sgscore1"].to_numpy()
    corner = alerts.triplet(slice(None))[:, 0, 0, 0]
    np.testing.assert_array_equal(scored["score"], np.where(first < 0, 0.125, first + corner))
    np.testing.assert_array_equal(scored["uncertainty"], np.where(first < 0, np.nan, first / 2))
    assert done == [*range(100, len(alerts), 100), len(alerts)]
    assert scorer.scored == (first >= 0).sum()
    scored = score_set(alerts, scorer, cascade=False)
    np.testing.assert_array_equal(scored["score"], first + corner)


def test_history_is_found_beside_the_weights(tmp_path, imported):
    for file in imported.parent.glob(f"{imported.stem}.*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert read_history(tmp_path) is None
    (tmp_path / f"{imported.stem}.history.csv").write_text("epoch,loss\n1,0.5\n2,0.25\n")
    assert read_history(tmp_path) == {"epoch": [1, 2], "loss": [0.5, 0.25]}
