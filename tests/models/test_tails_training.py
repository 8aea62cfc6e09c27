"""Training of Tails: a short run that must find comets; the same again; and on after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from skysift.models import tails
from skysift.models._settings import ConfigError
from skysift.models._weights import read_weights
from skysift.models.tails import training
from skysift.models.tails.config import read_config, ready_made
from skysift.models.tails.stored import rebuild
from tests.models.tails_frames import ZEROPOINT, add_comet, make_images, make_set

SMALL = {"name": "heat_map", "widths": [6, 8, 12, 12, 12]}


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    return make_set(tmp_path_factory.mktemp("set") / "frames")


def config(network=SMALL, inputs=None, windows=None, **settings):
    training = {
        "epochs": 2, "steps": 4, "validation_steps": 3, "batch": 2, "stamp_batch": 4,
        "precision": "float32", **settings,
    }  # fmt: skip
    return read_config(
        {
            "network": network,
            "inputs": inputs or {},
            "windows": {"tile": 64, **(windows or {})},
            "training": training,
        }
    )


def run(frames, output, progress=None, name="it", **given):
    return training.train(
        frames, config(**given), output, name=name, trained_on="made-up frames", progress=progress
    )


def weights_of(folder, name="it"):
    return rebuild(read_weights(folder / f"{name}.keras")).get_weights()


@pytest.fixture(scope="module")
def learned(frames, tmp_path_factory):
    """A network that has seen enough of the made-up frames to find their comets."""
    output = tmp_path_factory.mktemp("learned")
    facts = run(
        frames, output, epochs=7, steps=60, batch=6, stamp_batch=12, learning_rate=6e-3,
        windows={"stamps": 0.3},
    )  # fmt: skip
    return output, facts


def test_ours_learns_and_its_sidecar_tells_all(learned):
    output, facts = learned
    written = json.loads((output / "it.json").read_text())
    assert written == json.loads(json.dumps({"sha256": written["sha256"], **facts}))
    assert facts["network"]["settings"] == {
        "planes": 6, "widths": [6, 8, 12, 12, 12], "binned": False, "folded": False
    }  # fmt: skip
    assert (facts["preprocessing"], facts["channels"]) == ("robust", 3)
    assert facts["training"]["frames"] == {"train": 6, "validation": 2}
    assert facts["training"]["comets"] == {"train": 12, "validation": 4}
    names = sorted(path.name for path in output.iterdir())
    assert names == ["it.history.csv", "it.json", "it.keras"]
    history = pd.read_csv(output / "it.history.csv")
    assert history["val_loss"].iloc[-1] < 0.5 * history["val_loss"].iloc[0]
    assert history["val_loss"].min() == pytest.approx(facts["training"]["best_validation_loss"])


@pytest.fixture(scope="module")
def scorer(learned):
    return tails.load(learned[0])


def test_comets_of_a_frame_are_found_with_place_magnitude_and_size(scorer):
    rng = np.random.default_rng(77)
    images = make_images((200, 264), rng=rng)
    truth = [(60.0, 50.5, 15000.0), (200.25, 140.0, 9000.0)]
    for one in truth:
        add_comet(images, *one)
    found = scorer.detect(images, threshold=0.3, zeropoint=ZEROPOINT)
    order = np.argsort(found["x"])
    assert len(order) == 2
    x, y, flux = np.array(truth).T
    np.testing.assert_allclose(found["x"][order], x, atol=3)
    np.testing.assert_allclose(found["y"][order], y, atol=3)
    np.testing.assert_allclose(found["mag"][order], ZEROPOINT - 2.5 * np.log10(flux), atol=1.0)
    np.testing.assert_allclose(found["size"], 4.0, rtol=0.4)
    assert (found["sigma"] < 8).all()
    assert np.isnan(scorer.detect(images, threshold=0.3)["mag"]).all()


def test_stamps_are_scored_each_on_its_own_and_of_any_size(scorer):
    rng = np.random.default_rng(78)
    stamps = np.stack([make_images((63, 63), rng=rng) for _ in range(5)])
    for stamp in stamps[:2]:
        add_comet(stamp, 31.0, 32.0, 12000.0)
    stamps[3, ..., 2] = np.nan
    answer = scorer.score(stamps, np.full(5, ZEROPOINT))
    assert set(answer) == {"score", "x", "y", "sigma", "mag", "size"}
    assert all(column.dtype == np.float32 for column in answer.values())
    assert (answer["score"][:2] > 0.3).all()
    assert (answer["score"][[2, 4]] < 0.2).all()
    np.testing.assert_allclose([answer["x"][:2], answer["y"][:2]], [[31] * 2, [32] * 2], atol=3)
    assert all(np.isnan(column[3]) for column in answer.values())
    alone = scorer.score(stamps[:1])
    np.testing.assert_allclose(alone["score"], answer["score"][:1], atol=1e-5)
    small = scorer.score(stamps[:1, 8:56, 4:60])
    np.testing.assert_allclose([small["x"][0] + 4, small["y"][0] + 8], [31, 32], atol=3)
    assert len(scorer.score(stamps[:0])["score"]) == 0


def test_what_is_missing_elsewhere_leaves_the_score(scorer):
    rng = np.random.default_rng(79)
    images = make_images((256, 512), rng=rng)
    add_comet(images, 60.0, 130.0, 12000.0)
    before = scorer.detect(images, threshold=0.3)
    lost = images.copy()
    lost[:, 400:] = np.nan
    after = scorer.detect(lost, threshold=0.3)
    assert len(before["score"]) == len(after["score"]) == 1
    np.testing.assert_allclose(after["x"], before["x"], atol=0.2)
    np.testing.assert_allclose(after["score"], before["score"], atol=0.05)
    lost[100:160, 30:90] = np.nan
    assert len(scorer.detect(lost, threshold=0.3)["score"]) == 0
    lost[:] = np.nan
    assert len(scorer.detect(lost, threshold=0.02)["score"]) == 0


def test_strips_say_what_the_whole_frame_says(scorer, monkeypatch):
    from skysift.models.tails import detector

    rng = np.random.default_rng(80)
    images = make_images((500, 150), rng=rng)
    for y in (40.0, 127.0, 255.5, 300.0, 480.0):
        add_comet(images, 70.0, y, 12000.0)
    whole = scorer.detect(images, threshold=0.05)
    monkeypatch.setattr(detector, "STRIP", 64)
    strips = scorer.detect(images, threshold=0.05)
    assert len(whole["score"]) >= 5
    for name in ("score", "x", "y", "sigma", "size"):
        np.testing.assert_allclose(strips[name], whole[name], rtol=1e-3, atol=1e-3)


def test_images_of_another_shape_and_thresholds_that_are_none_are_refused(scorer):
    with pytest.raises(ValueError, match=r"must have shape \(h, w, 3\): science, .*\(40, 50\)"):
        scorer.detect(np.zeros((40, 50), np.float32))
    with pytest.raises(ValueError, match=r"must have shape \(n, h, w, 3\)"):
        scorer.score(np.zeros((2, 63, 63, 2), np.float32))
    with pytest.raises(ValueError, match=r"threshold must lie between 0 and 1\. Got: 1"):
        scorer.detect(np.zeros((40, 50, 3), np.float32), threshold=1)


KILLED = """
import os, pathlib, signal, sys
sys.path.insert(0, {root!r})
from skysift.models.tails.training_set import read_frame_set
from tests.models.test_tails_training import COURSE, run
def progress(tick):
    if (tick.epoch, tick.batch) == (2, 2):
        os.kill(os.getpid(), signal.SIGKILL)
run(read_frame_set({frames!r}), pathlib.Path({output!r}), progress, **COURSE)
"""

COURSE = {"epochs": 3}


def test_the_same_seed_gives_the_same_network_killed_or_not_and_another_does_not(
    frames, tmp_path, pytestconfig
):
    whole, killed, other = (tmp_path / name for name in ("whole", "killed", "other"))
    run(frames, whole, **COURSE)
    code = KILLED.format(
        root=str(pytestconfig.rootpath), frames=str(frames.folder), output=str(killed)
    )
    ended = subprocess.run([sys.executable, "-c", code], env={**os.environ}, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert not (killed / "it.keras").exists()
    with pytest.raises(
        ValueError, match=r"it\.state\.npz is of an interrupted training with other"
    ):
        run(frames, killed, **COURSE, learning_rate=0.5)
    seen = []
    run(frames, killed, seen.append, **COURSE)
    assert seen[0].epoch == 2  # the unfinished epoch is done again, from its start
    for one, two in zip(weights_of(whole), weights_of(killed), strict=True):
        np.testing.assert_array_equal(one, two)
    run(frames, other, **COURSE, seed=3)
    pairs = zip(weights_of(whole), weights_of(other), strict=True)
    assert any((one != two).any() for one, two in pairs)


def test_the_published_network_learns_its_task_on_two_images(frames, tmp_path):
    facts = run(
        frames, tmp_path, network={"name": "tails_v1", "published_fusion": True},
        inputs={"preprocessing": "tails", "channels": 2}, windows={"tile": 128, "stamps": 0.0},
        epochs=1, steps=1, validation_steps=1,
    )  # fmt: skip
    assert facts["network"]["settings"]["planes"] == 2
    scorer = tails.load(tmp_path)
    assert scorer.images == ("science", "reference")
    images = make_images((150, 300), rng=np.random.default_rng(0))
    found = scorer.detect(images[..., :2], threshold=0.02)
    assert np.isnan(found["mag"]).all()
    stamps = np.stack([images[:63, i : i + 63] for i in (0, 50)])
    answer = scorer.score(stamps)
    assert np.isfinite([answer["score"], answer["x"]]).all()
    with pytest.raises(ValueError, match="stamps of 128 px at most"):
        scorer.score(images[None])


def test_parts_that_nothing_can_be_learned_from_are_refused(frames, tmp_path):
    truth = frames.truth
    for table, reason in (
        (truth[truth["kind"] != "comet"], r"the train part holds no comet of S/N 5\.0 or more"),
        (truth.assign(snr=2.0), r"the train part holds no comet of S/N 5\.0 or more, in 6 frames"),
        (truth.assign(mag=np.nan), r"12 comets of the train part have no magnitude"),
    ):
        with pytest.raises(ValueError, match=reason):
            run(replace(frames, truth=table), tmp_path)
    with pytest.raises(ValueError, match="the validation part of the set holds no frame"):
        run(replace(frames, frames=frames.frames.assign(split="train")), tmp_path)


def test_configs_are_read_and_mistakes_named():
    assert ready_made() == ("finder", "heat_map", "second_look", "tails_v1")
    published = read_config("tails_v1")
    assert published.network.settings == {"published_fusion": True, "published_sigmoids": True}
    assert (published.inputs.preprocessing, published.training.optimizer) == ("tails", "adam")
    again = read_config(published.as_dict)
    assert again == published
    for tables, message in (
        ({"network": {"name": "heatmap"}}, "did you mean 'heat_map'"),
        ({"network": {"planes": 4}}, r"\[network\] has no key 'planes'"),
        ({"windows": {"comets": 0.9, "confusers": 0.2}}, "must add up to 1 or less"),
        ({"network": {"name": "tails_v1"}}, r"stamps must be 0 for tails_v1.* Got: 0\.4"),
        ({"inputs": {"channels": 4}}, r"channels must be one of 3, 2\. Got: 4"),
    ):
        with pytest.raises(ConfigError, match=message):
            read_config(tables)
