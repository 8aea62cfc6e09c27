"""Training of Zoobot: a short run that must learn; again; on after a kill; new questions."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from skysift.models import zoobot
from skysift.models._settings import ConfigError
from skysift.models._weights import WeightsError, read_weights
from skysift.models.zoobot import finetune, training
from skysift.models.zoobot.config import read_config
from skysift.models.zoobot.finetune import blocks_of, trunk_of
from skysift.models.zoobot.representations import principal_components, represent, table
from skysift.models.zoobot.stored import rebuild
from skysift.models.zoobot.training_set import TRUTH
from tests.models.zoobot_galaxies import TREE, make_set

SMALL = {"name": "bayesian_cnn", "side": 16, "features": 24, "zoom": [1.0, 1.1]}


@pytest.fixture(scope="module")
def galaxies(tmp_path_factory):
    return make_set(tmp_path_factory.mktemp("set") / "galaxies", count=200)


def config(labels=None, network=SMALL, finetuning=None, **settings):
    training = {"epochs": 2, "steps": 3, "batch": 8, "precision": "float32", **settings}
    return read_config(
        {
            "network": network, "labels": labels or {}, "training": training,
            "finetune": finetuning or {}, "recalibration": {"passes": 4},
        }
    )  # fmt: skip


def run(galaxies, output, progress=None, name="it", start=None, **given):
    return training.train(
        galaxies, config(**given), output, name=name, trained_on="made-up galaxies", start=start,
        progress=progress,
    )  # fmt: skip


def network_of(folder, name="it"):
    return rebuild(read_weights(folder / f"{name}.keras"))


@pytest.fixture(scope="module")
def learned(galaxies, tmp_path_factory):
    """A network of all questions that has seen enough galaxies to tell round from flat."""
    output = tmp_path_factory.mktemp("learned")
    facts = run(galaxies, output, epochs=6, steps=40, batch=16, learning_rate=3e-3)
    return output, facts


@pytest.fixture(scope="module")
def scorer(learned):
    return zoobot.load(learned[0])


def test_it_learns_and_its_sidecar_tells_all(learned):
    output, facts = learned
    written = json.loads((output / "it.json").read_text())
    assert written == json.loads(json.dumps({"sha256": written["sha256"], **facts}))
    settings = facts["network"]["settings"]
    assert (settings["stored"], settings["channels"], settings["pixels"]) == (32, 3, "uint8")
    assert settings["answers"] == [3, 2, 2, 2, 4, 2, 3, 3, 3, 6]
    assert settings["kind"] == "concentrations"
    assert facts["tree"] == TREE.as_table
    assert facts["training"]["galaxies"] == {"train": 120, "validation": 40}
    assert facts["recalibration"]["smooth-or-featured"]["galaxies"] == 40
    assert sorted(path.name for path in output.iterdir()) == [
        "it.history.csv", "it.json", "it.keras"
    ]  # fmt: skip
    history = pd.read_csv(output / "it.history.csv")
    assert history["val_loss"].iloc[-1] < 0.95 * history["val_loss"].iloc[0]
    best = history.loc[history["val_loss"].idxmin()]
    assert best["val_loss"] == pytest.approx(facts["training"]["best_validation_loss"])
    assert best["val_rmse"] == pytest.approx(facts["training"]["validation_rmse"])


def test_flat_galaxies_are_told_from_round_ones(galaxies, scorer):
    test = galaxies.part("test")
    told = scorer.score(test.images())
    truth = scorer.labels.truth(test.galaxies, TRUTH)
    assert set(told) == {"fractions", "scatter", "asked", "entropy", "information"}
    assert all(column.dtype == np.float32 for column in told.values())
    np.testing.assert_allclose(told["fractions"][:, :3].sum(axis=1), 1, rtol=1e-5)
    assert np.corrcoef(told["fractions"][:, 0], truth[:, 0])[0, 1] > 0.8
    # Disc questions are asked of those who said featured, and bars of those not edge-on too.
    featured, face_on = told["fractions"][:, 1], told["fractions"][:, 4]
    np.testing.assert_allclose(told["asked"][:, 1], featured, rtol=1e-5)
    np.testing.assert_allclose(told["asked"][:, 3], featured * face_on, rtol=1e-4)
    assert (told["information"] >= 0).all()
    assert (told["information"] < told["entropy"]).all()


def test_a_score_depends_on_its_galaxy_alone(galaxies, scorer):
    images = galaxies.part("test").images()[:5]
    whole = scorer.score(images)
    again, alone = scorer.score(images), scorer.score(images[3:4])
    for name, column in whole.items():
        np.testing.assert_array_equal(again[name], column)
        np.testing.assert_allclose(alone[name], column[3:4], atol=1e-5)
    unit = images / np.float32(255)
    np.testing.assert_allclose(scorer.score(unit)["fractions"], whole["fractions"], atol=1e-5)
    unit[2, 4, 4] = np.nan
    hurt = scorer.score(unit)
    for name, column in hurt.items():
        assert np.isnan(column[2]).all()
        np.testing.assert_allclose(np.delete(column, 2, 0), np.delete(whole[name], 2, 0), atol=1e-5)
    assert np.isnan(scorer.represent(unit)[2]).all()
    assert scorer.score(images[:0])["fractions"].shape == (0, 30)


def test_passes_are_what_keras_dropout_draws(galaxies, scorer, learned):
    import keras

    images = galaxies.part("test").images()[:3]
    many = scorer.passes(images, 3000, widened=False).values
    model = network_of(learned[0])
    dropout = model.get_layer("dropout")
    features = keras.Model(model.input, dropout.input)({"images": images.astype(np.float32)})
    rows = np.repeat(np.asarray(features), 3000, axis=0)
    logits = model.get_layer("logits")(dropout(rows, training=True))
    theirs = np.asarray(model.get_layer("answers")(logits)).reshape(3, 3000, -1)
    ours, law = np.log(many), np.log(theirs)
    error = law.std(axis=1) / np.sqrt(3000)
    assert (np.abs(ours.mean(axis=1) - law.mean(axis=1)) < 8 * error + 1e-6).all()
    np.testing.assert_allclose(ours.std(axis=1), law.std(axis=1), rtol=0.12, atol=1e-5)
    np.testing.assert_allclose(
        scorer.settled(images).mean, scorer.widen(scorer.settled(images)).mean, rtol=1e-6
    )


def test_a_pass_is_one_network_for_all_galaxies(galaxies, scorer):
    images = galaxies.part("test").images()[:2]
    twice = np.concatenate([images[:1], images[:1]])
    values = scorer.passes(twice, 6).values
    np.testing.assert_allclose(values[0], values[1], rtol=1e-5)
    assert values[0].std(axis=0).max() > 0
    assert (scorer.passes(twice, 6, seed=1).values != values).any()


def test_views_are_orientations_kept_apart_from_dropout(galaxies, scorer):
    images = galaxies.part("test").images()[:2]
    told = scorer.passes(images, 3, views=8)
    assert (told.values.shape, told.views) == ((2, 24, 30), 8)
    np.testing.assert_allclose(told.values[:, :3], scorer.passes(images, 3).values, rtol=1e-4)
    # All orientations of an image are those of its mirror image, in another order.
    settled = np.sort([scorer.settled(_turned(images, v)).mean for v in range(8)], axis=0)
    mirrored = np.sort([scorer.settled(_turned(images[:, ::-1], v)).mean for v in range(8)], axis=0)
    np.testing.assert_allclose(mirrored, settled, atol=1e-5)
    assert (told.scatter["view"] > 0).any()
    for given, reason in (({"views": 9}, "views must be 1 to 8"), ({"views": 0}, "views must be")):
        with pytest.raises(ValueError, match=reason):
            scorer.passes(images, 3, **given)
    with pytest.raises(ValueError, match=r"passes must be 1 or more\. Got: 0"):
        scorer.passes(images, 0)
    with pytest.raises(ValueError, match=r"shape \(n, 32, 32, 3\)"):
        scorer.score(images[:, :16])


def _turned(images, view):
    from skysift.models.zoobot.uncertainty.sampler import turned

    return turned(images, view)


def test_other_seeds_give_other_networks_which_are_an_ensemble(galaxies, tmp_path):
    for name, seed in (("a", 1), ("b", 2)):
        run(galaxies, tmp_path, name=name, seed=seed, epochs=1)
    first, other = (network_of(tmp_path, name).get_weights() for name in "ab")
    assert any((one != two).any() for one, two in zip(first, other, strict=True))
    both = zoobot.load_ensemble([tmp_path / "a.keras", tmp_path / "b.keras"])
    images = galaxies.part("test").images()[:3]
    told = both.passes(images, 3)
    assert told.values.shape == (3, 6, 30)
    member = zoobot.load(tmp_path / "a.keras").passes(images, 3)
    np.testing.assert_allclose(told.values[:, :3], member.values, rtol=1e-5)
    narrow = both.passes(images, 3, widened=False)
    np.testing.assert_allclose(both.widen(narrow).values, told.values, rtol=1e-6)
    assert both.score(images, 3)["fractions"].shape == (3, 30)


KILLED = """
import os, pathlib, signal, sys
sys.path.insert(0, {root!r})
from skysift.models.zoobot.training_set import read_galaxy_set
from tests.models.test_zoobot_training import COURSE, run
def progress(tick):
    if (tick.epoch, tick.batch) == (2, 2):
        os.kill(os.getpid(), signal.SIGKILL)
run(read_galaxy_set({galaxies!r}), pathlib.Path({output!r}), progress, **COURSE)
"""

COURSE = {"epochs": 3}


def test_the_same_seed_gives_the_same_network_killed_or_not(galaxies, tmp_path, pytestconfig):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    run(galaxies, whole, **COURSE)
    code = KILLED.format(
        root=str(pytestconfig.rootpath), galaxies=str(galaxies.folder), output=str(killed)
    )
    ended = subprocess.run([sys.executable, "-c", code], env={**os.environ}, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert not (killed / "it.keras").exists()
    with pytest.raises(
        ValueError, match=r"it\.state\.npz is of an interrupted training with other"
    ):
        run(galaxies, killed, **COURSE, learning_rate=0.5)
    seen = []
    run(galaxies, killed, seen.append, **COURSE)
    assert seen[0].epoch == 2  # the unfinished epoch is done again, from its start
    for one, two in zip(
        network_of(whole).get_weights(), network_of(killed).get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, two)


def test_a_network_goes_on_from_earlier_weights(galaxies, learned, tmp_path):
    before = network_of(learned[0]).get_weights()
    facts = run(galaxies, tmp_path, start=learned[0], epochs=1, learning_rate=1e-8)
    for one, two in zip(before, network_of(tmp_path).get_weights(), strict=True):
        np.testing.assert_allclose(one, two, atol=1e-6)
    assert facts["training"]["start"] == read_weights(learned[0]).sha256
    with pytest.raises(WeightsError, match="is of another network than the config's: finetune"):
        run(galaxies, tmp_path, name="other", start=learned[0], labels={"question": "bar"})


@pytest.mark.parametrize("blocks", [0, 2])
def test_finetuning_gives_a_new_head_and_moves_only_the_blocks_it_may(
    galaxies, learned, tmp_path, blocks
):
    settings = config(
        labels={"question": "bar", "answer": "yes", "min_votes": 5}, loss="binomial", epochs=1,
        finetuning={"head_epochs": 2, "blocks": blocks}, learning_rate=1e-2,
    )  # fmt: skip
    seen = []
    facts = finetune.finetune(
        galaxies, settings, tmp_path, start=learned[0], name="bars", trained_on="made-up galaxies",
        progress=seen.append,
    )  # fmt: skip
    assert facts["network"]["settings"]["answers"] == [2]
    assert facts["labels"] == [["bar_yes"], ["bar_no"]]
    votes = galaxies.part("train").galaxies[["bar_yes", "bar_no"]].sum(axis=1)
    assert facts["training"]["galaxies"]["train"] == int((votes >= 5).sum())
    assert facts["training"]["left_out"]["train"] == int((votes < 5).sum())
    before, after = (
        blocks_of(trunk_of(network_of(*of))) for of in (learned[:1], (tmp_path, "bars"))
    )
    assert len(before) == 5
    changed = [
        any(
            (one != two).any()
            for old, new in zip(*pair, strict=True)
            for one, two in zip(old.get_weights(), new.get_weights(), strict=True)
        )
        for pair in zip(before, after, strict=True)
    ]
    assert changed == [False] * (5 - blocks) + [True] * blocks
    assert sorted({tick.epochs for tick in seen}) == ([1, 2] if blocks else [2])
    assert not list(tmp_path.glob("*.npz"))
    told = zoobot.load(tmp_path).score(galaxies.part("test").images()[:4])
    assert told["fractions"].shape == (4, 2)


def test_more_blocks_than_there_are_are_refused(galaxies, learned, tmp_path):
    settings = config(finetuning={"blocks": 9})
    with pytest.raises(ValueError, match=r"blocks must be 5 or less for bayesian_cnn\. Got: 9"):
        finetune.finetune(galaxies, settings, tmp_path, start=learned[0], name="it", trained_on="x")


def test_representations_are_laid_out_by_their_principal_components(galaxies, scorer):
    from sklearn.decomposition import PCA

    test = galaxies.part("test")
    features = represent(test, scorer)
    assert features.shape == (40, 24)
    found = principal_components(features, 3)
    theirs = PCA(3).fit(features.astype(np.float64))
    np.testing.assert_allclose(found.share, theirs.explained_variance_ratio_, rtol=1e-6)
    ours = table(test, features, found)
    assert list(ours) == ["id_str", "pc001", "pc002", "pc003"]
    np.testing.assert_allclose(
        np.abs(ours.iloc[:, 1:]), np.abs(theirs.transform(features)), rtol=1e-3, atol=1e-4
    )
    assert principal_components(features, 100).axes.shape == (24, 24)
    with pytest.raises(ValueError, match="two galaxies and one component"):
        principal_components(features[:1], 3)


def test_parts_that_nothing_can_be_learned_from_are_refused(galaxies, tmp_path):
    with pytest.raises(ValueError, match="the train part has no galaxy with 99 votes or more on b"):
        run(galaxies, tmp_path, labels={"question": "bar", "min_votes": 99})
    alone = galaxies.where((galaxies.galaxies["split"] == "train").to_numpy())
    with pytest.raises(ValueError, match="the validation part has no galaxy with 1 votes"):
        run(alone, tmp_path)
    with pytest.raises(ConfigError, match=r"a bayesian_cnn cannot be built so: .*multiple of 16"):
        run(galaxies, tmp_path / "none", network={**SMALL, "side": 20})
    with pytest.raises(ConfigError, match=r"\[network\] a bayesian_cnn cannot be built so"):
        run(galaxies, tmp_path / "none", network={**SMALL, "zoom": 1.2})
    with pytest.raises(ValueError, match="must be that of a file"):
        run(galaxies, tmp_path / "none", name="a/b")
    assert not (tmp_path / "none").exists()
    lost = galaxies.where(np.arange(len(galaxies)))
    lost.galaxies.loc[0, "id_str"] = "elsewhere"
    with pytest.raises(ValueError, match=r"1 galaxies of .* have no image .* such as elsewhere"):
        run(lost, tmp_path)


def test_weights_must_be_named_for_none_ship():
    with pytest.raises(WeightsError, match="no weights of zoobot ship"):
        zoobot.load()
