"""Top candidates: an alert is as good as its place in one of its topics."""

from __future__ import annotations

import numpy as np
import pandas as pd

from skysift.stream.plan import make_plan
from skysift.stream.summary import top_candidates

JUDGES = {"bright": ("btsbot",), "comets": ("tails",), "ranked": ("vra",)}


def names(n: int = 10, **columns: list) -> list[str]:
    routed = pd.DataFrame(columns)
    routed["objectId"] = [f"ZTF{row}" for row in range(len(routed))]
    return top_candidates(routed, n, JUDGES)["objectId"].tolist()


def test_a_score_counts_in_its_own_topic_only():
    topics = [["bright"], ["ranked"], ["comets", "ranked"], ["bright", "comets"]]
    found = names(
        topics=topics,
        **{"btsbot.score": [0.9, 1.0, np.nan, 0.6], "tails.score": [1.0, 1.0, 0.8, 0.95]},
    )
    assert found == ["ZTF0", "ZTF3", "ZTF2", "ZTF1"]


def test_the_best_of_every_topic_come_first_whatever_its_scores_are_in():
    found = names(
        topics=[["bright"], ["bright"], ["comets"], ["comets"], ["comets"]],
        **{
            "btsbot.score": [0.7, 0.9, np.nan, np.nan, np.nan],
            "tails.score": [np.nan, np.nan, 97.0, 99.0, 98.0],
        },
    )
    assert found == ["ZTF1", "ZTF3", "ZTF0", "ZTF4", "ZTF2"]


def test_of_an_object_the_best_alert_is_shown():
    routed = pd.DataFrame(
        {
            "objectId": ["a", "b", "a"],
            "alert_id": [1, 2, 3],
            "topics": [["bright"]] * 3,
            "btsbot.score": [0.6, 0.7, 0.8],
        }
    )
    assert top_candidates(routed, 2, JUDGES)["alert_id"].tolist() == [3, 2]
    assert top_candidates(routed, 1, JUDGES)["alert_id"].tolist() == [3]


def test_without_any_alert_there_is_none():
    assert len(top_candidates(pd.DataFrame({"objectId": [], "topics": []}), 5, JUDGES)) == 0


def test_a_plan_knows_who_judges():
    judges = make_plan("ztf").judges
    assert judges["skysift_comet_candidates_ztf"] == ("tails",)
    assert judges["skysift_vra_ranked_ztf"] == ("vra",)
