"""Hard negatives: what is taken, what is left, and that a training goes on from earlier weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skysift.models._settings import ConfigError
from skysift.models._weights import Weights, WeightsError, read_weights
from skysift.models.tails import networks
from skysift.models.tails.config import WindowsConfig, read_config
from skysift.models.tails.mining import HARD, mine, with_hard
from skysift.models.tails.start import check_start
from skysift.models.tails.stored import rebuild
from skysift.models.tails.training import train
from skysift.models.tails.training_set import TRUTH_COLUMNS
from skysift.models.tails.windows import Windows
from tests.models.tails_frames import make_set

SMALL = {"name": "heat_map", "widths": [6, 8, 12, 12, 12]}


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    return make_set(tmp_path_factory.mktemp("set") / "frames", frames=5)


def detections(frames):
    """Answer of a search: each comet, once more beside it, and a false one at (5, 70)."""

    def detect(frame: int) -> pd.DataFrame:
        comets = frames.comets[frames.comets["id"] == frames.frames["id"].iloc[frame]]
        rows = [(0.9, row.x + 1.0, row.y) for row in comets.itertuples()]
        rows += [(0.8, row.x - 2.0, row.y) for row in comets.itertuples()]
        return pd.DataFrame([*rows, (0.3 + 0.1 * frame, 5.0, 70.0)], columns=["score", "x", "y"])

    return detect


def test_only_what_is_no_comet_is_taken_the_highest_score_first(frames):
    rows = mine(frames, WindowsConfig(), detections(frames), threshold=0.45)
    assert rows["id"].tolist() == ["frame4", "frame3", "frame2"]
    assert set(rows["kind"]) == {HARD}
    assert (rows["x"] == 5.0).all() and (rows["y"] == 70.0).all()
    assert (np.diff(rows["score"]) < 0).all()
    assert set(TRUTH_COLUMNS) < set(rows.columns)
    assert rows[["mag", "size", "coma"]].isna().all(axis=None)


def test_comets_that_need_not_be_found_are_not_taken_either(frames):
    faint = frames.truth.assign(snr=1.0)
    hidden = type(frames)(frames.folder, frames.frames, faint, frames.facts)
    rows = mine(hidden, WindowsConfig(), detections(frames), threshold=0.45)
    assert len(rows) == 3


def test_a_place_is_hard_once(frames):
    rows = mine(frames, WindowsConfig(), detections(frames), threshold=0.45)
    once = with_hard(frames.truth, rows)
    assert len(once) == len(frames.truth) + 3
    pd.testing.assert_frame_equal(once.head(len(frames.truth)), frames.truth)
    beside, away = rows.assign(x=rows["x"] + 3.0), rows.assign(x=rows["x"] + 30.0)
    assert len(with_hard(once, beside)) == len(once)
    assert len(with_hard(once, away)) == len(once) + 3


def test_windows_are_drawn_about_what_is_hard(frames):
    rows = mine(frames, WindowsConfig(), detections(frames), threshold=0.0)
    only = with_hard(frames.comets.reset_index(drop=True), rows)
    windows = Windows(
        type(frames)(frames.folder, frames.frames, only, frames.facts),
        WindowsConfig(comets=0.0, confusers=1.0, shift=0.0),
    )
    rng = np.random.default_rng(1)
    window = windows.draw(32, middle=True, rng=rng)
    assert window.image.shape == (32, 32, 3)
    assert np.isnan(window.image[:, :11]).all(), "the frame begins 5 px left of the hard place"
    assert np.isfinite(window.image[:, 11:]).all()


def config(start: str = "", **training):
    settings = {
        "epochs": 1, "steps": 2, "validation_steps": 1, "batch": 2, "stamp_batch": 2,
        "precision": "float32", "learning_rate": 1e-12, "weight_decay": 0.0, **training,
    }  # fmt: skip
    return read_config(
        {"network": {**SMALL, "start": start}, "windows": {"tile": 64}, "training": settings}
    )


def test_a_training_goes_on_from_earlier_weights(frames, tmp_path):
    first = train(frames, config(learning_rate=1e-3), tmp_path / "a", name="a", trained_on="x")
    facts = train(
        frames, config(start=str(tmp_path / "a")), tmp_path / "b", name="b", trained_on="x"
    )
    earlier = read_weights(tmp_path / "a")
    assert facts["training"]["start"] == {"version": first["version"], "sha256": earlier.sha256}
    old, new = (rebuild(read_weights(tmp_path / name)).trainable_weights for name in "ab")
    for before, after in zip(old, new, strict=True):  # at this rate nothing is learned
        np.testing.assert_allclose(after, before, atol=1e-6)
    assert "start" not in first["training"]


def test_weights_from_before_a_setting_came_are_of_the_same_network(tmp_path):
    known = networks.settings_of("heat_map")
    written = {name: value for name, value in known.items() if name != "binned"}
    inputs = {"preprocessing": "robust", "channels": 3}
    facts = {"network": {"name": "heat_map", "settings": written}, **inputs}
    earlier = Weights(tmp_path / "a.keras", "", facts)
    check_start(earlier, {"name": "heat_map", "settings": known}, inputs)
    other = {"name": "heat_map", "settings": {**known, "binned": True}}
    with pytest.raises(WeightsError, match="cannot begin with that"):
        check_start(earlier, other, inputs)


def test_it_cannot_go_on_from_another_network(frames, tmp_path):
    train(frames, config(), tmp_path / "a", name="a", trained_on="x")
    other = read_config({"network": {"name": "heat_map", "start": str(tmp_path / "a")}})
    with pytest.raises(WeightsError, match="cannot begin with that: take the same"):
        train(frames, other, tmp_path / "b", name="b", trained_on="x")
    with pytest.raises(ConfigError, match="start must be the path of trained weights"):
        read_config({"network": {"name": "heat_map", "start": 3}})
