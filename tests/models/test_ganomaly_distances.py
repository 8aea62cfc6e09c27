"""Distances between sets of images: SciPy's where it has them, papers' formulas, naive twins."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from skysift.models.ganomaly.rating.comparison import FIGURES, compare, usual
from skysift.models.ganomaly.rating.correlations import correlation
from skysift.models.ganomaly.rating.distances import Apart, Overlap
from skysift.models.ganomaly.rating.kernel import Discrepancy
from skysift.models.ganomaly.rating.latent import Axes, drawn_dimensions, path
from skysift.models.ganomaly.rating.matching import partners
from skysift.models.ganomaly.rating.sample import Sample


def ones(*samples):
    return [np.ones(len(sample)) for sample in samples]


def sample(rng, count, shift=0.0, views=1, codes=3):
    galaxy = np.repeat([f"g{i}" for i in range(count // views)], views)
    size = len(galaxy)
    return Sample(
        galaxy, rng.normal(shift, 1, size), 10 ** rng.normal(shift, 0.3, size),
        np.abs(rng.normal(0.02 + shift / 50, 0.01, size)), rng.normal(shift, 1, (size, codes)),
    )  # fmt: skip


def test_the_overlap_is_that_of_the_published_notebook(rng):
    one, other = np.abs(rng.normal(0.02, 0.02, 500)), np.abs(rng.normal(0.03, 0.05, 300))
    other[:3] = 0.1, -0.01, 5.0
    first, edges = np.histogram(one, 99, (0, 0.1), density=True)
    second, _ = np.histogram(other, 99, (0, 0.1), density=True)
    wanted = np.minimum(first, second).sum() / second.sum()
    overlap = Overlap(one, other)
    assert overlap.value(*ones(one, other)) == pytest.approx(wanted, abs=1e-12)
    outside = ((other < 0) | (other > 0.1)).mean()
    assert overlap.beyond[1] == pytest.approx(outside)
    assert np.isnan(Overlap(one, np.full(3, 0.5)).value(*ones(one, np.empty(3))))
    assert len(edges) == 100


@pytest.mark.parametrize("ties", [False, True])
def test_distances_are_those_of_scipy_and_weights_count_repeats(rng, ties):
    one, other = rng.normal(0, 1, 200), rng.normal(0.4, 1.5, 130)
    if ties:
        one, other = one.round(), other.round()
    ks, wasserstein = Apart(one, other).distances(*ones(one, other))
    assert ks == pytest.approx(stats.ks_2samp(one, other).statistic, abs=1e-12)
    assert wasserstein == pytest.approx(stats.wasserstein_distance(one, other), abs=1e-12)

    times, others = rng.integers(0, 4, 200).astype(float), rng.integers(0, 4, 130).astype(float)
    drawn = np.repeat(one, times.astype(int)), np.repeat(other, others.astype(int))
    ks, wasserstein = Apart(one, other).distances(times, others)
    assert ks == pytest.approx(stats.ks_2samp(*drawn).statistic, abs=1e-12)
    assert wasserstein == pytest.approx(stats.wasserstein_distance(*drawn), abs=1e-12)
    assert np.isnan(Apart(one, other).distances(np.zeros(200), others)).all()


def test_the_discrepancy_is_that_of_all_pairs_but_those_of_one_galaxy(rng):
    one, other = rng.normal(0, 1, (12, 3)), rng.normal(1, 1, (10, 3))
    groups = np.repeat(np.arange(6), 2), np.repeat(np.arange(5), 2)
    weights = rng.integers(0, 3, 12).astype(float), rng.integers(1, 3, 10).astype(float)
    distances = [np.linalg.norm(a - b) for i, a in enumerate(one) for b in one[i + 1 :]]
    width = np.median(distances)

    def mean(first, second, w, v, group=None):
        total = count = 0.0
        for i, a in enumerate(first):
            for j, b in enumerate(second):
                if group is None or group[i] != group[j]:
                    count += w[i] * v[j]
                    total += w[i] * v[j] * np.exp(-np.sum((a - b) ** 2) / (2 * width**2))
        return total / count

    wanted = (
        mean(one, one, weights[0], weights[0], groups[0])
        + mean(other, other, weights[1], weights[1], groups[1])
        - 2 * mean(one, other, *weights)
    )
    found = Discrepancy(one, other, *groups).value(*weights)
    assert found == pytest.approx(wanted, rel=1e-4)
    alone = np.zeros(10)
    alone[:2] = 1  # one galaxy's views are no pair
    assert np.isnan(Discrepancy(one, other, *groups).value(weights[0], alone))


def test_like_samples_lie_within_what_is_usual_and_others_beyond(rng):
    reference = sample(rng, 300)
    same, shifted = sample(rng, 60), sample(rng, 60, shift=1.0)
    band = usual(reference, 60, seed=1)
    assert band["galaxies"] == 60
    near, far = compare(reference, same, seed=1), compare(reference, shifted, seed=1)
    for name in FIGURES:
        assert near[name]["low"] <= near[name]["high"]
        inside = band[name]["low"] <= far[name]["value"] <= band[name]["high"]
        assert not inside, name
        if name != "overlap":
            assert far[name]["low"] > near[name]["value"], name
    assert band["mmd2"]["low"] < near["mmd2"]["value"] < band["mmd2"]["high"]
    # Analytic: the shift is a Wasserstein distance of 1; KS of two unit normals 1 apart is 0.383.
    assert far["wasserstein"]["value"] == pytest.approx(1, abs=0.4)
    assert far["ks"]["value"] == pytest.approx(0.383, abs=0.15)


def test_views_of_one_galaxy_are_no_independent_witnesses(rng):
    reference = sample(rng, 300)
    single = sample(rng, 60, shift=0.5)
    # the same galaxies seen ten times: ten times the images, no more knowledge
    repeated = single[np.repeat(np.arange(60), 10)]
    one, many = (compare(reference, some, seed=3) for some in (single, repeated))
    assert many["images"] == 600 and many["galaxies"] == 60
    for name in ("ks", "wasserstein"):
        widths = [found[name]["high"] - found[name]["low"] for found in (one, many)]
        assert widths[1] == pytest.approx(widths[0], rel=0.05)


def test_one_galaxy_has_no_interval(rng):
    one = sample(rng, 10, views=10)
    found = compare(sample(rng, 50), one, seed=1)
    assert found["galaxies"] == 1
    assert np.isfinite(found["ks"]["value"]) and np.isnan(found["ks"]["low"])
    assert np.isnan(found["mmd2"]["value"])


def test_matching_undoes_a_difference_that_comes_of_mass_alone(rng):
    masses = rng.normal(10, 1, 800), rng.normal(10.8, 0.4, 100)
    reference, candidate = sample(rng, 800), sample(rng, 100)
    for one, mass in ((reference, masses[0]), (candidate, masses[1])):
        one.combined[:] = mass + rng.normal(0, 0.1, len(mass))
    masses[1][:5] = 99.0
    masses[1][5] = np.nan
    pairs = partners(masses[0][:, None], masses[1][:, None])
    assert pairs.found.sum() == 94
    assert not pairs.found[:6].any()
    assert 10 < pairs.effective < 800
    plain = compare(reference, candidate, seed=1)
    matched = compare(reference, candidate, seed=1, partners=pairs)
    assert plain["wasserstein"]["value"] > 0.7
    assert matched["wasserstein"]["value"] < 0.15
    assert not partners(masses[0][:, None], np.full((3, 1), 99.0)).found.any()
    assert not partners(np.full((3, 1), np.nan), masses[1][:, None]).found.any()


def test_partners_lie_within_a_quarter_of_a_deviation_in_each_column(rng):
    reference = rng.normal(0, [1.0, 10.0], (300, 2))
    candidate = rng.normal(0, [1.0, 10.0], (40, 2))
    shares = partners(reference, candidate).shares.toarray()
    off = np.abs(candidate[:, None] - reference[None]) / reference.std(axis=0)
    near = (off <= 0.25).all(axis=2)
    assert not (shares[~near] > 0).any()
    some = near.sum(axis=1) > 0
    np.testing.assert_allclose(shares.sum(axis=1), some.astype(float))
    assert ((shares > 0).sum(axis=1) == np.minimum(near.sum(axis=1), 16)).all()


def test_correlations_are_those_of_scipy(rng):
    x = rng.normal(0, 1, 90).round(1)
    y = np.exp(x) + rng.normal(0, 0.5, 90)
    y[4] = np.nan
    galaxy = np.repeat(np.arange(30), 3)
    found = correlation(y, x, galaxy, seed=1)
    known = np.isfinite(y)
    assert found["images"] == 89 and found["galaxies"] == 30
    for name, truth in (("pearson", stats.pearsonr), ("spearman", stats.spearmanr)):
        assert found[name]["value"] == pytest.approx(truth(x[known], y[known]).statistic)
        assert found[name]["low"] < found[name]["value"] < found[name]["high"]
    assert correlation(y[:9], x[:9], galaxy[:9], seed=1) is None  # three galaxies
    assert correlation(y, np.ones(90), galaxy, seed=1) is None


def test_axes_are_those_of_the_largest_variance(rng):
    codes = rng.normal(0, [3.0, 2.0, 0.5], (4000, 3)) + 7
    axes = Axes(codes)
    np.testing.assert_allclose(np.sqrt(axes.variance), [3, 2, 0.5], rtol=0.06)
    np.testing.assert_allclose(axes.shares.sum(), 1)
    along = axes.along(codes)
    np.testing.assert_allclose(along.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(along.var(axis=0, ddof=1), axes.variance[:2])
    wanted = (9 + 4 + 0.25) ** 2 / (81 + 16 + 0.0625)
    assert axes.dimensions == pytest.approx(wanted, rel=0.06)
    ball = Axes(rng.normal(0, 1, (4000, 3)))
    assert ball.dimensions == pytest.approx(3, rel=0.02)


def test_few_galaxies_fill_few_dimensions(rng):
    reference = sample(rng, 400, codes=50)
    few = drawn_dimensions(reference, 5, seed=1)
    assert few < 4 < drawn_dimensions(reference, 200, seed=1)
    assert np.isnan(drawn_dimensions(reference, 1, seed=1))


def test_a_path_is_straight():
    codes = path(np.zeros(2), np.array([9.0, -9.0]), 10)
    np.testing.assert_allclose(codes, np.stack([np.arange(10.0), -np.arange(10.0)], axis=1))
