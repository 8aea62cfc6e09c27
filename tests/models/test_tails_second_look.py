"""A quick network, and one that looks again: trained one after the other, and at work together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from skysift.models import tails
from skysift.models._settings import ConfigError
from skysift.models._weights import WeightsError, read_weights
from skysift.models.tails import training
from skysift.models.tails.augmentation import lose_edges
from skysift.models.tails.config import read_config
from skysift.models.tails.networks.two_looks import FINDER
from skysift.models.tails.second_look import about
from skysift.models.tails.stored import rebuild
from tests.models.tails_frames import ZEROPOINT, add_comet, make_images, make_set

GATE = 0.02


def config(network, **settings):
    return read_config(
        {
            "network": network,
            "inputs": {"preprocessing": "binned"},
            "windows": {"tile": 64, "stamps": 0.3},
            "training": {"precision": "float32", "validation_steps": 3, **settings},
        }
    )


def second(start, **settings):
    network = {"name": "two_looks", "widths": [6, 8, 8, 8], "gate": GATE, "start": str(start)}
    return config(network, **{"epochs": 4, "steps": 25, "stamp_batch": 16, **settings})


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    return make_set(tmp_path_factory.mktemp("set") / "frames")


@pytest.fixture(scope="module")
def finder(frames, tmp_path_factory):
    """A quick network that has seen enough to find comets, and other things."""
    output = tmp_path_factory.mktemp("finder")
    settings = config(
        {"name": "heat_map", "widths": [8, 12, 12, 12]},
        epochs=6, steps=60, batch=6, stamp_batch=12, learning_rate=6e-3,
    )  # fmt: skip
    training.train(frames, settings, output, name="finder", trained_on="made-up frames")
    return output


@pytest.fixture(scope="module")
def learned(frames, finder, tmp_path_factory):
    output = tmp_path_factory.mktemp("both")
    ticks = []
    settings = second(finder, learning_rate=4e-3)
    facts = training.train(
        frames, settings, output, name="both", trained_on="made-up frames", progress=ticks.append
    )
    return output, facts, ticks


def test_the_finder_stays_as_it_was_and_the_file_says_what_it_is(finder, learned):
    output, facts, ticks = learned
    before, after = rebuild(read_weights(finder)), rebuild(read_weights(output))
    for ours, theirs in zip(
        after.get_layer(FINDER).get_weights(), before.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    settings = facts["network"]["settings"]
    assert (settings["gate"], settings["stamp"], settings["shape"]) == (GATE, 64, 13)
    assert settings["finder"] == read_weights(finder).facts["network"]["settings"]
    assert facts["training"]["start"]["version"] == read_weights(finder).facts["version"]
    searched = [tick.batch for tick in ticks if tick.epoch == 0]
    assert searched == list(range(1, 9))  # six frames to learn from and two to judge


def test_what_looks_like_a_comet_at_first_is_told_apart_at_second_sight(learned, frames):
    """The set's transients are single bright pixels, which binning hides and a stamp shows."""
    scorer, test = tails.load(learned[0]), frames.part("test")
    comets, others = [], []
    for index, name in enumerate(test.frames["id"]):
        images = np.asarray(test.images(index))
        found = scorer.detect(images, threshold=0.01)
        assert (np.diff(found["score"]) <= 0).all()
        for row in test.truth[test.truth["id"] == name].itertuples():
            near = np.hypot(found["x"] - row.x, found["y"] - row.y) < 6
            score = found["score"][near].max() if near.any() else 0.0
            (comets if row.kind == "comet" else others).append(score)
    assert min(comets) > 0.5 > max(others)


def test_frames_and_stamps_say_the_same_of_a_place(learned):
    scorer, rng = tails.load(learned[0]), np.random.default_rng(3)
    images = make_images((256, 256), rng=rng)
    add_comet(images, 120.0, 131.0, 12000.0)
    score = scorer.detect(images, threshold=0.3)["score"][0]
    stamp = scorer.score(about(images, 120, 131)[None], ZEROPOINT)
    np.testing.assert_allclose(stamp["score"], score, atol=0.1)
    np.testing.assert_allclose([stamp["x"][0], stamp["y"][0]], 31, atol=3)
    nothing = scorer.score(make_images((63, 63), rng=rng)[None])
    assert nothing["score"][0] < 0.3
    assert np.isnan(scorer.score(np.full((1, 63, 63, 3), np.nan, np.float32))["score"]).all()


@pytest.mark.parametrize(("x", "y"), [(31, 31), (0, 5), (97, 60), (12, 79)])
def test_a_stamp_about_a_pixel_is_blank_beyond_the_frame(x, y, rng):
    images = rng.normal(size=(80, 100, 3)).astype(np.float32)
    padded = np.pad(images, ((40, 40), (40, 40), (0, 0)), constant_values=np.nan)
    stamp = about(images, x, y)
    np.testing.assert_array_equal(stamp, padded[y + 9 : y + 72, x + 9 : x + 72])
    np.testing.assert_array_equal(stamp[31, 31], images[y, x])


def test_edges_are_lost_on_the_sides_that_a_stamp_elsewhere_does_not_have():
    window = np.zeros((6, 6, 1), np.float32)
    lose_edges(window, np.array([2, -1]))
    assert np.isnan(window[0]).all()
    assert np.isnan(window[:, 4:]).all()
    assert (window[1:, :4] == 0).all()
    lose_edges(window, np.array([0, 0]))
    assert (window[1:, :4] == 0).all()


def test_a_second_look_goes_on_from_itself_too(learned, frames, tmp_path):
    settings = second(learned[0], epochs=1, steps=1)
    facts = training.train(frames, settings, tmp_path, name="more", trained_on="made-up frames")
    assert facts["training"]["start"]["version"] == learned[1]["version"]
    assert facts["network"] == learned[1]["network"]


def test_it_needs_a_network_that_finds(learned, frames, tmp_path):
    settings = second("")
    with pytest.raises(ConfigError, match="a second look needs what it looks after"):
        training.train(frames, settings, tmp_path, name="x", trained_on="x")
    settings = second(learned[0])
    other = replace(settings, inputs=replace(settings.inputs, preprocessing="robust"))
    with pytest.raises(WeightsError, match="take the same"):
        training.train(frames, other, tmp_path, name="x", trained_on="x")
