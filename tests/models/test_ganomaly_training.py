"""Training of GANomaly: it learns, is the same again, goes on after a kill, and watches itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from skysift.models import ganomaly
from skysift.models._settings import ConfigError
from skysift.models._weights import WeightsError, read_weights
from skysift.models.ganomaly import health, training
from skysift.models.ganomaly.config import read_config, ready_made
from skysift.models.ganomaly.stored import rebuild
from skysift.models.ganomaly.training_set import read_training_set
from tests.models.ganomaly_images import SIDE, glow, strange, write_folder

SMALL = {"width": 8, "codes": 8}


def config(network=None, losses=None, **settings):
    return read_config(
        {
            "network": {**SMALL, **(network or {})},
            "inputs": {"side": SIDE},
            "losses": losses or {},
            "training": {
                "epochs": 2, "batch": 16, "validation": 0.2, "precision": "float32", **settings
            },
        }
    )  # fmt: skip


def run(folder, output, progress=None, name="it", **given):
    settings = config(**given)
    output.mkdir(exist_ok=True)
    images = read_training_set(folder, settings.inputs, output / "images")
    return training.train(
        images, settings, output, name=name, trained_on="made-up glows", progress=progress
    )


def weights_of(folder, name="it"):
    return rebuild(read_weights(folder / f"{name}.keras")).get_weights()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("data") / "glows")


@pytest.fixture(scope="module")
def learned(folder, tmp_path_factory):
    """Ours, after enough steps to make glows."""
    output = tmp_path_factory.mktemp("learned")
    return output, run(folder, output, epochs=25, learning_rate=2e-3, average=0.9)


def test_it_learns_and_its_sidecar_tells_all(learned):
    output, facts = learned
    written = json.loads((output / "it.json").read_text())
    assert written == json.loads(json.dumps({"sha256": written["sha256"], **facts}))
    told = facts["training"]
    assert sum(told["images"][part] for part in ("train", "validation")) == 60
    assert facts["memory"] == told["images"]["train"]
    assert facts["reference"]["images"] == told["images"]["validation"]
    history = pd.read_csv(output / "it.history.csv", float_precision="round_trip")
    assert history["val_contextual"].iloc[-1] < 0.5 * history["val_contextual"].iloc[0]
    assert history["val_loss"].min() == pytest.approx(told["best_validation_loss"])
    assert told["discriminator"] == health.report(history.to_dict("records"))
    assert told["discriminator"]["dead_since"] is None


def test_what_is_written_is_the_best_of_the_training(learned):
    output, facts = learned
    made = rebuild(read_weights(output / "it.keras")).get_layer("generator").get_weights()
    with np.load(output / "it.state.npz") as state:
        for i, weight in enumerate(made):
            np.testing.assert_array_equal(weight, state[f"best_{i}"])
    assert facts["training"]["best_epoch"] > 5


def test_pictures_show_what_it_makes_of_images(learned):
    pictures = learned[0] / "it.pictures"
    names = sorted(path.name for path in pictures.iterdir())
    assert names == [*(f"fixed-{n:03d}.png" for n in range(1, 26)), "reals.png",
                     "reconstructions.png"]  # fmt: skip

    def error(epoch):
        page = np.asarray(Image.open(pictures / f"fixed-{epoch:03d}.png"), float)
        assert page.shape == (2 * SIDE + 2, 8 * SIDE + 7 * 2, 3)
        return np.abs(page[:SIDE] - page[SIDE + 2 :]).mean()

    assert error(25) < 0.5 * error(1)


@pytest.fixture(scope="module")
def scorer(learned):
    return ganomaly.load(learned[0])


def test_what_was_not_learned_scores_higher(scorer):
    rng = np.random.default_rng(9)
    known = scorer.score(np.stack([glow(rng) for _ in range(20)]))
    other = scorer.score(np.stack([strange(rng) for _ in range(20)]))
    for name in ("image", "distance", "combined"):
        assert np.median(other[name]) > known[name].max()
    assert (other["percentile"] == 100).mean() > 0.9
    assert 10 < np.median(known["percentile"]) < 90
    assert (known["status"] == "ok").all()


def test_a_score_does_not_depend_on_who_is_scored_with_it(scorer):
    rng = np.random.default_rng(10)
    images = [glow(rng), strange(rng), np.zeros((40, 50, 3), np.uint8), glow(rng, 64)] * 20
    together = scorer.score(images)
    for i in range(4):
        alone = scorer.score(images[i : i + 1])
        for name, column in together.items():
            if name != "status":
                np.testing.assert_allclose(alone[name], column[i : i + 1], rtol=1e-5, atol=1e-5)


def test_what_cannot_be_scored_gets_a_reason_and_its_neighbours_their_scores(scorer):
    rng = np.random.default_rng(11)
    lost = np.full((SIDE, SIDE, 3), np.nan)
    told = scorer.score([glow(rng), lost, np.zeros((4, 4, 3), np.uint8), np.full((9, 9, 3), 7.0)])
    assert told["status"].tolist() == ["ok", "missing", "size", "numbers"]
    assert np.isfinite(told["combined"]).tolist() == [True, False, False, False]
    assert len(scorer.score([])["combined"]) == 0
    assert scorer.score([])["percentile"].dtype == np.float32


def test_codes_and_images_go_back_and_forth(scorer):
    ready, _ = scorer.prepare([glow(np.random.default_rng(12)) for _ in range(3)])
    codes = scorer.encode(ready)
    assert codes.shape == (3, SMALL["codes"])
    np.testing.assert_allclose(scorer.decode(codes), scorer.reconstruct(ready), atol=1e-5)
    l1 = np.abs(scorer.reconstruct(ready) - ready).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(scorer.score_prepared(ready)["image"], l1, rtol=1e-5)


def test_without_weights_nothing_is_scored(tmp_path):
    with pytest.raises(WeightsError, match="without any it would score at random"):
        ganomaly.load()
    with pytest.raises(WeightsError, match="no weights at"):
        ganomaly.load(tmp_path / "none.keras")


KILLED = """
import os, pathlib, signal, sys
sys.path.insert(0, {root!r})
from tests.models.test_ganomaly_training import COURSE, run
def progress(tick):
    if (tick.epoch, tick.batch) == (2, 2):
        os.kill(os.getpid(), signal.SIGKILL)
run(pathlib.Path({folder!r}), pathlib.Path({output!r}), progress, **COURSE)
"""

COURSE = {
    "epochs": 3, "network": {"name": "ganomaly"}, "losses": {"discriminator": "bce"},
    "restart_below": 0.7, "average": 0.5,
}  # fmt: skip
"""With restarts: what they draw must be the same after a kill."""


def test_the_same_seed_gives_the_same_network_killed_or_not_and_another_does_not(
    folder, tmp_path, pytestconfig
):
    whole, killed, other = (tmp_path / name for name in ("whole", "killed", "other"))
    run(folder, whole, **COURSE)
    code = KILLED.format(root=str(pytestconfig.rootpath), folder=str(folder), output=str(killed))
    ended = subprocess.run([sys.executable, "-c", code], env={**os.environ}, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert not (killed / "it.keras").exists()
    with pytest.raises(
        ValueError, match=r"it\.state\.npz is of an interrupted training with other"
    ):
        run(folder, killed, **{**COURSE, "learning_rate": 0.5})
    seen = []
    facts = run(folder, killed, seen.append, **COURSE)
    assert seen[0].epoch == 2  # the unfinished epoch is done again, from its start
    assert facts["training"]["discriminator"]["restarts"] > 0
    for one, two in zip(weights_of(whole), weights_of(killed), strict=True):
        np.testing.assert_array_equal(one, two)
    further = run(folder, killed, seen.append, **{**COURSE, "epochs": 4})
    assert further["training"]["epochs_run"] == 4
    assert seen[-1].epoch == 4
    run(folder, other, **COURSE, seed=4)
    assert not all(map(np.array_equal, weights_of(whole), weights_of(other)))


def test_a_dead_discriminator_is_told(folder, tmp_path, caplog):
    """Steps as large as stale memories of tiny gradients make them: it says the same to all."""
    facts = run(
        folder, tmp_path, network={"name": "ganomaly"}, losses={"discriminator": "bce"}, epochs=3,
        discriminator_rate=30.0,
    )  # fmt: skip
    assert facts["training"]["discriminator"]["dead_since"] is not None
    assert "the discriminator is dead" in caplog.text


def test_dead_since_counts_from_the_last_epoch_back():
    spreads = [0.4, 0.0, 0.3, 0.0, 0.0]
    history = [{"epoch": i, "d_spread": s, "d_restarts": 1.0} for i, s in enumerate(spreads, 1)]
    assert health.dead_since(history) == 4
    assert health.dead_since(history[:3]) is None
    assert health.report(history) == {
        "dead_since": 4, "dead_epochs": 3, "least_spread": 0.0, "restarts": 5,
    }  # fmt: skip


def test_too_few_images_are_refused(folder, tmp_path):
    with pytest.raises(ValueError, match=r"images to learn from, fewer than a batch of 64"):
        run(folder, tmp_path, batch=64)
    with pytest.raises(ValueError, match=r"of 60 images \d are held back, and percentiles need 10"):
        run(folder, tmp_path, validation=0.02)


def test_configs_are_read_and_mistakes_named():
    assert ready_made() == ("ours", "parity", "stamps")
    published = read_config("parity")
    assert published.network.name == "ganomaly"
    assert (published.losses.contextual, published.losses.discriminator) == (50.0, "bce")
    settings = published.training
    assert (settings.learning_rate, settings.beta_1, settings.batch) == (2e-4, 0.5, 64)
    assert (settings.restart_below, settings.restart_optimizer) == (1e-5, False)
    assert read_config(published.as_dict) == published
    assert training.network_of(published)["settings"] == {
        "side": 64, "channels": 3, "codes": 128, "width": 64, "extra": 0, "per_image": False,
    }  # fmt: skip
    for tables, message in (
        ({"inputs": {"side": 48}}, r"\[inputs\] side must be a power of two.* 32 or 64 will do"),
        ({"network": {"name": "gan"}}, "is not of a network: 'gan'"),
        ({"network": {"codez": 4}}, "did you mean 'codes'"),
        ({"network": {"per_image": True}}, r"\[network\] has no key 'per_image'"),
        ({"losses": {"discriminator": "wgan"}}, "one of 'hinge', 'logits', 'bce'"),
        ({"training": {"validation": 0}}, r"validation must be a number > 0 and ≤ 0\.5\. Got: 0"),
    ):
        with pytest.raises(ConfigError, match=message):
            read_config(tables)
    with pytest.raises(ConfigError, match="ready-made ones are: ours, parity"):
        read_config(Path("none.toml"))
