"""Queries side by side: paired, whole after a kill, and written down for whoever asks."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from skysift.campaigns.zoobot.simulation import simulate
from skysift.campaigns.zoobot.simulation.options import BASELINE, Options
from skysift.campaigns.zoobot.simulation.stages import without
from tests.models.zoobot_galaxies import TREE

BALD = "tree_bald:stochastic_top"


def asked_of(galaxies, trunk, **more):
    sizes = {"initial": 12, "batch": 12, "labels": 36, "seeds": 1, "passes": 4, "judged_votes": 5}
    return {"set": str(galaxies.folder), "trunk": str(trunk), **sizes, **more}


class Killed(Exception):
    """Stands for a kill."""


@pytest.fixture(scope="module")
def done(galaxies, trunk, tmp_path_factory):
    """Return the folder of a comparison that was stopped after four rounds, and went on."""
    save, asked = tmp_path_factory.mktemp("simulation") / "out", asked_of(galaxies, trunk)

    def stop(stage: str, done: int, of: int) -> None:
        if (stage, done) == ("learning", 4):
            raise Killed

    with pytest.raises(Killed):
        simulate(asked, save, stop)
    rounds = save / "runs" / "seed_000" / "random-top" / "rounds"
    before = {path: path.stat().st_mtime_ns for path in rounds.glob("round_*/round.json")}
    assert len(before) == 3
    told = simulate(asked, save, lambda stage, done, of: None)
    assert all(path.stat().st_mtime_ns == time for path, time in before.items())
    return save, told


def test_both_begin_with_the_same_galaxies_and_part_then(done):
    asked = pd.read_csv(done[0] / "asked.csv", dtype={"id_str": str})
    of = {
        (name, number): set(part["id_str"])
        for (name, number), part in asked.groupby(["query", "round"])
    }
    assert of[BASELINE, 0] == of[BALD, 0] and len(of[BALD, 0]) == 12
    assert of[BASELINE, 1] != of[BALD, 1]
    assert not asked.duplicated(["query", "id_str"]).any()


def test_every_round_has_its_row(done):
    rounds = pd.read_csv(done[0] / "rounds.csv")
    assert len(rounds) == 6
    assert rounds.groupby("query")["labels"].apply(list).to_dict() == {
        BASELINE: [12, 24, 36], BALD: [12, 24, 36],
    }  # fmt: skip
    first = rounds[rounds["round"] == 0].drop(columns="query")
    pd.testing.assert_series_equal(first.iloc[0], first.iloc[1], check_names=False)
    assert rounds[["bar_rmse", "bar_rmse_truth", "bar_loss", "bar_judged"]].notna().all().all()


def test_what_came_of_it_is_told_and_drawn(done):
    save, told = done
    assert json.loads((save / "result.json").read_text()) == told
    assert set(told["queries"]) == {BASELINE, BALD}
    assert {"rmse", "rmse_truth", "final"} == set(told["queries"][BALD])
    for name in ("curves", "acquired", "gallery_random-top", "posteriors_random-top/galaxies"):
        assert (save / f"{name}.png").stat().st_size > 5000, name


def test_another_comparison_does_not_go_into_the_folder(done, galaxies, trunk, tmp_path):
    with pytest.raises(ValueError, match="another simulation, with batch 12"):
        simulate(asked_of(galaxies, trunk, batch=24), done[0], lambda *told: None)
    (tmp_path / "mine.txt").write_text("notes")
    with pytest.raises(FileExistsError, match="holds other files"):
        simulate(asked_of(galaxies, trunk), tmp_path, lambda *told: None)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"question": "bars"}, "has no question 'bars'"),
        (
            {"trunk": "", "question": "smooth-or-featured"},
            "nothing of gz2 is left for a trunk without smooth",
        ),
        ({"labels": 132}, "has 120 galaxies to ask about, and wanted are 132"),
        ({"judged_votes": 100}, "0 of its test part have 100 votes on bar"),
    ],
)
def test_what_the_galaxies_do_not_have_is_told_before_anything_is_learned(
    galaxies, trunk, tmp_path, asked, told
):
    with pytest.raises(ValueError, match=told):
        simulate({**asked_of(galaxies, trunk), **asked}, tmp_path / "out", lambda *told: None)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"labels": 500}, r"32 \+ n × 32. Got: 500"),
        ({"queries": ("random",)}, "others than random:top"),
        ({"queries": ("baldd",)}, "did you mean 'bald'"),
        ({"trunk": "a", "network": "small"}, "not both"),
        ({"passes": 1}, "passes must be 2 or more"),
    ],
)
def test_what_cannot_be_is_refused(asked, told):
    with pytest.raises(ValueError, match=told):
        Options(**asked)


def test_a_trunk_knows_nothing_of_the_question_nor_of_what_is_behind_it():
    left = {question.name for question in without(TREE, "has-spiral-arms").questions}
    gone = {"has-spiral-arms", "spiral-winding", "spiral-arm-count"}
    assert left == {question.name for question in TREE.questions} - gone
    with pytest.raises(ValueError, match="nothing of gz2 is left"):
        without(TREE, "smooth-or-featured")
