"""Labelled cutouts among frames: what each label teaches, and what teaches nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skysift.models.tails.config import WindowsConfig
from skysift.models.tails.labelled_set import LABELLED_COLUMNS, with_labelled
from skysift.models.tails.mining import HARD
from skysift.models.tails.windows import Windows, is_counted
from tests.models.tails_frames import make_set


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    return make_set(tmp_path_factory.mktemp("set") / "frames", frames=5, side=64)


@pytest.fixture
def together(frames, tmp_path):
    """The frames, with a comet, one whose magnitude is not known, and something that is none."""
    rows = [
        ("seen", True, 26.0, 1.0, 17.5, 3.0, 9.0, []),
        ("dark", True, 26.0, 1.0, np.nan, 3.0, 9.0, []),
        ("blend", False, 26.0, 1.0, 18.0, 2.0, np.nan, [20.0, 40.0]),
    ]
    for number, row in enumerate(rows):
        np.save(tmp_path / f"{row[0]}.npy", np.full((256, 256, 3), number, np.float32))
    labelled = pd.DataFrame(rows, columns=list(LABELLED_COLUMNS))
    return with_labelled(frames, labelled, tmp_path, repeat=2, facts={"labels": "abc"})


def test_cutouts_are_frames_to_learn_from(together, frames):
    train = together.part("train")
    assert len(train) == 3 + 2 * 3
    np.testing.assert_array_equal(train.images(0), frames.part("train").images(0))
    for place, name in enumerate(train.frames["id"].tolist()[3:], start=3):
        number = ["seen", "dark", "blend"].index(name.partition("#")[0])
        assert (train.images(place) == number).all()
    assert together.facts == {"made": "up", "labels": "abc"}
    for part in ("validation", "test"):
        pd.testing.assert_frame_equal(together.part(part).truth, frames.part(part).truth)


def test_a_comet_must_be_found_if_its_brightness_is_known(together):
    new = together.truth[together.truth["id"].str.contains("#")]
    comets = new[new["kind"] == "comet"]
    counted = comets[is_counted(comets, WindowsConfig(min_snr=0.0))]
    assert counted["id"].tolist() == ["seen#0", "seen#1"]
    assert (counted[["x", "y"]] == 128).all(axis=None) and (counted["mag"] == 17.5).all()
    assert new[new["kind"] == HARD][["id", "x", "y"]].to_numpy().tolist() == [
        ["blend#0", 128.0, 128.0], ["blend#1", 128.0, 128.0]
    ]  # fmt: skip


def test_other_detections_are_no_fault_either_way(together):
    beside = together.comets[together.comets["id"] == "blend#0"]
    assert beside[["x", "y"]].to_numpy().tolist() == [[20.0, 40.0]]
    assert not is_counted(beside, WindowsConfig(min_snr=0.0)).any()


def test_windows_are_drawn_about_hard_ones(together):
    settings = WindowsConfig(comets=0.0, confusers=1.0, shift=0.0)
    windows = Windows(together.part("train"), settings)
    rng = np.random.default_rng(1)
    drawn = [windows.draw(32, middle=True, rng=rng).image for _ in range(40)]
    share = np.mean([(image == 2).all() for image in drawn])
    assert 0.2 < share < 0.8  # as often as the other kind of the set, transients
