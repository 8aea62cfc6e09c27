"""Export: every network, run by ONNX Runtime and TensorFlow, against Keras."""

from __future__ import annotations

import json

import numpy as np
import onnxruntime
import pytest

from skysift.models import WeightsError, _backend, _export, _onnx
from skysift.models._export import ExportError, export, tree_sha256
from skysift.models._weights import read_weights
from skysift.models.btsbot import networks
from skysift.models.btsbot.exporting import export_weights, likely_inputs

FACTS = {"sha256": "0" * 64, "version": "made-up", "preprocessing": "centred"}

SMALL = {"side": 16}
SETTINGS = {
    "um_nn": {},
    "compact": {**SMALL, "mean": [2.0] * 23, "variance": [3.0] * 23},
    "convnext": {},
    "maxvit": {**SMALL, "window": 2, "widths": (16, 32), "depths": (1, 1)},
    "frozen_fusion": {
        "image": {"name": "um_cnn", "settings": SMALL},
        "metadata": {"name": "um_nn", "settings": {}},
    },
}


def network(name: str, seed: int = 3):
    """A network of random weights, for small crops where it can be."""
    import keras

    keras.utils.set_random_seed(seed)
    return networks.build(name, **SETTINGS.get(name, SMALL))


def samples(model):
    sides = [tensor.shape[1] for tensor in model.inputs if tensor.name == "triplet"]
    return likely_inputs(64, *sides)


@pytest.fixture(scope="module", autouse=True)
def _keras():
    _backend.start()


@pytest.mark.parametrize("kind", _export.FORMATS)
@pytest.mark.parametrize("name", networks.NAMES)
def test_every_network_can_be_exported(name, kind, tmp_path):
    model = network(name)
    path = tmp_path / "it"
    differences = export(model, FACTS, path, kind=kind, samples=samples(model))
    assert set(differences) == {1, 8, 64}
    assert max(differences.values()) <= 1e-4


def test_onnx_runtime_scores_any_batch_of_the_published_network(imported, tmp_path):
    path = tmp_path / "new folder" / "btsbot.onnx"
    export_weights(imported, path, kind="onnx")
    session = onnxruntime.InferenceSession(str(path))
    inputs = likely_inputs(13, seed=8)
    (found,) = session.run(["score"], inputs)
    from skysift.models.btsbot.stored import rebuild

    expected = rebuild(read_weights(imported)).predict(inputs, verbose=0)
    assert np.ptp(expected) > 0.01
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "sidecar"), [("onnx", "it.json"), ("savedmodel", "it/skysift.json")]
)
def test_the_sidecar_goes_along(kind, sidecar, imported, tmp_path):
    path = tmp_path / ("it.onnx" if kind == "onnx" else "it")
    export_weights(imported, path, kind=kind)
    source = read_weights(imported)
    facts = json.loads((tmp_path / sidecar).read_text())
    assert facts["sha256"] == tree_sha256(path) != source.sha256
    assert facts["exported"]["sha256"] == source.sha256
    assert set(facts["exported"]["differences"]) == {"1", "8", "64"}
    kept = source.facts.keys() - {"sha256"}
    assert {name: facts[name] for name in kept} == {name: source.facts[name] for name in kept}


@pytest.mark.parametrize("kind", _export.FORMATS)
def test_what_answers_otherwise_is_refused_and_removed(kind, tmp_path, monkeypatch):
    model = network("um_nn")
    write = _export._write

    def write_another(_, path, kind):
        return write(network("um_nn", seed=4), path, kind)

    monkeypatch.setattr(_export, "_write", write_another)
    with pytest.raises(ExportError, match="in a batch of 1, output score differs by"):
        export(model, FACTS, tmp_path / "it", kind=kind, samples=samples(model))
    assert list(tmp_path.iterdir()) == []


def test_several_outputs_keep_their_names(tmp_path):
    import keras

    model = network("um_nn")
    two = keras.Model(model.input, {"heads": model.output, "gate": 1 - model.output})
    export(two, FACTS, tmp_path / "it.onnx", kind="onnx", samples=samples(model))
    found = _onnx.read_onnx(tmp_path / "it.onnx")({"metadata": samples(model)["metadata"]})
    np.testing.assert_allclose(found["gate"], 1 - found["heads"], atol=1e-6)


def test_nothing_is_overwritten(imported, tmp_path):
    path = tmp_path / "it.onnx"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="name another output"):
        export_weights(imported, path, kind="onnx")
    assert path.read_text() == "mine"


def test_an_unknown_format_is_refused(imported, tmp_path):
    with pytest.raises(ValueError, match=r"format must be one of onnx, savedmodel\. Got: 'h5'"):
        export_weights(imported, tmp_path / "it", kind="h5")


def test_what_is_no_weights_is_refused(tmp_path):
    with pytest.raises(WeightsError, match="no weights at"):
        export_weights(tmp_path / "none", tmp_path / "it", kind="onnx")
