"""Posteriors, entropies and coverage: golden values of the paper's formulas, SciPy, and truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from skysift.galaxy_zoo import read_tree
from skysift.models.zoobot.labels import labels_of
from skysift.models.zoobot.uncertainty import coverage, information, recalibration, votes
from skysift.models.zoobot.uncertainty.passes import Passes, together

TREE = read_tree("gz2")
BAR = labels_of(TREE, "bar").tree


def passes_of(rho, tree=BAR):
    """Passes of one galaxy that tell these fractions for yes."""
    rho = np.asarray(rho, float)
    return Passes(tree, np.stack([rho, 1 - rho], -1)[None], concentrated=False)


def random_passes(n, passes, rng, *, concentrated, tree=TREE):
    values = rng.gamma(1.0, 5.0, (n, passes, len(tree.columns))) + 0.05
    told = Passes(tree, values, concentrated)
    return told if concentrated else Passes(tree, told.fractions, concentrated)


GOLDEN = [
    ([0.1, 0.9], 10, 1.969188, 1.277907, 0.691281),
    ([0.4, 0.6], 40, 3.002149, 2.549398, 0.452751),
    ([0.4, 0.6], 10, None, None, 0.171015),
    ([0.2, 0.3, 0.5], 10, None, None, 0.268032),
    ([0.5, 0.5], 10, 1.875954, 1.875954, 0.0),
    ([0.5], 40, 2.570176, 2.570176, 0.0),
]


@pytest.mark.parametrize(("rho", "total", "predictive", "expected", "mutual"), GOLDEN)
def test_what_votes_would_tell(rho, total, predictive, expected, mutual):
    told = information.of_votes(passes_of(rho), "bar", total)
    assert told.mutual[0] == pytest.approx(mutual, abs=2e-6)
    if predictive is not None:
        assert told.predictive[0] == pytest.approx(predictive, abs=2e-6)
        assert told.expected[0] == pytest.approx(expected, abs=2e-6)


def test_of_many_answers_it_is_the_sum_over_all_ways_they_may_fall(monkeypatch):
    rng = np.random.default_rng(1)
    told = random_passes(3, 4, rng, concentrated=True)
    whole = information.of_votes(told, "spiral-winding", 4)
    ways = information.ways(4, 3)
    assert len(ways) == 15
    assert len({tuple(way) for way in ways.tolist()}) == 15
    assert (ways.sum(axis=1) == 4).all()
    assert (ways >= 0).all()
    for galaxy in range(3):
        p = np.array(
            [
                [stats.dirichlet_multinomial.pmf(way, alpha, 4) for way in ways]
                for alpha in told.of("spiral-winding")[galaxy]
            ]
        )
        np.testing.assert_allclose(p.sum(axis=1), 1)
        predictive = stats.entropy(p.mean(axis=0))
        assert whole.predictive[galaxy] == pytest.approx(predictive)
        assert whole.mutual[galaxy] == pytest.approx(predictive - stats.entropy(p.T).mean())
    monkeypatch.setattr(information, "NUMBERS_AT_ONCE", 1)
    piece = information.of_votes(told, "spiral-winding", 4)
    np.testing.assert_allclose(piece.mutual, whole.mutual)
    with pytest.raises(ValueError, match=r"90 votes on 6 answers may fall in 57,940,519 ways"):
        information.of_votes(told, "spiral-arm-count", 90)


def test_one_more_answer_tells_what_one_vote_does():
    told = random_passes(5, 6, np.random.default_rng(2), concentrated=False)
    one = information.of_answers(told, "bulge-size")
    np.testing.assert_allclose(
        one.mutual, information.of_votes(told, "bulge-size", 1).mutual, atol=1e-12
    )


@pytest.mark.parametrize("concentrated", [False, True])
def test_the_chance_of_each_number_of_votes_is_scipy_s_mixture(concentrated, monkeypatch):
    monkeypatch.setattr(votes, "AT_ONCE", 2)
    told = random_passes(5, 3, np.random.default_rng(3), concentrated=concentrated)
    totals = np.array([10, 0, 3, 40, 7])
    column = "smooth-or-featured_featured-or-disk"
    found = votes.posterior(told, column, totals)
    assert found.shape == (5, 41)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    for galaxy, total in enumerate(totals):
        a, b, c = told.of("smooth-or-featured")[galaxy].T
        k = np.arange(total + 1)[:, None]
        law = stats.betabinom(total, b, a + c) if concentrated else stats.binom(total, b)
        np.testing.assert_allclose(found[galaxy, : total + 1], law.pmf(k).mean(axis=1), atol=1e-12)
        assert (found[galaxy, total + 1 :] == 0).all()
    with pytest.raises(ValueError, match="the network tells no 'ring_yes'"):
        votes.posterior(told, "ring_yes", 10)


def test_sure_fractions_have_chances_too():
    found = votes.posterior(passes_of([0.0, 1.0]), "bar_yes", 4)
    np.testing.assert_allclose(found, [[0.5, 0, 0, 0, 0.5]])


@pytest.mark.parametrize("concentrated", [False, True])
def test_the_likelihood_is_that_of_the_mixture_and_nothing_where_nobody_was_asked(concentrated):
    told = random_passes(2, 3, np.random.default_rng(4), concentrated=concentrated)
    said = np.zeros((2, len(TREE.columns)))
    part = TREE.slices["bulge-size"]
    said[0, part] = [3, 4, 0, 1]
    found = votes.log_likelihood(told, said)
    law = stats.dirichlet_multinomial if concentrated else stats.multinomial
    p = [
        law.pmf([3, 4, 0, 1], row, 8) if concentrated else law.pmf([3, 4, 0, 1], 8, row)
        for row in told.of("bulge-size")[0]
    ]
    place = list(TREE.slices).index("bulge-size")
    assert found[0, place] == pytest.approx(np.log(np.mean(p)))
    np.testing.assert_allclose(np.delete(found[0], place), 0, atol=1e-12)
    np.testing.assert_allclose(found[1], 0, atol=1e-12)


def test_scatter_is_parted_into_that_of_passes_and_that_of_views():
    rho = np.array([0.1, 0.3, 0.5, 0.9, 0.7, 0.5])  # two views of three passes
    told = Passes(BAR, np.stack([rho, 1 - rho], -1)[None], concentrated=False, views=2)
    scatter = told.scatter
    within = (np.var(rho[:3]) + np.var(rho[3:])) / 2
    assert scatter["dropout"][0, 0] == pytest.approx(np.sqrt(within))
    assert scatter["view"][0, 0] == pytest.approx(np.std([rho[:3].mean(), rho[3:].mean()]))
    total = scatter["dropout"] ** 2 + scatter["view"] ** 2
    np.testing.assert_allclose(total[0], rho.var())
    alone = passes_of(rho).scatter
    np.testing.assert_allclose(alone["view"], 0, atol=1e-12)


def test_an_ensemble_has_the_passes_of_all():
    one, two = passes_of([0.2, 0.4]), passes_of([0.9])
    both = together([one, two])
    np.testing.assert_allclose(both.mean, [[0.5, 0.5]])
    assert both.values.shape == (1, 3, 2)
    other = Passes(BAR, one.values * 9, concentrated=True)
    with pytest.raises(ValueError, match="same questions, alike"):
        together([one, other])
    with pytest.raises(ValueError, match="needs a network"):
        together([])


def simulated(n, rng, *, concentration):
    """Votes on galaxies whose fractions scatter about what is told, as concentrations do."""
    rho = rng.uniform(0.05, 0.95, n)
    totals = rng.integers(20, 60, n)
    p = rng.beta(rho * concentration, (1 - rho) * concentration)
    k = rng.binomial(totals, p)
    told = Passes(BAR, np.stack([rho, 1 - rho], -1)[:, None], concentrated=False)
    return told, np.stack([k, totals - k], axis=1)


def test_the_width_that_votes_have_is_found_and_then_holds():
    rng = np.random.default_rng(5)
    told, said = simulated(4000, rng, concentration=12.0)
    facts = recalibration.fit(told, said)
    assert facts["bar"]["concentration"] == pytest.approx(12.0, rel=0.1)
    assert facts["bar"]["galaxies"] == 4000
    wide = told.widened(facts)
    np.testing.assert_allclose(wide.mean, told.mean)
    again = recalibration.fit(wide, said)
    assert again["bar"]["factor"] == pytest.approx(1.0, rel=0.02)
    k, totals = said[:, 0], said.sum(axis=1)
    errors = {}
    for name, one in (("narrow", told), ("wide", wide)):
        chances = votes.posterior(one, "bar_yes", totals)
        tables = [
            coverage.by_fraction(chances, k, totals, np.array([0.05, 0.1, 0.2])),
            coverage.by_votes(chances, k, 5).iloc[1:],
            coverage.by_level(chances, k, np.array([0.5, 0.8, 0.9])),
        ]
        errors[name] = np.concatenate([table["error"] for table in tables])
    assert np.abs(errors["wide"]).max() < 0.06
    assert (errors["narrow"] > 0.05).all()
    assert errors["narrow"].max() > 0.3


def test_right_posteriors_stay_as_they_are_and_nobody_asked_teaches_nothing():
    rng = np.random.default_rng(6)
    told, said = simulated(3000, rng, concentration=1e6)
    facts = recalibration.fit(told, said)
    assert facts["bar"]["concentration"] > 300
    assert recalibration.fit(told, np.zeros_like(said))["bar"] == {
        "concentration": 1e5, "galaxies": 0
    }  # fmt: skip
    wide = Passes(BAR, told.values * 7, concentrated=True)
    assert recalibration.fit(wide, np.zeros_like(said))["bar"] == {"factor": 1.0, "galaxies": 0}
    assert told.widened(None) is told


def test_votes_within_an_error_are_counted_about_the_floor_of_the_expected_number():
    chances = np.array([[0.1, 0.2, 0.4, 0.2, 0.1], [0.7, 0.3, 0.0, 0.0, 0.0]])
    table = coverage.by_votes(chances, np.array([3, 1]), 2)
    # Expected 2.0 and 0.3 votes: about 2 and about 0.
    np.testing.assert_allclose(table["expected"], [(0.4 + 0.7) / 2, (0.8 + 1) / 2, 1])
    np.testing.assert_allclose(table["observed"], [0, 1, 1])
    assert np.isnan(table["error"].iloc[0])
    np.testing.assert_allclose(table["error"].iloc[1:], [-0.1, 0])
    fractions = coverage.by_fraction(
        chances, np.array([3, 1]), np.array([4, 1]), np.array([0.25, 0.5])
    )
    np.testing.assert_allclose(fractions["expected"], [(0.8 + 0) / 2, (1 + 0.7) / 2])
    np.testing.assert_allclose(fractions["observed"], [1 / 2, 1 / 2])


def test_the_likeliest_votes_are_taken_first():
    chances = np.array([[0.1, 0.2, 0.4, 0.25, 0.05]])
    table = coverage.by_level(chances, np.array([1]), np.array([0.3, 0.4, 0.5, 0.66, 0.9]))
    np.testing.assert_allclose(table["expected"], [0.4, 0.4, 0.65, 0.85, 0.95])
    np.testing.assert_allclose(table["observed"], [0, 0, 0, 1, 1])


def test_logistic_regression_mends_coverage_as_published():
    rng = np.random.default_rng(7)
    told, said = simulated(3000, rng, concentration=10.0)
    k, totals = said[:, 0], said.sum(axis=1)
    chances = votes.posterior(told, "bar_yes", totals)
    before = coverage.by_fraction(chances, k, totals)
    after = coverage.recalibrated(chances, k, totals, rng=rng)
    at = before["allowed"].isin([0.1, 0.2])
    assert (before["error"][at] > 0.1).all()
    assert (after["error"][at].abs() < 0.5 * before["error"][at]).all()
