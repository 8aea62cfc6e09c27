"""What a search leaves on the disk: whole folders, and pictures that show what they say."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from skysift.alerts.frame_name import FrameName
from skysift.frames.panel import BOTTOM, HEIGHT, IMAGE, WIDTH, caption, draw_panel
from skysift.frames.products import write_frame
from skysift.frames.search import Found
from tests.frames.detections import detection, frame_id, table, triplet

NAME = FrameName.parse(frame_id())


@pytest.fixture
def found() -> Found:
    """Two detections."""
    rows = table(detection(NAME.id), detection(NAME.id, 1, p=0.7))
    cutouts = np.stack([triplet(), triplet(5.0)])
    facts = {"version": "v", "threshold": 0.5, "candidates": 3, "detections": 2}
    return Found(NAME, rows, cutouts, np.full(2, 1.012), np.zeros(2), facts)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_frame_s_folder_has_table_triplets_pictures_and_facts(found, tmp_path) -> None:
    folder = write_frame(found, tmp_path)
    assert folder == tmp_path / "20240503" / NAME.id
    pictures = {f"{NAME.id}_{ni}.{kind}" for ni in (0, 1) for kind in ("npy", "png")}
    assert names(folder) == {"frame.json", "detections.parquet", *pictures}
    assert pq.read_table(folder / "detections.parquet").equals(found.table)
    np.testing.assert_array_equal(np.load(folder / f"{NAME.id}_1.npy"), found.cutouts[1])
    with Image.open(folder / f"{NAME.id}_0.png") as picture:
        assert picture.size == (WIDTH, HEIGHT)
    facts = json.loads((folder / "frame.json").read_text())
    assert facts["id"] == NAME.id
    assert facts["status"] == "done"
    assert facts["threshold"] == 0.5
    assert facts["searched"].endswith("+00:00")


def test_a_frame_without_detections_has_its_facts_alone(found, tmp_path) -> None:
    empty = dataclasses.replace(
        found, table=found.table[:0], cutouts=found.cutouts[:0], scales=found.scales[:0],
        tilts=found.tilts[:0],
    )  # fmt: skip
    assert names(write_frame(empty, tmp_path)) == {"frame.json"}


def test_a_second_search_replaces_the_first(found, tmp_path) -> None:
    folder = write_frame(found, tmp_path)
    one = dataclasses.replace(
        found, table=found.table[:1], cutouts=found.cutouts[:1], scales=found.scales[:1],
        tilts=found.tilts[:1],
    )  # fmt: skip
    write_frame(one, tmp_path)
    assert f"{NAME.id}_1.npy" not in names(folder)
    assert names(folder.parent) == {NAME.id}


def test_what_cannot_be_written_whole_leaves_what_was_there(found, tmp_path) -> None:
    folder = write_frame(found, tmp_path)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(ValueError, match="zip"):
        write_frame(dataclasses.replace(found, cutouts=found.cutouts[:1]), tmp_path)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    assert names(folder.parent) == {NAME.id}


def test_what_a_killed_process_left_is_cleared_away(found, tmp_path) -> None:
    night = tmp_path / "20240503"
    for left in (f".{NAME.id}.partial", f".{NAME.id}.old"):
        (night / left).mkdir(parents=True)
        (night / left / "half.npy").touch()
    other = night / f".{frame_id(1)}.partial"
    other.mkdir()
    write_frame(found, tmp_path)
    assert names(night) == {NAME.id, other.name}


def pixels(cutout: np.ndarray, *, tilt: float = 0.0) -> np.ndarray:
    """A picture as grey levels, rows downwards."""
    png = draw_panel(cutout, detection(NAME.id), scale=1.012, tilt=tilt)
    with Image.open(io.BytesIO(png)) as picture:
        return np.asarray(picture.convert("L"), dtype=float)


def test_the_first_row_is_below_and_the_detection_in_the_middle() -> None:
    cutout = np.random.default_rng(0).normal(0, 1, (256, 256, 3)).astype(np.float32)
    cutout[140:150, 125:132, 0] = 1000.0  # above the middle
    cutout[95:105, 125:132, 2] = 1000.0  # below it
    grey = pixels(cutout)
    top = HEIGHT - BOTTOM - IMAGE
    bright = [
        np.argwhere(grey[top : top + IMAGE, left : left + IMAGE] > 250).mean(axis=0) / IMAGE
        for left in (0, WIDTH - IMAGE)
    ]
    assert bright[0][0] < 0.47
    assert bright[1][0] > 0.53
    assert bright[0][1] == pytest.approx(0.5, abs=0.08)


def test_pixels_without_data_are_no_sky() -> None:
    cutout = triplet()
    cutout[:, :128] = np.nan
    grey = pixels(cutout)
    middle = grey[HEIGHT // 2 - 100 : HEIGHT // 2 - 40]
    assert np.ptp(middle[:, 20:180]) == 0
    assert np.ptp(middle[:, 210:390]) > 50
    assert np.isfinite(pixels(np.full((256, 256, 3), np.nan, np.float32))).all()


def test_a_caption_tells_the_best_magnitude_there_is() -> None:
    row = detection(NAME.id)
    assert "mag 18.30 ± 0.07 within 9.5″  ·  half of the light within 3.2″" in caption(row)
    bare = row | {"magcoma": None, "mag": None, "size": None}
    assert caption(bare) == "10h00m24.00s -12d30m00.0s  ·  2024 05 03.20017 UT  ·  r"
