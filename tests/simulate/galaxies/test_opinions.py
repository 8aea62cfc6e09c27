"""What simulated people see and answer: landmarks, smoothness, votes down the tree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from skysift.galaxy_zoo import TREES, Question, Tree, read_tree
from skysift.simulate.galaxies.camera import View
from skysift.simulate.galaxies.kinds import DEFAULT_MIX, KINDS, draw_structure
from skysift.simulate.galaxies.opinions import answer_shares
from skysift.simulate.galaxies.seen import see
from skysift.simulate.galaxies.structure import Structure
from skysift.simulate.galaxies.survey import SURVEYS
from skysift.simulate.galaxies.votes import draw_votes

VIEW = View(SURVEYS["sdss"], 128, 0.5, 1.3, (0.0, 0.0))
GZ2 = read_tree("gz2")
NEAR = Structure(
    "spiral", 0.02, 14.5, 8.0, 18.0, 0.6, 0.0, 0.3, inclination=25.0, spheroid=0.2,
    spheroid_radius=1.5, arms=2, arm_strength=0.8, pitch=16.0, bar_length=5.0, ring_radius=8.0,
)  # fmt: skip


def share(galaxy: Structure, column: str, view: View = VIEW, tree: Tree = GZ2) -> float:
    return float(answer_shares(tree, see(galaxy, view))[tree.columns.index(column)])


@pytest.mark.parametrize(
    ("column", "change"),
    [
        ("smooth-or-featured_smooth", {"spheroid": 1.0, "arms": 0, "arm_strength": 0.0}),
        ("smooth-or-featured_featured-or-disk", {}),
        ("smooth-or-featured_artifact", {"trail": 200.0}),
        ("disk-edge-on_yes", {"inclination": 90.0, "thickness": 0.1, "spheroid": 0.05}),
        ("disk-edge-on_no", {}),
        ("has-spiral-arms_yes", {}),
        ("has-spiral-arms_no", {"arm_strength": 0.0}),
        ("bar_yes", {"bar_strength": 1.0}),
        ("bar_no", {}),
        ("bulge-size_no", {"spheroid": 0.001}),
        ("bulge-size_dominant", {"spheroid": 0.75}),
        ("something-odd_yes", {"tidal": 1.0, "companion": 0.7, "companion_distance": 10.0}),
        ("something-odd_no", {}),
        ("how-rounded_round", {"spheroid": 1.0, "spheroid_ratio": 0.95}),
        ("how-rounded_cigar", {"spheroid": 1.0, "spheroid_ratio": 0.2}),
        ("bulge-shape_no-bulge", {"spheroid": 0.001}),
        ("bulge-shape_boxy", {"boxiness": 1.0, "spheroid_radius": 5.0}),
        ("spiral-winding_tight", {"pitch": 6.0}),
        ("spiral-winding_loose", {"pitch": 35.0}),
        ("spiral-arm-count_2", {"arm_strength": 1.0}),
        ("spiral-arm-count_more-than-4", {"arms": 6, "pitch": 40.0, "arm_strength": 1.0}),
    ],
)
def test_people_say_what_is_plain_to_see(column, change):
    assert share(replace(NEAR, **change), column) > 0.6


@pytest.mark.parametrize(
    ("column", "change"),
    [
        ("bar_strong", {"bar_strength": 1.0}),
        ("bar_weak", {"bar_strength": 0.55}),
        ("bar_no", {}),
        ("edge-on-bulge_none", {"spheroid": 0.001}),
        ("bulge-size_none", {"spheroid": 0.001}),
        ("merging_none", {}),
        ("merging_merger", {"tidal": 1.0, "companion": 0.8, "companion_distance": 10.0}),
    ],
)
def test_volunteers_of_decals_too(column, change):
    assert share(replace(NEAR, **change), column, tree=read_tree("decals")) > 0.5


@pytest.mark.parametrize(
    "view",
    [replace(VIEW, fwhm=8.0), replace(VIEW, pixel=6.0),
     replace(VIEW, survey=replace(VIEW.survey, depth=(18.0, 17.5, 17.0)))],
    ids=["seeing", "pixels", "depth"],
)  # fmt: skip
@pytest.mark.parametrize(
    ("column", "strength"),
    [("has-spiral-arms_yes", "arm_strength"), ("bar_yes", "bar_strength")],
)
def test_what_cannot_be_seen_is_not_said(view, column, strength):
    galaxy = replace(NEAR, **{strength: 1.0})
    assert share(galaxy, column) > 0.8
    assert share(galaxy, column, view) < 0.5


def test_a_disc_hides_its_pattern_when_it_turns_away():
    tilts = [share(replace(NEAR, inclination=tilt), "has-spiral-arms_yes") for tilt in (20, 70, 85)]
    assert tilts == sorted(tilts, reverse=True)
    assert tilts[-1] < 0.2


@pytest.mark.parametrize("tree", TREES)
def test_shares_are_shares(tree):
    known = read_tree(tree)
    for number in range(100):
        galaxy = draw_structure(DEFAULT_MIX, np.random.default_rng(number))
        shares = answer_shares(known, see(galaxy, VIEW))
        assert (shares > 0.0).all()
        for part in known.slices.values():
            assert shares[part].sum() == pytest.approx(1.0)


@pytest.mark.parametrize(
    "name",
    ["arm_strength", "bar_strength", "ring_strength", "tidal", "spheroid", "inclination", "pitch",
     "r_mag", "clumps", "companion"],
)  # fmt: skip
def test_the_map_is_smooth(name):
    """Halving a step halves what it changes: no jump, however fine the steps."""
    low, high = {"inclination": (5.0, 88.0), "pitch": (8.0, 40.0), "r_mag": (13.0, 18.0)}.get(
        name, (0.05, 0.95)
    )
    galaxy = replace(NEAR, companion_distance=8.0)

    def steps(count: int) -> np.ndarray:
        numbers = np.linspace(low, high, count + 1)
        shares = [answer_shares(GZ2, see(replace(galaxy, **{name: x}), VIEW)) for x in numbers]
        return np.abs(np.diff(shares, axis=0)).max()

    assert steps(800) < 0.6 * steps(400) + 1e-6


def test_a_question_nobody_knows_is_refused():
    strange = Tree("own", "own", (Question("colour", "Which?", ("red", "blue")),))
    with pytest.raises(ValueError, match="can answer 'colour' with: red, blue"):
        answer_shares(strange, see(NEAR, VIEW))


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_mix_of_one_kind_gives_that_kind(kind):
    rng = np.random.default_rng(5)
    assert {draw_structure({kind: 1.0}, rng).kind for _ in range(5)} == {kind}


# Votes


def votes_of(shares: np.ndarray, count: int, overdispersion: float) -> np.ndarray:
    rng = np.random.default_rng(11)
    return np.array([draw_votes(GZ2, shares, 40.0, overdispersion, rng=rng) for _ in range(count)])


@pytest.fixture(scope="module")
def shares() -> np.ndarray:
    return answer_shares(GZ2, see(replace(NEAR, bar_strength=0.4, arm_strength=0.35), VIEW))


def test_a_question_is_asked_of_those_whose_answer_led_there(shares):
    votes = votes_of(shares, 50, 0.1)
    for question in GZ2.questions:
        asked = votes[:, GZ2.slices[question.name]].sum(axis=1)
        if question.parent is None:
            assert asked.mean() == pytest.approx(40.0, rel=0.1)
        else:
            assert (asked == votes[:, GZ2.leading(question)].sum(axis=1)).all()


@pytest.mark.parametrize("overdispersion", [0.0, 0.2])
def test_votes_scatter_as_the_formula_says(shares, overdispersion):
    votes = votes_of(shares, 4000, overdispersion)
    part = GZ2.slices["bar"]
    total = votes[:, part].sum(axis=1)
    asked = total > 0
    yes, n, p = votes[asked, part.start], total[asked], shares[part.start]
    assert yes.sum() / n.sum() == pytest.approx(p, abs=0.02)
    wanted = n * p * (1.0 - p) * (1.0 + (n - 1.0) * overdispersion)
    assert ((yes - n * p) ** 2).sum() / wanted.sum() == pytest.approx(1.0, abs=0.1)
