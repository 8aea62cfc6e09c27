"""Training: a short run that must learn; the same again; and on after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest

from skysift.models._weights import read_weights
from skysift.models.btsbot import training
from skysift.models.btsbot.config import read_config
from skysift.models.btsbot.networks import LOGIT
from skysift.models.btsbot.stored import rebuild
from tests.models.made_up_sets import made_up_set

PLAIN = {"gate": {"enabled": False}, "guard": {"enabled": False}, "calibration": {"method": "none"}}


@pytest.fixture(scope="module")
def alerts():
    return made_up_set()


def run(alerts, output, network, progress=None, name="it", **settings):
    settings = {"epochs": 3, "batch": 32, "precision": "float32", **settings}
    config = read_config({"network": network, "training": settings, **PLAIN})
    return training.train(alerts, config, output, name=name, trained_on="noise", progress=progress)


def weights_of(folder, name="it"):
    return rebuild(read_weights(folder / f"{name}.keras")).get_weights()


def test_ours_learns_and_its_sidecar_tells_all(alerts, tmp_path):
    ticks = []
    facts = run(
        alerts,
        tmp_path,
        {"name": "compact", "heads": 3},
        ticks.append,
        epochs=6,
        learning_rate=3e-3,
    )
    written = json.loads((tmp_path / "it.json").read_text())
    assert written == json.loads(json.dumps({"sha256": written["sha256"], **facts}))
    assert written["version"] == f"it+{written['sha256'][:8]}"
    assert (facts["preprocessing"], facts["crop"], facts["embedding"]) == ("centred", 63, "head_fc")
    assert facts["may_miss"] == ["sgscore2", "distpsnr2"]
    learned = facts["training"]
    assert learned["alerts"] == {"train": 192, "validation": 48}
    assert learned["objects"] == {"train": 48, "validation": 12}
    assert learned["set"] == training.set_hash(alerts)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "it.history.csv",
        "it.json",
        "it.keras",
    ]

    history = pd.read_csv(tmp_path / "it.history.csv")
    assert history["epoch"].tolist() == list(range(1, 7))
    assert history["val_loss"].min() == pytest.approx(learned["best_validation_loss"])
    ends = [tick for tick in ticks if tick.batch == 0]
    assert [(tick.epoch, tick.batches) for tick in ends] == [(number, 6) for number in range(1, 7)]
    assert len(ticks) == 6 * 7

    validation = alerts.part("validation")
    model = rebuild(read_weights(tmp_path))
    inputs = {"triplet": validation.triplet(slice(None)), "metadata": validation.metadata}
    score = model.predict(inputs, verbose=0)
    assert score.shape == (48, 3)
    assert score[validation.label].mean() > score[~validation.label].mean() + 0.5
    assert score.std(axis=1).max() > 1e-4


KILLED = """
import os, pathlib, signal, sys
sys.path.insert(0, {root!r})
from tests.models.test_btsbot_training import COURSE, made_up_set, run
def progress(tick):
    if (tick.epoch, tick.batch) == (3, 2):
        os.kill(os.getpid(), signal.SIGKILL)
run(made_up_set(), pathlib.Path({output!r}), {{"name": "um_nn"}}, progress, **COURSE)
"""

COURSE = {"epochs": 5, "schedule": "plateau", "learning_rate": 1e-2, "patience": 4}


def test_the_same_seed_gives_the_same_network_killed_or_not_and_another_does_not(
    alerts, tmp_path, pytestconfig
):
    whole, killed, other = (tmp_path / name for name in ("whole", "killed", "other"))
    run(alerts, whole, {"name": "um_nn"}, **COURSE)
    code = KILLED.format(root=str(pytestconfig.rootpath), output=str(killed))
    ended = subprocess.run([sys.executable, "-c", code], env={**os.environ}, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert (killed / "it.state.npz").exists()
    assert not (killed / "it.keras").exists()

    seen = []
    run(alerts, killed, {"name": "um_nn"}, seen.append, **COURSE)
    assert seen[0].epoch == 3  # the unfinished epoch is done again, from its start
    for one, two in zip(weights_of(whole), weights_of(killed), strict=True):
        np.testing.assert_array_equal(one, two)
    assert (whole / "it.history.csv").read_text() == (killed / "it.history.csv").read_text()
    run(alerts, other, {"name": "um_nn"}, **COURSE, seed=3)
    pairs = zip(weights_of(whole), weights_of(other), strict=True)
    assert any((one != two).any() for one, two in pairs)


def test_the_state_of_another_training_is_refused(alerts, tmp_path):
    def stop(tick):
        if tick.epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(alerts, tmp_path, {"name": "um_nn"}, stop)
    with pytest.raises(
        ValueError, match=r"it\.state\.npz is of an interrupted training with other"
    ):
        run(alerts, tmp_path, {"name": "um_nn"}, learning_rate=0.5)


def test_it_stops_early_and_keeps_the_best(alerts, tmp_path):
    facts = run(
        alerts, tmp_path, {"name": "um_nn"}, epochs=40, patience=2, learning_rate=0.05,
        schedule="constant", class_weight="none",
    )["training"]  # fmt: skip
    history = pd.read_csv(tmp_path / "it.history.csv")["val_loss"]
    assert facts["epochs_run"] == len(history) == facts["best_epoch"] + 2 < 40
    assert history.idxmin() + 1 == facts["best_epoch"]
    validation = alerts.part("validation")
    model = rebuild(read_weights(tmp_path))
    logits = keras.Model(model.input, model.get_layer(LOGIT).output)
    answer = np.asarray(logits({"metadata": validation.metadata}), dtype=np.float64)
    loss = training.weighted_loss(answer, validation.label, np.ones(len(validation)))
    assert loss == pytest.approx(history.min(), rel=1e-4)


def test_validation_loss_is_weighted_as_the_training_loss_is(rng):
    logits, label = rng.normal(size=(6, 2)), np.array([1, 0, 0, 1, 0, 0], bool)
    weight = np.where(label, 1.0, 0.5)
    p = 1 / (1 + np.exp(-logits))
    loss = -np.where(label[:, None], np.log(p), np.log(1 - p)) * weight[:, None]
    assert training.weighted_loss(logits, label, weight) == pytest.approx(loss.mean())


def test_a_loss_that_is_no_number_ends_it_with_advice(alerts, tmp_path):
    triplets = alerts.triplets.copy()
    triplets[:, 0, 0, 0] = np.inf
    with pytest.raises(ValueError, match=r"the loss became nan in epoch 1, batch 1"):
        run(replace(alerts, triplets=triplets), tmp_path, {"name": "um_cnn", "channels": [2, 2]},
            crop=63)  # fmt: skip


def test_parts_that_nothing_can_be_learned_from_are_refused(alerts, tmp_path):
    table = alerts.table

    def attempt(**columns):
        run(replace(alerts, table=table.assign(**columns)), tmp_path, {"name": "um_nn"})

    with pytest.raises(ValueError, match="the validation part of the training set is empty"):
        attempt(split="train")
    with pytest.raises(ValueError, match=r"the train part needs .*\. Got: 0 positive of 192"):
        attempt(label=False)
    chinr = table["chinr"].where(table.index != 5)
    with pytest.raises(ValueError, match=r"train part are NaN, of 192 alerts: .*fwhm in all"):
        attempt(fwhm=np.float32(np.nan))
    with pytest.raises(ValueError, match=r"of 192 alerts: chinr in 1$"):
        attempt(chinr=chinr)


def test_a_fusion_leaves_its_branches_as_they_were_trained(alerts, tmp_path):
    run(alerts, tmp_path, {"name": "um_cnn_small", "channels": [2, 2]}, name="i", crop=9, epochs=1)
    run(alerts, tmp_path, {"name": "um_nn"}, name="m", epochs=1)
    fused = {
        "name": "frozen_fusion",
        "image": str(tmp_path / "i.keras"),
        "metadata": str(tmp_path / "m.keras"),
    }
    with pytest.raises(ValueError, match=r"i\.keras was trained on stamps centred, 9 px; .* 63 px"):
        run(alerts, tmp_path, fused)
    run(alerts, tmp_path, fused, crop=9)
    model = rebuild(read_weights(tmp_path / "it.keras"))
    for branch, name in (("image", "i"), ("metadata", "m")):
        trained = weights_of(tmp_path, name)
        for one, two in zip(model.get_layer(f"{branch}_body").get_weights(), trained, strict=False):
            np.testing.assert_array_equal(one, two)


def test_training_in_bfloat16_serves_in_float32(alerts, tmp_path):
    facts = run(alerts, tmp_path, {"name": "um_nn"}, epochs=1, precision="mixed_bfloat16")
    assert facts["training"]["precision"] == "mixed_bfloat16"
    model = rebuild(read_weights(tmp_path))
    assert {weight.dtype for weight in model.weights} == {"float32"}
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}
