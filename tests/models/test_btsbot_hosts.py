"""Networks that look at host images: what they are shown, learn, say of themselves and refuse."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from skysift.cli.main import main
from skysift.models._export import FORMATS
from skysift.models._weights import WeightsError, read_weights
from skysift.models.btsbot import augmentation, check_weights, load, networks, training
from skysift.models.btsbot.batches import TrainingBatches
from skysift.models.btsbot.config import TrainingConfig, read_config
from skysift.models.btsbot.evaluation.scores import score_set
from skysift.models.btsbot.exporting import export_weights, likely_hosts, likely_inputs
from skysift.models.btsbot.hosts import Hosts
from skysift.models.btsbot.inputs import FEATURES
from skysift.models.btsbot.networks.cost import multiply_accumulates
from skysift.models.btsbot.start import branches_of, read_start
from skysift.models.btsbot.stored import rebuild
from skysift.simulate import write_night
from tests.models.made_up_sets import made_up_set

PLAIN = {"guard": {"enabled": False}, "calibration": {"method": "none"}}

TINY = {
    "convnext": {
        "name": "convnext", "widths": [4, 8], "depths": [1, 1], "patch": 7, "host": True,
        "meta": [4, 4], "meta_dropout": 0.0, "head_dropout": 0.0,
    },
    "maxvit": {
        "name": "maxvit", "widths": [4, 8], "depths": [1, 1], "window": 2, "attention": 4,
        "host": True,
    },
}  # fmt: skip
SETTINGS = {name: {k: v for k, v in table.items() if k != "name"} for name, table in TINY.items()}


def set_with_hosts(objects: int = 60):
    """A set whose label is in the hosts alone: red ones are positive; every seventh has none."""
    alerts = made_up_set(objects)
    rng = np.random.default_rng(4)
    names = [f"object{number}" for number in range(objects) if number % 7 != 1]
    pictures = rng.integers(0, 60, (len(names), 63, 63, 3), dtype=np.uint8)
    for picture, name in zip(pictures, names, strict=True):
        picture[20:43, 20:43, 0 if int(name[6:]) % 3 == 0 else 2] += 150
    triplets = np.broadcast_to(alerts.triplets[:1], alerts.triplets.shape)
    table = alerts.table.assign(**{"class": "made up"})
    # As batch normalisation begins: it takes longer to know other means than this test does.
    noise = rng.normal(size=(len(table), len(FEATURES))).astype(np.float32)
    table[list(FEATURES)] = noise
    facts = {"made": "up", "hosts": "of them"}
    hosts = Hosts(names, pictures, {"sha256": "of them"})
    return replace(alerts, table=table, triplets=triplets, hosts=hosts, facts=facts)


@pytest.fixture(scope="module")
def alerts():
    return set_with_hosts()


def run(alerts, output, network, progress=None, gate=False, **settings):
    settings = {"epochs": 1, "batch": 32, "precision": "float32", "mask": 0.0, **settings}
    tables = {"network": network, "training": settings, "gate": {"enabled": gate}, **PLAIN}
    return training.train(
        alerts, read_config(tables), output, name="it", trained_on="noise", progress=progress
    )


@pytest.fixture(scope="module")
def trained(alerts, tmp_path_factory) -> Path:
    """A tiny ConvNeXt with a gate that learned from the hosts."""
    folder = tmp_path_factory.mktemp("trained")
    run(
        alerts,
        folder,
        TINY["convnext"],
        gate=True,
        epochs=6,
        batch=8,
        learning_rate=5e-3,
        warm_up=0,
    )
    return folder


@pytest.fixture(scope="module")
def of_features(alerts, tmp_path_factory) -> Path:
    """A network that looks at no image."""
    folder = tmp_path_factory.mktemp("of_features")
    assert run(alerts, folder, {"name": "um_nn"})["needs"] == []
    return folder


def test_an_object_has_its_image_and_a_flag_and_an_unknown_one_zeros(rng):
    pictures = rng.integers(0, 256, (2, 63, 63, 3), dtype=np.uint8)
    hosts = Hosts(["a", "b"], pictures, {})
    images = hosts.images(["b", "c", "a", "b"])
    assert (images.shape, images.dtype) == ((4, 63, 63, 4), np.float32)
    for image, picture in zip(images[[0, 2, 3]], pictures[[1, 0, 1]], strict=True):
        np.testing.assert_allclose(image[..., :3], picture / 255, atol=1e-7)
    assert images[..., 3].tolist() == [np.full((63, 63), f).tolist() for f in (1, 0, 1, 1)]
    assert not images[1].any()
    assert hosts.images([]).shape == (0, 63, 63, 4)


def test_stamps_and_host_of_an_alert_turn_alike(alerts):
    # Both show the same picture: they must still do so after any flip and turn.
    same = np.repeat(alerts.hosts.images(alerts.group)[:, :, :, :1], 3, axis=-1)
    twins = replace(alerts, triplets=same)
    settings = TrainingConfig(batch=64, mask=0.0)
    made = TrainingBatches(twins, ("triplet", "host"), settings, heads=1, may_miss=())
    (shown, _, _), *_ = made.epoch(1)
    np.testing.assert_array_equal(shown["triplet"][..., 0], shown["host"][..., 0])
    still = TrainingBatches(
        twins, ("triplet", "host"), replace(settings, augment=False), heads=1, may_miss=()
    )
    (as_they_are, _, _), *_ = still.epoch(1)
    moved = (shown["host"] != as_they_are["host"]).any(axis=(1, 2, 3))
    assert 0.5 < moved[as_they_are["host"].any(axis=(1, 2, 3))].mean() < 1


def test_hosts_are_hidden_in_the_share_asked_for_flag_and_all(rng):
    host = np.ones((2000, 1, 1, 4), np.float32)
    hidden = augmentation.hide(host, 0.2, rng=rng)
    assert set(np.unique(hidden.sum(axis=-1))) == {0.0, 4.0}
    assert (hidden == 0).all(axis=-1).mean() == pytest.approx(0.2, abs=0.03)
    np.testing.assert_array_equal(augmentation.hide(host, 0.0, rng=rng), host)


@pytest.mark.parametrize("name", TINY)
def test_a_host_branch_is_another_body_of_the_same_kind(name):
    with_host = networks.build(name, **SETTINGS[name])
    without = networks.build(name, **{**SETTINGS[name], "host": False})
    assert list(with_host.input) == ["triplet", "metadata", "host"]
    assert list(without.input) == ["triplet", "metadata"]
    ours, bare = branches_of(with_host, name), branches_of(without, name)
    assert list(ours) == ["image", "metadata", "host", "head"]
    assert [type(x) for x in ours["host"]] == [type(x) for x in ours["image"]]
    for part in ("image", "metadata"):
        assert [x.count_params() for x in ours[part]] == [x.count_params() for x in bare[part]]
    cost = multiply_accumulates(with_host) / multiply_accumulates(without)
    assert 1.9 < cost < 2.3


def test_it_learns_what_only_the_hosts_know_and_says_what_it_needs(alerts, trained):
    facts = json.loads((trained / "it.json").read_text())
    assert facts["needs"] == ["host"]
    assert facts["network"]["settings"]["host"] is True
    assert facts["training"]["set"] == training.set_hash(alerts)
    scorer = load(trained)
    assert scorer.needs == ("host",)
    validation = alerts.part("validation")
    score = score_set(validation, scorer, cascade=False)["score"].to_numpy()
    known = validation.host(slice(None))[:, 0, 0, 3] == 1
    label = validation.label
    assert score[known & label].min() > score[known & ~label].max()
    assert np.isfinite(score[~known]).all()
    assert 0 < known.mean() < 1


def test_scores_need_the_host_and_say_so(alerts, trained):
    scorer = load(trained)
    rows = np.arange(20)
    given = {"triplet": alerts.triplet(rows), "metadata": alerts.metadata[rows]}
    for ask in (scorer.score, scorer.embed):
        with pytest.raises(ValueError, match=r"^it\+\w{8} needs host images: give host="):
            ask(**given)
        with pytest.raises(ValueError, match=r"host must have shape \(20, 63, 63, 4\)\. Got"):
            ask(**given, host=alerts.host(rows)[..., :3])
    host = alerts.host(rows)
    whole = scorer.score(**given, host=host)["score"]
    assert np.isfinite(whole).all()
    host[3, 5, 5, 1] = np.nan
    holed = scorer.score(**given, host=host)["score"]
    assert np.isnan(holed).tolist() == [row == 3 for row in rows]
    assert scorer.embed(**given, host=alerts.host(rows)).shape == (20, 64)
    nothing = {name: array[:0] for name, array in {**given, "host": host}.items()}
    assert scorer.score(**nothing)["score"].shape == (0,)


def test_a_network_without_a_host_branch_does_not_look_at_one(alerts, of_features):
    scorer = load(of_features)
    given = alerts.triplet(slice(0, 4)), alerts.metadata[:4]
    np.testing.assert_array_equal(
        scorer.score(*given)["score"], scorer.score(*given, alerts.host(slice(0, 4)))["score"]
    )
    check_weights(of_features)


def test_a_set_without_hosts_is_refused_before_anything_is_written(tmp_path, trained):
    bare = made_up_set()
    message = "looks at host images, and the set has none: build it with --hosts"
    with pytest.raises(ValueError, match=message):
        run(bare, tmp_path, TINY["convnext"])
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match=message):
        score_set(bare, load(trained), cascade=False)


def test_an_interrupted_training_goes_on_to_the_same_end(alerts, tmp_path):
    def stop(tick):
        if (tick.epoch, tick.batch) == (2, 3):
            raise KeyboardInterrupt

    course = {"epochs": 2, "mask": 0.2}
    run(alerts, tmp_path / "whole", TINY["convnext"], **course)
    with pytest.raises(KeyboardInterrupt):
        run(alerts, tmp_path / "cut", TINY["convnext"], stop, **course)
    other = replace(alerts, facts={**alerts.facts, "hosts": "others"})
    with pytest.raises(ValueError, match=r"it\.state\.npz is of an interrupted training"):
        run(other, tmp_path / "cut", TINY["convnext"], **course)
    run(alerts, tmp_path / "cut", TINY["convnext"], **course)
    ends = (rebuild(read_weights(tmp_path / folder)) for folder in ("whole", "cut"))
    for one, two in zip(*(end.get_weights() for end in ends), strict=True):
        np.testing.assert_array_equal(one, two)


def test_its_branches_begin_another_training_and_stamps_alone_may_begin_it(trained, tmp_path):
    earlier = rebuild(read_weights(trained))
    theirs = branches_of(earlier, "convnext")
    model = networks.build("convnext", **SETTINGS["convnext"])
    given = read_start(trained, "convnext").give(model, "convnext")
    assert given == ["image", "metadata", "host", "head"]
    ours = branches_of(model, "convnext")
    for part in given:
        for own, their in zip(ours[part], theirs[part], strict=True):
            for one, two in zip(own.get_weights(), their.get_weights(), strict=True):
                np.testing.assert_array_equal(one, two)
    alone = networks.build("convnext", **{**SETTINGS["convnext"], "host": False})
    assert read_start(trained, "convnext").give(alone, "convnext") == ["image", "metadata"]


def test_a_fusion_takes_a_host_network_along(alerts, trained, of_features, tmp_path):
    fused = {
        "name": "frozen_fusion",
        "image": str(trained / "it.keras"),
        "metadata": str(of_features / "it.keras"),
    }
    facts = run(alerts, tmp_path, fused)
    assert facts["needs"] == ["host"]
    scored = score_set(alerts, load(tmp_path))
    assert np.isfinite(scored["score"]).all()


@pytest.mark.parametrize("kind", FORMATS)
def test_it_is_exported_with_its_three_inputs(kind, trained, tmp_path):
    differences = export_weights(trained, tmp_path / "it", kind=kind)
    assert max(differences.values()) <= 1e-4
    sidecar = tmp_path / ("it.json" if kind == "onnx" else "it/skysift.json")
    assert json.loads(sidecar.read_text())["needs"] == ["host"]
    inputs = {**likely_inputs(5, seed=8), "host": likely_hosts(5, seed=8)}
    assert (inputs["host"][..., 3].min(axis=(1, 2)) == inputs["host"][:, 0, 0, 3]).all()
    found = run_exported(tmp_path / "it", kind, inputs)
    expected = load(trained).score(**inputs)["score"]
    np.testing.assert_allclose(found[:, 0], expected, atol=1e-5)


def run_exported(path, kind, inputs):
    """Ask what was exported, as another program would."""
    if kind == "onnx":
        session = onnxruntime.InferenceSession(str(path))
        assert {value.name for value in session.get_inputs()} == inputs.keys()
        return session.run(["heads"], inputs)[0]
    import tensorflow as tf

    return tf.saved_model.load(str(path)).signatures["serving_default"](**inputs)["heads"].numpy()


@pytest.mark.parametrize("module", ["btsbot", "btsbot_embedding"])
def test_a_job_is_refused_in_a_line_before_it_starts(
    module, trained, tmp_path, monkeypatch, capsys
):
    with pytest.raises(WeightsError, match="needs host images, which no alert packet holds"):
        check_weights(trained)
    write_night(4, 3, tmp_path, workers=1)
    for verb, where in (("score", "--output"), ("run", "--sink")):
        source = [str(tmp_path / "packets")] if verb == "score" else []
        more = [] if verb == "score" else ["--source", str(tmp_path / "packets"), "--filters", ""]
        words = [verb, *source, *more, "--modules", module, "--weights", f"{module}={trained}"]
        monkeypatch.setattr(sys, "argv", ["skysift", *words, where, str(tmp_path / "out")])
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == 2
        told = capsys.readouterr().err
        assert "needs host images, which no alert packet holds: judge it with `skysift " in told
        assert told.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_the_ready_made_config_builds_a_network_of_the_cost_that_the_card_names():
    config = read_config("convnext_host")
    model = networks.build(config.network.name, **config.network.settings)
    assert list(model.input) == ["triplet", "metadata", "host"]
    assert multiply_accumulates(model) == pytest.approx(138e6, rel=0.02)
