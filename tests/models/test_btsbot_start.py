"""Beginning with earlier weights: the same numbers, the same scores, and refusals that say why."""

from __future__ import annotations

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from skysift.models._weights import WeightsError, read_weights, write_sidecar
from skysift.models.btsbot import networks, training
from skysift.models.btsbot.config import read_config
from skysift.models.btsbot.start import branches_of, read_start
from skysift.models.btsbot.stored import rebuild
from tests.models.made_up_sets import made_up_set

PLAIN = {"gate": {"enabled": False}, "guard": {"enabled": False}, "calibration": {"method": "none"}}

SMALL = {"side": 16}

TINY = {
    "convnext": {**SMALL, "widths": [4, 8], "depths": [1, 1]},
    "maxvit": {**SMALL, "widths": [4, 8], "depths": [1, 1], "window": 2, "attention": 4},
    "um_nn": {},
}


def kept(folder, name, *, seed=1, version="earlier+1", **settings):
    """Write a network of random weights as a training would have."""
    keras.utils.set_random_seed(seed)
    settings = {**TINY.get(name, SMALL), **settings}
    model = networks.build(name, **settings)
    shake(model)
    path = folder / f"{name}.keras"
    model.save(path)
    network = {"name": name, "settings": {**networks.settings_of(name), **settings}}
    write_sidecar(path, {"version": version, "network": network})
    return path, model


def shake(model):
    """Make all weights different from how they begin, biases and moving averages too."""
    rng = np.random.default_rng(3)
    model.set_weights([w + rng.uniform(0.01, 0.1, w.shape) for w in model.get_weights()])


def numbers(layers):
    return [weight for layer in layers for weight in layer.get_weights()]


def assert_alike(ours, theirs):
    for one, two in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("name", [n for n in networks.NAMES if n != "frozen_fusion"])
def test_a_network_begins_with_all_numbers_of_its_like(name, tmp_path):
    path, earlier = kept(tmp_path, name)
    model = networks.build(name, **TINY.get(name, SMALL))
    assert read_start(path, name).give(model, name)[-1] == "head"
    assert_alike(model.get_weights(), earlier.get_weights())


@pytest.mark.parametrize(
    ("earlier", "settings", "name"),
    [
        ("convnext", {"metadata": False}, "convnext"),
        ("maxvit", {"metadata": False}, "maxvit"),
        ("um_cnn", {"channels": [32, 64], "kernel": 5}, "mm_cnn"),
    ],
)
def test_an_image_branch_goes_on_under_another_head(earlier, settings, name, tmp_path):
    path, alone = kept(tmp_path, earlier, **settings)
    model = networks.build(name, **TINY.get(name, SMALL))
    head = numbers(branches_of(model, name)["head"])
    assert read_start(path, name).give(model, name) == ["image"]
    ours, theirs = branches_of(model, name), branches_of(alone, earlier)
    assert list(ours) == ["image", "metadata", "head"]
    assert list(theirs) == ["image", "head"]
    assert_alike(numbers(ours["image"]), numbers(theirs["image"]))
    assert_alike(numbers(ours["head"]), head)


@pytest.mark.parametrize(
    ("earlier", "settings", "name", "message"),
    [
        (
            "convnext", {"widths": [4, 16]}, "convnext",
            r"image branch of .*convnext\.keras does not fit this convnext: layer \d+ is a "
            r"Conv2D \(2, 2, 4, 16\) \(16,\) there, a Conv2D \(2, 2, 4, 8\) \(8,\) here$",
        ),
        (
            "convnext", {"depths": [1, 2]}, "convnext",
            r"image branch .* it has 17 layers with weights there, 13 here$",
        ),
        ("um_nn", {"meta": [64, 32]}, "convnext", r"metadata branch .* \(64, 32\) .* here$"),
        ("um_cnn", {}, "um_nn", r"um_cnn\.keras and um_nn have no branch in common$"),
        ("um_nn", {}, "frozen_fusion", r"start cannot be with a frozen_fusion: "),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_a_line(earlier, settings, name, message, tmp_path):
    path, _ = kept(tmp_path, earlier, **settings)
    with pytest.raises(WeightsError, match=message) as refusal:
        read_start(path, name).give(networks.build(name, **TINY[name]), name)
    assert "\n" not in str(refusal.value)


def test_weights_that_are_no_network_of_ours_are_refused(tmp_path):
    path, _ = kept(tmp_path, "um_nn")
    with pytest.raises(WeightsError, match=r"no weights at .*none"):
        read_start(tmp_path / "none.keras", "um_nn")
    write_sidecar(path, {"version": "else+1", "network": {"name": "resnet"}})
    with pytest.raises(WeightsError, match=r"holds none of our networks, but \{'name': 'resnet'"):
        read_start(path, "um_nn")


def run(alerts, output, network, progress=None, **settings):
    settings = {"epochs": 1, "batch": 32, "precision": "float32", **settings}
    config = read_config({"network": network, "training": settings, **PLAIN})
    return training.train(
        alerts, config, output, name="it", trained_on="noise", progress=progress
    )  # fmt: skip


def scores(path, alerts):
    model = rebuild(read_weights(path))
    given = {"triplet": alerts.triplet(slice(None)), "metadata": alerts.metadata}
    return model.predict({name: given[name] for name in model.input}, verbose=0)


def test_a_training_begins_where_the_earlier_ended(tmp_path):
    # On other alerts, whose features have other means: what the earlier network learned of the
    # old ones must hold. Batch normalisation moves even at a rate that teaches nothing.
    alerts = made_up_set()
    earlier = run(alerts, tmp_path / "a", {"name": "compact"}, learning_rate=3e-3)
    table = alerts.table.assign(sky=alerts.table["sky"] * 3)
    others = replace(alerts, table=table, facts={"another": "set"})
    still = {"learning_rate": 1e-12, "seed": 5, "damage": 0.0, "mask": 0.0}
    network = {"name": "compact", "start": str(tmp_path / "a" / "it.keras")}
    facts = run(others, tmp_path / "b", network, **still)
    fresh = run(others, tmp_path / "c", {"name": "compact"}, **still)

    for name in ("mean", "variance"):
        kept_so = [made["network"]["settings"][name] for made in (earlier, facts, fresh)]
        assert kept_so[0] == kept_so[1] != kept_so[2]
    begun = facts["training"]["start"]
    assert begun["version"] == earlier["version"]
    assert begun["sha256"] == read_weights(tmp_path / "a").sha256
    assert begun["branches"] == ["image", "metadata", "head"]
    assert json.loads((tmp_path / "b" / "it.json").read_text())["training"]["start"] == begun
    assert fresh["training"]["start"] is None

    before, begun, anew = (scores(tmp_path / folder, others) for folder in "abc")
    assert np.abs(begun - before).max() < 0.02 < 0.1 < np.abs(anew - before).max()


def test_a_state_of_a_training_with_another_beginning_is_refused(tmp_path):
    alerts = made_up_set()
    first, _ = kept(tmp_path, "um_nn")
    (tmp_path / "b").mkdir()
    second, _ = kept(tmp_path / "b", "um_nn", seed=2)

    def stop(tick):
        if tick.batch == 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(alerts, tmp_path / "out", {"name": "um_nn", "start": str(first)}, stop, epochs=2)
    with pytest.raises(ValueError, match=r"it\.state\.npz is of an interrupted training"):
        run(alerts, tmp_path / "out", {"name": "um_nn", "start": str(second)}, epochs=2)


def test_a_config_names_it_relative_to_itself_and_survives_writing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "it.toml").write_text('[network]\nname = "mm_cnn"\nstart = "a/w.keras"\n')
    config = read_config("it.toml")
    assert config.network.start == str(tmp_path / "a" / "w.keras")
    assert config.network.settings == {}
    assert read_config(config.as_dict) == config
    with pytest.raises(ValueError, match=r"start must be the path of trained weights\. Got: 3"):
        read_config({"network": {"start": 3}})
