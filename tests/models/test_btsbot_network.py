"""The networks: sizes from the paper and from counting by hand; behaviour from their docstrings."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from skysift.models.btsbot.inputs import FEATURES
from skysift.models.btsbot.network import POSITION, build_compact, build_mm_cnn

BUILDERS = [build_mm_cnn, build_compact]


def multiply_accumulates(model: keras.Model) -> int:
    """Count by the definition: outputs x inputs per output, layer by layer."""
    total = 0
    for layer in model.layers:
        outputs = int(np.prod(layer.output.shape[1:])) if hasattr(layer, "kernel") else 0
        if isinstance(layer, keras.layers.DepthwiseConv2D):
            total += outputs * int(np.prod(layer.kernel_size))
        elif isinstance(layer, keras.layers.Conv2D):
            total += outputs * int(np.prod(layer.kernel_size)) * layer.input.shape[-1]
        elif isinstance(layer, keras.layers.Dense):
            total += outputs * layer.input.shape[-1]
        else:
            assert "conv" not in layer.name
    return total


def inputs(rng: np.random.Generator, n: int = 5) -> dict[str, np.ndarray]:
    triplet = rng.normal(size=(n, 63, 63, 3)).astype(np.float32) / 63
    return {"triplet": triplet, "metadata": rng.uniform(0, 20, (n, 25)).astype(np.float32)}


def test_the_published_network_has_the_published_number_of_parameters():
    model = build_mm_cnn()
    assert model.count_params() == 227_861
    assert sum(int(np.prod(w.shape)) for w in model.trainable_weights) == 227_811


def test_cost_is_what_the_documentation_says():
    assert multiply_accumulates(build_mm_cnn()) == pytest.approx(258.7e6, rel=1e-3)
    assert multiply_accumulates(build_compact()) == pytest.approx(4.64e6, rel=1e-2)
    assert build_compact().count_params() == 54_881


@pytest.mark.parametrize("build", BUILDERS)
def test_a_saved_network_loads_in_safe_mode_and_answers_the_same(build, tmp_path, rng):
    model, x = build(), inputs(rng)
    model.save(tmp_path / "it.keras")
    again = keras.saving.load_model(tmp_path / "it.keras", safe_mode=True)
    np.testing.assert_array_equal(again(x), model(x))


def test_feature_statistics_survive_saving(tmp_path, rng):
    x = inputs(rng)
    model = build_compact(rng.normal(size=23), rng.uniform(1, 2, 23))
    model.save(tmp_path / "it.keras")
    other = build_compact()
    other.set_weights(model.get_weights())
    expected = np.asarray(model(x))
    again = keras.saving.load_model(tmp_path / "it.keras")
    np.testing.assert_array_equal(again(x), expected)
    assert np.abs(np.asarray(other(x)) - expected).max() > 1e-3


@pytest.mark.parametrize("build", BUILDERS)
def test_an_alert_scores_the_same_alone_and_in_company(build, rng):
    model, x = build(), inputs(rng, 9)
    alone = model({name: values[4:5] for name, values in x.items()})
    np.testing.assert_allclose(alone, np.asarray(model(x))[4:5], atol=1e-6)


def test_ours_does_not_look_at_the_position_nor_at_the_scale_of_a_stamp(rng):
    model, x = build_compact(), inputs(rng)
    before = np.asarray(model(x))
    for name in POSITION:
        x["metadata"][:, FEATURES.index(name)] += 90
    np.testing.assert_array_equal(model(x), before)
    x["triplet"] = x["triplet"] * 1000
    np.testing.assert_allclose(model(x), before, atol=1e-4)
    x["metadata"][:, FEATURES.index("magpsf")] += 9
    assert np.abs(np.asarray(model(x)) - before).max() > 1e-4


def test_ours_reads_a_sentinel_as_missing_whatever_its_value(rng):
    model, x = build_compact(), inputs(rng)
    column = FEATURES.index("sgscore2")
    scores = []
    for value in (-999.0, -99.0, -9999.0, 0.5):
        x["metadata"][:, column] = value
        scores.append(np.asarray(model(x)))
    np.testing.assert_array_equal(scores[0], scores[1])
    np.testing.assert_array_equal(scores[0], scores[2])
    assert np.abs(scores[0] - scores[3]).max() > 1e-4
