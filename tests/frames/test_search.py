"""Frames whose truth is known: what the network that ships finds, and what is made of an answer."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from skysift.alerts.frame_file import FrameError, read_image
from skysift.frames.ids import FrameFiles, frames_in, urls
from skysift.frames.search import Found, SearchSettings, search_frame
from skysift.frames.table import DETECTIONS, PUBLISHED
from skysift.models import tails

LOW = SearchSettings(threshold=0.3)


class Told:
    """A network that answers what it is told to, for what is made of answers."""

    version = "told-1"

    def __init__(self, *comets: tuple[float, float], images: int = 3, **columns: Any) -> None:
        self.images = ("science", "reference", "difference")[:images]
        x, y = np.array(comets, np.float32).reshape(-1, 2).T
        number = len(x)
        self._answer = {
            "score": np.linspace(0.9, 0.6, number), "x": x, "y": y,
            "sigma": np.full(number, 0.5), "mag": np.full(number, 17.5),
            "size": np.full(number, 3.0),
        } | columns  # fmt: skip
        self.asked: dict[str, Any] = {}

    def detect(self, images: np.ndarray, **settings: float) -> dict[str, np.ndarray]:
        self.asked = settings | {"shape": images.shape}
        return {name: np.asarray(column, np.float32) for name, column in self._answer.items()}


def comets_of(frames: Path, files: FrameFiles) -> list[dict[str, Any]]:
    """The truth of a frame."""
    told = json.loads((frames / "truth" / f"{files.id}.json").read_text())["truth"]
    return [row for row in told if row["kind"] == "comet"]


@pytest.fixture
def files(frames) -> FrameFiles:
    return frames_in(frames)[0]


@pytest.fixture(scope="module")
def searched(frames) -> list[tuple[FrameFiles, Found]]:
    """All frames, by the network that ships."""
    scorer = tails.load()
    return [(files, search_frame(files, scorer, LOW)) for files in frames_in(frames)]


def test_comets_are_found_where_they_are(frames, searched) -> None:
    matched = found = 0
    for files, result in searched:
        truth = comets_of(frames, files)
        for row in result.table.to_pylist():
            found += 1
            away = [np.hypot(row["x"] - one["x"], row["y"] - one["y"]) for one in truth]
            nearest = truth[int(np.argmin(away))]
            if min(away) > 4:
                continue
            matched += 1
            dec = np.radians(nearest["dec"])
            sky = np.hypot((row["ra"] - nearest["ra"]) * np.cos(dec), row["dec"] - nearest["dec"])
            assert sky * 3600 == pytest.approx(min(away) * 1.012, abs=0.02)
            assert min(away) * 1.012 < 5 * row["radec_err"]
            if nearest["snr"] > 30 and row["badfrac"] == 0:
                assert row["magcoma"] == pytest.approx(nearest["mag"], abs=0.5)
    assert found > 0
    assert matched >= 0.7 * found


def test_rows_tell_all_that_is_published_and_ours(searched) -> None:
    rows = 0
    for files, result in searched:
        assert result.table.schema.equals(DETECTIONS)
        header = fits.getheader(files.science)
        for ni, row in enumerate(result.table.to_pylist()):
            rows += 1
            asked_later = {"x_match_mpc", "x_match_skybot"}
            assert [n for n in PUBLISHED.names if row[n] is None] == sorted(asked_later)
            assert row["ni"] == ni
            assert row["candid"] == f"{files.id}_{ni}"
            assert row["jd_start"] == header["OBSJD"]
            assert row["jd"] - row["jd_start"] == pytest.approx(15 / 86400, abs=1e-9)
            assert row["sci_ipac_url"] == urls(files.name).science
            assert (row["filter"], row["field"]) == (files.name.filter[1], header["FIELD"])
            assert (row["ccdid"], row["qid"]) == (header["CCDID"], header["QID"])
            assert row["magzp"] == pytest.approx(header["MAGZP"], abs=1e-5)
            assert row["simulated"]
            assert row["seeing"] == pytest.approx(header["SEEING"] * 1.012, rel=0.01)
            assert row["known_status"] == "not_asked"
            assert row["tails_v"] == result.facts["version"]
        scores = result.table["p"].to_pylist()
        assert scores == sorted(scores, reverse=True)
        assert all(score >= LOW.threshold for score in scores)
        assert result.facts["detections"] == len(scores)
    assert rows > 0


def test_triplets_are_the_pixels_about_the_detections(files) -> None:
    science, _ = read_image(files.science)
    found = search_frame(files, Told((90.3, 200.4), (40.0, 60.0)), LOW)
    for (column, row), cutout in zip([(90, 200), (40, 60)], found.cutouts, strict=True):
        np.testing.assert_array_equal(cutout[128, 128, 0], science[row, column])
        np.testing.assert_array_equal(cutout[133, 131, 0], science[row + 5, column + 3])
        assert np.isnan(cutout[..., 0]).any()  # the frame is no larger than a triplet


def test_two_that_are_near_are_one(files) -> None:
    scorer = Told((100, 100), (109, 100), (150, 60), (101, 108))
    found = search_frame(files, scorer, SearchSettings(radius=12.0))
    assert found.table["x"].to_pylist() == [100, 150]
    assert found.table["ni"].to_pylist() == [0, 1]
    assert (found.facts["candidates"], found.facts["detections"]) == (4, 2)
    apart = search_frame(files, scorer, SearchSettings(radius=2.0))
    assert apart.table.num_rows == 4


def test_a_frame_that_gives_too_many_keeps_the_best(files) -> None:
    found = search_frame(files, Told((40, 40), (80, 80), (120, 120)), SearchSettings(most=2))
    assert found.table["x"].to_pylist() == [40, 80]
    assert found.facts["candidates"] == 3


def test_a_frame_without_comets_has_no_rows(files) -> None:
    found = search_frame(files, Told(), LOW)
    assert found.table.num_rows == 0
    assert found.table.schema.equals(DETECTIONS)
    assert found.cutouts.shape == (0, 256, 256, 3)
    assert found.facts["detections"] == 0


def test_what_a_network_does_not_tell_is_null(files) -> None:
    nothing = np.full(1, np.nan)
    found = search_frame(files, Told((90, 90), sigma=nothing, mag=nothing, size=nothing), LOW)
    (row,) = found.table.to_pylist()
    unknown = ("x_err", "y_err", "radec_err", "mag", "size")
    assert [row[name] for name in unknown] == [None] * 5
    assert row["limmagap"] is not None


def test_the_network_gets_threshold_and_zeropoint(files) -> None:
    scorer = Told()
    search_frame(files, scorer, SearchSettings(threshold=0.7))
    zeropoint = fits.getheader(files.science)["MAGZP"]
    assert scorer.asked == {"threshold": 0.7, "zeropoint": zeropoint, "shape": (256, 256, 3)}


@pytest.fixture
def copied(files, tmp_path) -> FrameFiles:
    """Files that may be spoilt."""
    for path in files.paths:
        shutil.copy(path, tmp_path)
    (mine,) = frames_in(tmp_path)
    return mine


def test_a_network_of_two_images_does_without_the_difference(copied) -> None:
    scorer = Told((90, 90), images=2)
    with_it = search_frame(copied, scorer, LOW)
    assert with_it.table["limmagap"].null_count == 0
    copied.difference.unlink()
    without = search_frame(copied, scorer, LOW)
    assert scorer.asked["shape"] == (256, 256, 2)
    assert without.table["limmagap"].null_count == 1
    assert without.table["ra"].to_pylist() == with_it.table["ra"].to_pylist()
    assert np.isnan(without.cutouts[..., 2]).all()
    assert np.isfinite(without.cutouts[0, 128, 128, :2]).all()
    with pytest.raises(FrameError, match=rf"no frame at {copied.difference}"):
        search_frame(copied, Told((90, 90)), LOW)


@pytest.mark.parametrize("card", ["OBSJD", "EXPTIME"])
def test_a_frame_that_does_not_say_when_is_refused(copied, card) -> None:
    fits.delval(copied.science, card)
    with pytest.raises(FrameError, match=f"does not say when it was taken: it has no {card}"):
        search_frame(copied, Told(), LOW)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"threshold": 1.0}, r"threshold must lie between 0 and 1\. Got: 1\.0"),
        ({"radius": 0.0}, r"radius must be more than 0\. Got: 0\.0"),
        ({"most": 0}, r"most must be more than 0\. Got: 0"),
        ({"aligner": "magic"}, r"aligner must be one of reproject, swarp\. Got: 'magic'"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, reason) -> None:
    with pytest.raises(ValueError, match=reason):
        SearchSettings(**settings)
