"""Evaluation of Zoobot: numbers worked out by hand, and a whole report."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from skysift.galaxy_zoo import read_tree
from skysift.models.zoobot.evaluation import fractions, held, judge
from skysift.models.zoobot.evaluation.agreement import agreement
from skysift.models.zoobot.evaluation.look import Looked
from skysift.models.zoobot.labels import labels_of
from skysift.models.zoobot.uncertainty.passes import Passes
from tests.models.zoobot_galaxies import make_galaxies, vote, write_set

TREE = read_tree("gz2")
LABELS = labels_of(TREE, "bar")


def looked(rho, said, truth=None):
    """What two passes tell of bars, ``rho`` (n, 2), and what people say, ``said`` (n, 2)."""
    rho, said = np.asarray(rho, float), np.asarray(said, float)
    told = Passes(LABELS.tree, np.stack([rho, 1 - rho], -1), concentrated=False)
    ids = np.array([f"g{i}" for i in range(len(rho))], object)
    truth = None if truth is None else np.stack([truth, 1 - np.asarray(truth)], -1)
    return Looked(SimpleNamespace(ids=ids), LABELS, said, truth, told, told)


SEEN = looked(
    [[0.2, 0.4], [0.8, 0.9], [0.5, 0.7], [0.1, 0.1]],
    [[2, 8], [10, 0], [4, 6], [1, 2]],
    truth=[0.3, 0.85, 0.4, 0.1],
)
"""Of the last, only three people told."""


def test_errors_are_those_of_galaxies_with_enough_votes():
    report = fractions.by_question(SEEN, 10)["bar"]
    assert report["galaxies"] == 3
    errors = np.array([0.3 - 0.2, 0.85 - 1.0, 0.6 - 0.4])
    assert report["mc"]["rmse"]["value"] == pytest.approx(np.sqrt((errors**2).mean()))
    assert report["mc"]["mae"] == pytest.approx(np.abs(errors).mean())
    single = np.array([0.0, -0.2, 0.1])
    assert report["single"]["rmse"]["value"] == pytest.approx(np.sqrt((single**2).mean()))
    of_truth = np.array([0.0, 0.0, 0.2])
    assert report["mc"]["rmse_truth"]["value"] == pytest.approx(np.sqrt((of_truth**2).mean()))
    assert report["mc"]["rmse"]["low"] <= report["mc"]["rmse"]["value"]
    likely = [
        stats.binom.pmf(k, 10, rho).mean()
        for k, rho in zip((2, 10, 4), ([0.2, 0.4], [0.8, 0.9], [0.5, 0.7]), strict=True)
    ]
    expected = pytest.approx(np.log(likely).mean())
    assert report["mc"]["log_likelihood"]["value"] == expected
    assert fractions.by_question(SEEN, 11)["bar"] == {"galaxies": 0}
    table = fractions.by_answer(SEEN, 10).set_index("column")
    assert table.loc["bar_yes", "bias"] == pytest.approx(errors.mean())
    assert table.loc["bar_no", "bias"] == pytest.approx(-errors.mean())
    assert table.loc["bar_no", "rmse"] == pytest.approx(np.sqrt((errors**2).mean()))


def test_reliability_weighs_votes():
    bins = fractions.reliability(SEEN.told, SEEN.votes)
    np.testing.assert_allclose(bins["low"], np.arange(10) / 10)
    # Told 0.85 of ten votes, which are ten; and 0.9 of three, which are two.
    assert bins.loc[8, ["votes", "told", "said"]].tolist() == pytest.approx([10, 0.85, 1.0])
    assert bins.loc[9, ["votes", "told", "said"]].tolist() == pytest.approx([3, 0.9, 2 / 3])
    assert bins["votes"].sum() == 2 * SEEN.votes.sum()
    assert np.isnan(bins.loc[2, "told"])


def test_the_likeliest_answers_are_compared():
    report = agreement(SEEN)["bar"]
    assert report["galaxies"] == 4
    assert report["confusion"] == [[1, 0], [1, 2]]
    assert report["accuracy"] == pytest.approx(3 / 4)
    assert report["balanced_accuracy"] == pytest.approx((1 + 2 / 3) / 2)
    # Eight and ten of ten agree; six of ten and two of three do not.
    assert report["clear"]["galaxies"] == 2
    assert (report["clear"]["accuracy"], report["clear"]["wrong"]) == (1.0, 0)
    assert report["auc"] == 1.0


def test_coverage_is_told_of_every_answer_and_kind():
    table = held.tables(SEEN, 10)
    assert set(table["column"]) == {"bar_yes", "bar_no"}
    assert set(table["kind"]) == {"mc", "single", "narrow"}
    assert set(table["measure"]) == {"votes", "fraction", "level"}
    mc = table[(table["kind"] == "mc") & (table["column"] == "bar_yes")]
    at = mc[(mc["measure"] == "fraction") & np.isclose(mc["allowed"].astype(float), 0.1)].iloc[0]
    # Told 0.3, 0.85 and 0.6 of ten votes; 2, 10 and 4 are 0.1, 0.15 and 0.2 off.
    expected = np.mean(
        [
            stats.binom.pmf(ks, 10, np.array(rho)[:, None]).mean(axis=0).sum()
            for ks, rho in (
                ([2, 3, 4], [0.2, 0.4]), ([8, 9], [0.8, 0.9]), ([5, 6, 7], [0.5, 0.7]),
            )
        ]
    )  # fmt: skip
    assert at["expected"] == pytest.approx(expected)
    assert at["observed"] == pytest.approx(1 / 3)
    shown = held.shown(table, "bar_yes")["mc"]["fraction"]
    assert shown["0.1"] == pytest.approx((expected - 1 / 3) * 3)
    assert list(held.tables(SEEN, 11)) == list(table)


class Oracle:
    """Tells the true chances, as a network would that knows them."""

    version, trained_on, labels = "oracle+1", "the truth", labels_of(TREE)

    def __init__(self, p):
        self._p, self._at = p, 0

    def passes(self, images, passes, *, views, widened):
        p = self._p[self._at : self._at + len(images)]
        self._at += len(images)
        values = np.repeat(np.maximum(p, 1e-3)[:, None], passes * views, axis=1)
        return Passes(TREE, values, concentrated=False, views=views)

    def widen(self, passes):
        return passes


def test_a_whole_report_of_one_that_knows_the_truth(tmp_path):
    rng = np.random.default_rng(3)
    images, p = make_galaxies(300, rng=rng)
    votes = vote(p, rng=rng)
    votes[7] = 0
    galaxies = write_set(tmp_path / "set", images, p, votes, shard=300)
    done = []
    known = np.delete(p, 7, axis=0)
    report = judge(
        galaxies, Oracle(known), tmp_path / "report", about={"set": {"part": "all"}},
        passes=2, views=2, progress=done.append,
    )  # fmt: skip
    assert done == [256, 299]
    assert (report["galaxies"], report["left_out"]) == (299, 1)
    assert (report["passes"], report["views"], report["set"]) == (4, 2, {"part": "all"})
    assert report["headline"]["column"] == "smooth-or-featured_smooth"
    errors = report["headline"]["coverage_error"]["mc"]
    assert abs(errors["fraction"]["0.1"]) < 0.1
    assert abs(errors["fraction"]["0.2"]) < 0.05
    smooth = report["questions"]["smooth-or-featured"]["mc"]
    noise = np.sqrt((known[:, :3] * (1 - known[:, :3]) / 40).mean())
    assert smooth["rmse"]["value"] == pytest.approx(noise, rel=0.1)
    assert smooth["rmse_truth"]["value"] < 1e-2
    folder = tmp_path / "report"
    assert json.loads((folder / "report.json").read_text()) == report
    assert sorted(path.name for path in folder.iterdir()) == [
        "answers.csv", "coverage.csv", "evaluation.pdf", "evaluation.png", "galaxies.parquet",
        "galaxies.pdf", "galaxies.png", "reliability.csv", "report.json",
    ]  # fmt: skip
    assert (folder / "evaluation.png").stat().st_size > 30_000
    assert (folder / "galaxies.png").stat().st_size > 30_000
    table = pd.read_parquet(folder / "galaxies.parquet")
    assert len(table) == 299
    assert table["bar_yes_votes"].sum() == votes[:, TREE.columns.index("bar_yes")].sum()


def test_galaxies_without_votes_cannot_be_judged(tmp_path):
    images, p = make_galaxies(3, rng=np.random.default_rng(4))
    galaxies = write_set(tmp_path / "set", images, p, np.zeros(p.shape, int))
    with pytest.raises(ValueError, match="none of the 3 galaxies has 10 votes on a question"):
        judge(galaxies, Oracle(p), tmp_path / "report", about={})
