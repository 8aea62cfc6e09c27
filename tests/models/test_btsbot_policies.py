"""Policies against a loop over the alerts of each source, as one would write it on paper."""

from __future__ import annotations

import math
from dataclasses import asdict

import numpy as np
import pytest

from skysift.models._settings import ConfigError
from skysift.models.btsbot.evaluation.policies import Policy, read_policies
from skysift.models.btsbot.evaluation.sources import replay
from tests.docs.markdown import ROOT, Page
from tests.models.scored_alerts import scored_table

ODD = {
    "sure": Policy(min_alerts=3, min_score=0.2, max_uncertainty=0.05),
    "any three": Policy(min_alerts=3),
    "bright": Policy(peak_mag_at_most=17.2),
}


def by_hand(rows, policy: Policy):
    """Return the first alert at which a policy fires, or None."""
    counted, peak = 0, math.inf
    for row in rows.itertuples():
        peak = min(peak, row.magpsf)
        counted += (
            row.score >= policy.min_score
            and row.score > policy.score_above
            and row.magpsf < policy.mag_brighter_than
            and (math.isinf(policy.max_uncertainty) or row.uncertainty <= policy.max_uncertainty)
        )
        if counted >= policy.min_alerts and peak <= policy.peak_mag_at_most:
            return row
    return None


def test_a_replay_is_the_loop(rng):
    scored, policies = scored_table(rng), {**read_policies(), **ODD}
    sources = replay(scored, policies).set_index("objectId")
    outcomes = set()
    for name, rows in scored.sort_values(["jd", "candid"]).groupby("objectId"):
        for policy in policies:
            found, truth = sources.loc[name], by_hand(rows, policies[policy])
            outcomes.add((policy, truth is not None))
            assert found[f"{policy}.fired"] == (truth is not None)
            if truth is None:
                assert np.isnan([found[f"{policy}.jd"], found[f"{policy}.mag"]]).all()
            else:
                assert (found[f"{policy}.jd"], found[f"{policy}.mag"]) == (truth.jd, truth.magpsf)
    assert len(outcomes) == 2 * len(policies)  # each policy fires on some, and not on others


def test_the_published_policies():
    policies = read_policies()
    assert list(policies) == ["bts_p1", "bts_p2", "prod_p1", "prod_p2"]
    two = {"score": np.array([0.5, 0.5]), "uncertainty": np.full(2, np.nan)}
    one = {"score": np.array([0.85, 0.851]), "uncertainty": np.full(2, np.nan)}
    first = np.zeros(2, int)
    dim, bright = np.array([18.99, 18.6]), np.array([18.99, 18.5])
    assert policies["bts_p1"].fired(**two, magpsf=dim, first=first).tolist() == [False, True]
    assert policies["bts_p1"].fired(**two, magpsf=dim + 0.01, first=first).tolist() == [False] * 2
    assert policies["bts_p2"].fired(**two, magpsf=dim, first=first).tolist() == [False, False]
    assert policies["bts_p2"].fired(**two, magpsf=bright, first=first).tolist() == [False, True]
    assert policies["prod_p1"].fired(**one, magpsf=dim, first=first).tolist() == [False, True]
    assert policies["prod_p2"].fired(**one, magpsf=bright, first=first).tolist() == [False, True]


def test_a_peak_before_the_scores_counts():
    policy = Policy(min_score=0.5, peak_mag_at_most=18.0)
    fired = policy.fired(np.array([0.1, 0.9]), np.full(2, np.nan), np.array([17.0, 19.0]),
                         np.zeros(2, int))  # fmt: skip
    assert fired.tolist() == [False, True]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[mine]\nmin_scor = 0.5", "mine.*min_scor.*min_score"),
        ("[mine]\nmin_alerts = 0", "mine.*min_alerts.*≥ 1"),
        ("[mine]\nmin_alerts = 1.5", "mine.*min_alerts.*integer"),
        ("[mine]\nmin_score = 2", "mine.*min_score.*1"),
        ("[mine]\nmin_score = '0.5'", "mine.*min_score.*number"),
        ("[mine]\nmag_brighter_than = nan", "mine.*mag_brighter_than must be a number.*nan"),
        ("mine = 3", "mine.*table"),
        ("[mine]\nmin_score = 0.5 # \u00e9", "not TOML"),
        ("[mine", "not TOML"),
        ("", "no policy"),
    ],
)
def test_a_bad_policy_says_what_is_wrong(text, told, tmp_path):
    (tmp_path / "policies.toml").write_text(text, encoding="latin-1")
    with pytest.raises(ConfigError, match=told):
        read_policies(tmp_path / "policies.toml")


def test_the_example_in_the_docs_is_a_policy(tmp_path):
    (block,) = (b for b in Page(ROOT / "docs" / "evaluation.md").blocks if b.language == "toml")
    (tmp_path / "mine.toml").write_text(block.text)
    assert set(asdict(read_policies(tmp_path / "mine.toml")["mine"]).values()) == {
        2, 0.5, -math.inf, 19.0, 0.1, 18.5,
    }  # fmt: skip
