"""Peaks and matches: two comets in an image are two, one comet is one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skysift.models.tails import peaks, targets
from skysift.models.tails.config import WindowsConfig
from skysift.models.tails.matching import COMET, NOTHING, UNCLEAR, match, match_frames
from skysift.models.tails.networks import Maps
from skysift.models.tails.targets import Comets, Target
from tests.models.tails_frames import make_set


def perfect(comets: Comets, cells=(16, 16)):
    """The maps of a network that knows: what `targets.maps` asks for."""
    target = targets.maps(comets, cells)
    answer = np.zeros((*cells, len(Maps)), np.float32)
    heat = np.clip(target[..., Target.HEAT], 1e-4, 1 - 1e-4)
    answer[..., Maps.HEAT] = np.log(heat) - np.log1p(-heat)
    for ours, theirs in (
        (Maps.DX, Target.DX),
        (Maps.DY, Target.DY),
        (Maps.BRIGHTNESS, Target.BRIGHTNESS),
        (Maps.LOG_SIZE, Target.LOG_SIZE),
    ):
        answer[..., ours] = target[..., theirs]
    answer[..., Maps.LOG_SIGMA] = np.log(0.25)
    return answer


def comets(x, y, brightness=(9.0, 8.0), size=(3.0, 5.0)):
    count = len(x)
    return Comets(
        np.array(x, float), np.array(y, float), np.array(brightness[:count], float),
        np.array(size[:count], float), np.full(count, 10.0), np.ones(count, bool),
    )  # fmt: skip


def test_two_comets_are_found_where_they_are():
    found = peaks.find(perfect(comets([20.25, 90.0], [37.75, 101.0])), 0.3)
    order = np.argsort(found.x)
    np.testing.assert_allclose(found.x[order], [20.25, 90.0], atol=1e-4)
    np.testing.assert_allclose(found.y[order], [37.75, 101.0], atol=1e-4)
    np.testing.assert_allclose(found.brightness[order], [9, 8], rtol=1e-6)
    np.testing.assert_allclose(found.size[order], [3, 5], rtol=1e-6)
    np.testing.assert_allclose(found.sigma, 2.0, rtol=1e-6)
    assert (found.score > 0.99).all()


def test_a_hill_is_one_peak_wherever_the_nucleus_lies_in_its_cell():
    for place in (64.0, 67.3, 71.4, 71.6):
        found = peaks.find(perfect(comets([place], [place])), 0.2)
        assert len(found) == 1
        np.testing.assert_allclose([found.x[0], found.y[0]], place, atol=1e-4)


def test_of_two_peaks_too_near_the_better_is_kept():
    maps = perfect(comets([20.0], [20.0]), (8, 8))
    maps[2, 4] = maps[2, 2]
    maps[2, 4, Maps.HEAT] = 2.0
    assert len(peaks.find(maps, 0.3)) == 2  # 16 px apart, and 1.5 × 3 px is less
    maps[..., Maps.LOG_SIZE] = np.log(20.0)
    found = peaks.find(maps, 0.3)
    assert len(found) == 1
    assert found.score[0] > 0.99


def test_nothing_above_the_threshold_is_nothing():
    maps = perfect(comets([20.0], [20.0]), (4, 4))
    maps[..., Maps.HEAT] -= 20
    assert len(peaks.find(maps, 0.5)) == 0
    assert len(peaks.thin(peaks.NONE)) == 0


def test_detections_of_tiles_come_together_once():
    one = peaks.find(perfect(comets([100.0], [60.0])), 0.3)
    both = peaks.thin(peaks.join([one, peaks.NONE, one.moved(-3.0, 2.0), one.moved(236.0, 0.0)]))
    assert sorted(both.x.round().tolist()) == [100.0, 336.0]


def rows(*places, counted=None, size=3.0):
    x, y = np.array(places, float).reshape(-1, 2).T
    flags = [True] * len(places) if counted is None else counted
    return pd.DataFrame({"x": x, "y": y, "size": size, "counted": flags, "score": 0.0})


def detections(*places):
    x, y, score = np.array(places, float).reshape(-1, 3).T
    return pd.DataFrame({"x": x, "y": y, "score": score})


def test_a_comet_is_found_within_five_pixels_and_once():
    found = detections((10, 10, 0.5), (13, 10, 0.9), (16, 10, 0.7), (50, 56, 0.9))
    assert match(found, rows((10, 10), (50, 50))).tolist() == [-1, 0, -1, -1]
    assert match(found, rows((10, 10), (50, 50), size=14.0)).tolist() == [-1, 0, -1, 1]


def test_a_comet_that_need_not_be_found_may_be_found_twice():
    found = detections((10, 10, 0.5), (11, 10, 0.9))
    assert match(found, rows((10, 10), counted=[False])).tolist() == [0, 0]


@pytest.mark.parametrize("faint", ["snr", "extent_snr"])
def test_frames_are_matched_each_with_its_own_comets(tmp_path, faint):
    frames = make_set(tmp_path, frames=3)
    frames.truth.loc[frames.truth.index[0], faint] = 1.0

    def detect(frame):
        truth = frames.comets[frames.comets["id"] == f"frame{frame}"]
        found = detections(*((x, y, 0.9) for x, y in truth[["x", "y"]].to_numpy()[: 2 - frame % 2]))
        return pd.concat([found, detections((1, 1, 0.6))], ignore_index=True)

    matched = match_frames(frames, WindowsConfig(), detect)
    kinds = matched.detections["is"].tolist()
    assert kinds == [UNCLEAR, COMET, NOTHING, COMET, NOTHING, COMET, COMET, NOTHING]
    assert matched.comets["counted"].tolist() == [False] + [True] * 5
    assert matched.comets["score"].isna().tolist() == [False, False, False, True, False, False]
    told = matched.comets.iloc[matched.detections["comet"][4 - 1]]
    assert told["id"] == "frame1"


@pytest.mark.parametrize("counted", [True, False])
def test_an_unknown_place_is_of_no_comet(counted):
    found = detections((np.nan, np.nan, 0.9))
    assert match(found, rows((10, 10), counted=[counted])).tolist() == [-1]


def test_neighbours_are_left_out_one_after_the_other():
    """The slow way: a detection stays unless one that stays, and is better, is too near."""
    rng = np.random.default_rng(3)
    count = 300
    size = np.exp(rng.normal(1.5, 1.0, count)).astype(np.float32)
    size[::7] = np.nan
    x, y = rng.uniform(0, 600, (2, count))
    found = peaks.Detections(np.linspace(1, 0, count, dtype=np.float32), x, y, size, size, size)
    kept: list[int] = []
    for i in range(count):
        reach = np.fmax(peaks.APART, peaks.APART_SHARE * size[kept])
        if not (np.hypot(x[i] - x[kept], y[i] - y[kept]) < reach).any():
            kept.append(i)
    assert 20 < len(kept) < count
    np.testing.assert_array_equal(peaks.thin(found).x, x[kept])
