"""What a job will do is settled before it starts, or refused in one clear sentence."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.alerts.columns import COLUMNS, source_paths
from skysift.filters import Filter
from skysift.science_modules import ScienceModule
from skysift.stream import plan as planning
from skysift.stream.plan import PlanError, make_plan


def first_score(magpsf: np.ndarray, *, scale: float = 1.0) -> dict:
    """Score by brightness."""
    return {"score": -magpsf * scale, "status": np.full(len(magpsf), "ok"), "version": "1"}


def second_score(first: dict, jd: np.ndarray) -> dict:
    """Score by what `first` said."""
    return {"score": first["score"] + jd, "status": first["status"], "version": "1"}


def wanted(second: dict, ra: np.ndarray) -> np.ndarray:
    """Whatever `second` likes."""
    return second["score"] > ra


@pytest.fixture
def units(monkeypatch):
    """Two modules, of which the second needs the first, and a filter on the second."""
    modules = {
        "first": ScienceModule("first", first_score, {"score": "float"}, ("ztf", "lsst")),
        "second": ScienceModule("second", second_score, {"score": "float"}, ("ztf", "lsst")),
    }
    filters = {"wanted": Filter("wanted", wanted, "skysift_wanted_{survey}")}
    monkeypatch.setattr(planning, "discover_modules", lambda: modules)
    monkeypatch.setattr(planning, "discover_filters", lambda: filters)


def test_modules_that_a_filter_needs_come_along_in_the_right_order(units):
    assert [m.name for m in make_plan("ztf", filters=["wanted"]).modules] == ["first", "second"]


def test_columns_are_those_of_all_units_and_no_module(units):
    columns = make_plan("ztf").columns
    assert {"magpsf", "jd", "ra"} <= set(columns)
    assert not {"first", "second"} & set(columns)


def test_topics_carry_the_survey(units):
    assert make_plan("lsst").topics == {"wanted": "skysift_wanted_lsst"}


def test_unknown_names_are_refused_with_those_there_are(units):
    with pytest.raises(PlanError, match="no module 'third'; there are: first, second"):
        make_plan("ztf", ["third"])
    with pytest.raises(PlanError, match="no filter 'x'; there are: wanted"):
        make_plan("ztf", filters=["x"])


def test_settings_of_modules_that_do_not_run_or_know_them_are_refused(units):
    with pytest.raises(PlanError, match="'third'"):
        make_plan("ztf", settings={"third": {}})
    with pytest.raises(PlanError, match="no setting 'size'"):
        make_plan("ztf", settings={"first": {"size": 1}})


def test_a_source_without_a_needed_column_is_refused_naming_column_and_module():
    plan = make_plan("ztf", ["btsbot"], [])
    offered = set(source_paths(COLUMNS, "ztf"))
    plan.check_source(offered)
    with pytest.raises(PlanError, match="module btsbot needs column 'sgscore1'"):
        plan.check_source(offered - {"candidate.sgscore1"})


def test_a_column_that_older_packets_lack_by_their_schema_is_no_error():
    offered = set(source_paths(COLUMNS, "ztf")) - {"candidate.drb"}
    make_plan("ztf", ["btsbot"], []).check_source(offered)


def test_btsbot_is_refused_for_lsst_when_asked_for_and_left_out_when_not():
    with pytest.raises(PlanError, match="module btsbot needs column 'sgscore1', which lsst"):
        make_plan("lsst", ["btsbot"])
    assert "btsbot" not in [m.name for m in make_plan("lsst").modules]


def test_what_a_topic_is_ordered_by_is_checked_before_the_job(monkeypatch):
    from dataclasses import replace

    from skysift.filters import get
    from skysift.stream import plan as planning

    assert make_plan("ztf", [], ["vra_ranked"]).orders == {
        "skysift_vra_ranked_ztf": ("vra", "rank")
    }
    for wrong in ("vra.rang", "vra.status"):
        changed = {"vra_ranked": replace(get("vra_ranked"), order_by=wrong)}
        monkeypatch.setattr(planning, "discover_filters", lambda changed=changed: changed)
        with pytest.raises(PlanError, match=f"ordered by {wrong}, .* it gives: galactic, real, "):
            make_plan("ztf", [], ["vra_ranked"])


def test_caps_are_named_by_topic():
    plan = make_plan("ztf")
    assert plan.caps["skysift_bts_trigger_ztf"] > 0
