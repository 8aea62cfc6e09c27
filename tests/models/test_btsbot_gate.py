"""The gate: its threshold against trying every threshold there is, its file against itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skysift.models._weights import write_sidecar
from skysift.models.btsbot import gate, load, networks
from skysift.models.btsbot.inputs import FEATURES


def completeness(label, positive, magpsf, group) -> tuple[float, float]:
    """Alert and source completeness by their words: loops over sources."""
    found, all_of = 0, 0
    for _, source in pd.DataFrame(
        {"label": label, "positive": positive, "mag": magpsf, "group": group}
    ).groupby("group"):
        if source["label"].iloc[0] and len(source) >= 2 and source["mag"].min() <= 18.5:
            all_of += 1
            found += (source["positive"] & (source["mag"] < 19)).sum() >= 2
    return positive[label].mean(), found / all_of


@pytest.mark.parametrize("seed", range(2))
def test_the_threshold_is_the_largest_that_costs_a_thousandth(seed):
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 400, 6000).astype(str)
    label = np.isin(group.astype(int) % 10, (1, 3))
    magpsf = rng.uniform(17, 20.5, 6000)
    p = np.clip(rng.normal(0.05 + 0.75 * label, 0.25), 0.001, 0.999)
    score = np.clip(rng.normal(0.1 + 0.8 * label, 0.2), 0, 1)
    kind = np.where(label, "supernova", "agn")
    facts = gate.choose_threshold(
        label=label, gate=p, score=score, magpsf=magpsf, group=group, kind=kind
    )

    def fits(threshold: float) -> bool:
        alone = completeness(label, score >= 0.5, magpsf, group)
        both = completeness(label, (score >= 0.5) & (p >= threshold), magpsf, group)
        return all(a - b <= 0.001 for a, b in zip(alone, both, strict=True))

    steps = np.sort(p)
    place = np.searchsorted(steps, facts["threshold"])
    assert steps[place] == pytest.approx(facts["threshold"], rel=2 * gate.ROUNDING)
    assert fits(facts["threshold"])
    assert not fits(steps[place + 1])
    assert facts["settled"] == place / 6000
    told = facts["completeness"]
    expected = completeness(label, (score >= 0.5) & (p >= facts["threshold"]), magpsf, group)
    assert (told["alerts"]["cascade"], told["sources"]["cascade"]) == pytest.approx(expected)


def test_a_gate_never_settles_what_it_would_call_positive():
    p = np.array([0.9, 0.8, 0.7, 0.1])
    facts = gate.choose_threshold(
        label=np.array([True, True, False, False]), gate=p, score=p, magpsf=np.full(4, 18.0),
        group=np.array(["a", "a", "b", "c"]), kind=np.array(["sn", "sn", "agn", "agn"]),
    )  # fmt: skip
    assert facts["threshold"] == 0.5
    assert facts["settled_of_class"] == {"agn": 0.5, "sn": 0.0}


def test_a_gate_learns_and_leaves_out_what_is_missing(rng):
    metadata = rng.uniform(10, 20, (600, 25)).astype(np.float32)
    label = rng.random(600) < 0.4
    metadata[:, FEATURES.index("scorr")] += 15 * label
    small = gate.train_gate(metadata, label, metadata[:200], label[:200], seed=1, epochs=8)
    p = gate.probability(small, metadata)
    assert p[label].mean() > p[~label].mean() + 0.3
    sentinel, other = metadata.copy(), metadata.copy()
    sentinel[:, FEATURES.index("sgscore2")] = -999.0
    other[:, FEATURES.index("sgscore2")] = -998.0
    np.testing.assert_array_equal(gate.probability(small, sentinel), gate.probability(small, other))


@pytest.fixture
def inputs(rng) -> tuple[np.ndarray, np.ndarray]:
    triplet = rng.normal(0, 1 / 63, (40, 63, 63, 3)).astype(np.float32)
    return triplet, rng.uniform(0, 20, (40, 25)).astype(np.float32)


@pytest.fixture
def cascade(tmp_path, inputs):
    """Weights of an ensemble with a gate that has learned nothing, and their parts."""
    settings = {"channels": [2, 2, 2], "meta": [4, 4], "embedding": 6, "heads": 3, "head": 2}
    network = networks.build("compact", **settings)
    small = gate.build_gate([1.0] * 23, [2.0] * 23)
    threshold = float(np.median(gate.probability(small, inputs[1])))
    path = tmp_path / "it.keras"
    gate.attach(network, small).save(path)
    facts = {
        "version": "it", "preprocessing": "centred", "trained_on": "nothing",
        "network": {"name": "compact", "settings": settings}, "may_miss": ["sgscore2"],
        "embedding": networks.EMBEDDING["compact"],
        "calibration": {"method": "platt", "slope": 2.0, "intercept": 0.5},
        "gate": {"settings": gate.settings_of(small), "threshold": threshold},
    }  # fmt: skip
    write_sidecar(path, facts)
    return path, network, small


def test_one_file_holds_network_and_gate(cascade, inputs):
    path, network, small = cascade
    triplet, metadata = inputs
    p = np.asarray(network({"triplet": triplet, "metadata": metadata}), np.float64)
    calibrated = 1 / (1 + np.exp(-(2 * np.log(p / (1 - p)) + 0.5)))
    mean = p.mean(axis=1)
    told = load(path).score(triplet, metadata)
    np.testing.assert_allclose(
        told["score"], 1 / (1 + np.exp(-(2 * np.log(mean / (1 - mean)) + 0.5))), atol=1e-5
    )
    np.testing.assert_allclose(told["uncertainty"], calibrated.std(axis=1), atol=1e-5)
    settled, score = load(path).settle(metadata)
    expected = gate.probability(small, metadata)
    np.testing.assert_array_equal(settled, expected < np.median(expected))
    assert settled.sum() == 20
    np.testing.assert_allclose(score[settled], expected[settled], atol=1e-6)
    assert np.isnan(score[~settled]).all()


def test_what_misses_a_feature_is_never_settled(cascade, inputs):
    scorer, metadata = load(cascade[0]), inputs[1]
    for odd in (-999.0, np.nan, np.inf):
        broken = metadata.copy()
        broken[:, FEATURES.index("sgscore2")] = odd
        assert not scorer.settle(broken)[0].any()


def test_the_embedding_is_the_layer_before_the_last(cascade, inputs):
    path, network, _ = cascade
    triplet, metadata = inputs
    layer = network.get_layer(networks.EMBEDDING["compact"])
    expected = type(network)(network.input, layer.output)(
        {"triplet": triplet, "metadata": metadata}
    )
    triplet[3, 0, 0, 0] = np.nan
    found = load(path).embed(triplet, metadata)
    assert found.shape == (40, 6)
    assert np.isnan(found[3]).all()
    rest = np.arange(40) != 3
    np.testing.assert_allclose(found[rest], np.asarray(expected)[rest], atol=1e-5)


def test_a_network_of_one_head_without_a_gate_is_sure_and_settles_nothing(imported, inputs):
    scorer = load(imported)
    assert np.isnan(scorer.score(*inputs)["uncertainty"]).all()
    settled, score = scorer.settle(inputs[1])
    assert not settled.any()
    assert np.isnan(score).all()
