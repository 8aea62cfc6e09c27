"""Pools of detections: each place once, by the truth's answer, from sets and from found frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from skysift.campaigns.store import PoolError, alone
from skysift.campaigns.tails.collecting import collect
from skysift.campaigns.tails.store import read_detections
from tests.campaigns.tails.conftest import THRESHOLD, silent
from tests.frames.detections import NIGHT, detection, frame_id, table, write_frame
from tests.models.tails_frames import SIZE

LOW = {"weights": None, "threshold": 0.1}


def test_a_set_is_searched_and_its_truth_answers(filled, frames):
    found = read_detections(filled)
    assert found["answer"].value_counts().to_dict() == {"comet": 12, "not": 12}
    assert found["item"].is_unique
    assert set(found["id"]) == set(frames.part("train").frames["id"])
    for row in found.itertuples():
        comets = frames.comets[frames.comets["id"] == row.id]
        away = np.hypot(comets["x"] - row.x, comets["y"] - row.y).min()
        assert (away <= max(5.0, SIZE / 2)) == (row.answer == "comet")
        cutout = np.load(filled / "cutouts" / f"{row.item}.npy")
        frame = frames.images(int(row.id[-1]))
        assert cutout.shape == (256, 256, 3)
        np.testing.assert_array_equal(cutout[128, 128], frame[round(row.y), round(row.x)])
        x, y = np.reshape(row.others, (-1, 2)).T
        beside = found[(found["id"] == row.id) & (found["item"] != row.item)]
        told = {
            (round(a + round(row.x) - 128), round(b + round(row.y) - 128))
            for a, b in zip(x, y, strict=True)
        }
        assert set(beside[["x", "y"]].round().astype(int).itertuples(index=False, name=None)) < told
        assert len(told) == 4  # the comet that was found twice among them
    known = pd.read_csv(filled / "truth.csv").set_index("objectId")["answer"]
    assert known[found["objectId"]].tolist() == found["answer"].tolist()


def test_a_collection_that_was_killed_goes_on(filled, frames, tmp_path):
    asked = {"weights": None, "threshold": THRESHOLD}

    def die(stage: str, done: int, of: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collect(frames.folder, tmp_path, asked, die)
    assert len(list(tmp_path.glob("*.parquet"))) == 2
    done = collect(frames.folder, tmp_path, asked, silent)
    pd.testing.assert_frame_equal(read_detections(tmp_path), read_detections(filled))
    assert done.detections == 16  # of the frames that were left
    again = collect(frames.folder, tmp_path, asked, silent)
    assert (again.frames, again.detections, again.new) == (6, 0, 0)
    lower = collect(frames.folder, tmp_path, {**asked, "threshold": 0.1}, silent)
    assert (lower.detections, lower.new) == (30, 6)  # a place is there once


@pytest.fixture
def searched(tmp_path: Path, cutout: np.ndarray) -> Path:
    """Return what a search has left: three detections in a frame, and a frame with none."""
    output, frame = tmp_path / "comets", frame_id()
    scale = 1.012 / 3600
    rows = [
        detection(frame, 0, p=0.9, x=100.4, y=80.0, ra=150.0, dec=60.0, coma_radius=10.12),
        detection(frame, 1, p=0.8, x=60.0, y=80.0, dec=60.0, magcoma=None, size=1.012,
                  ra=150.0 + 40 * scale / np.cos(np.radians(60))),
        detection(frame, 2, p=0.05, x=100.0, y=110.0, ra=150.0, dec=60.0 + 30 * scale),
    ]  # fmt: skip
    folder = write_frame(output, *rows)
    for row in rows:
        np.save(folder / row["cutouts"], cutout + row["ni"])
        (folder / row["panel"]).write_bytes(b"a picture")
    write_frame(output, frame=frame_id(1))
    linked = [{**rows[0], "tracklet": "AB12CD34"}, *rows[1:]]
    pq.write_table(table(*linked), output / NIGHT / "detections.parquet")
    return output


def test_what_a_search_has_found_is_taken_as_it_is(searched, tmp_path, cutout):
    done = collect(searched, tmp_path / "pool", LOW, silent)
    assert (done.frames, done.detections, done.new, done.known) == (2, 2, 2, 0)
    found = read_detections(tmp_path / "pool").set_index("item")
    first, second = f"{frame_id()}_100_80", f"{frame_id()}_60_80"
    assert found.index.tolist() == [first, second]
    assert found["objectId"].tolist() == ["AB12CD34", second]
    assert found["mag"].tolist() == pytest.approx([18.3, 18.1])  # the network's, if none measured
    assert found.at[second, "size"] == pytest.approx(1.0)
    assert found.at[first, "coma"] == pytest.approx(10.0)
    assert found["answer"].isna().all()
    # In a cutout east is to the left and north is up.
    np.testing.assert_allclose(found.at[first, "others"], [88, 128, 128, 158], atol=0.1)
    np.testing.assert_allclose(found.at[second, "others"], [168, 128, 168, 158], atol=0.1)
    for number, item in enumerate((first, second)):
        kept = np.load(tmp_path / "pool" / "cutouts" / f"{item}.npy")
        np.testing.assert_array_equal(kept, cutout + number)
        assert (tmp_path / "pool" / "panels" / f"{item}.png").read_bytes() == b"a picture"
    assert collect(searched, tmp_path / "pool", LOW, silent).detections == 0


def test_what_cannot_be_collected_is_refused(searched, tmp_path):
    with pytest.raises(FileNotFoundError, match="neither frames that `skysift frames run`"):
        collect(tmp_path, tmp_path / "pool", LOW, silent)
    with pytest.raises(ValueError, match=r"between 0 and 1\. Got: 1"):
        collect(searched, tmp_path / "pool", {**LOW, "threshold": 1.0}, silent)
    with alone(tmp_path / "pool"), pytest.raises(PoolError, match="another process is filling"):
        collect(searched, tmp_path / "pool", LOW, silent)
    (tmp_path / "odd").mkdir()
    pq.write_table(table(detection(frame_id())), tmp_path / "odd" / "x.parquet")
    with pytest.raises(PoolError, match="is no pool of `skysift learn tails collect`"):
        read_detections(tmp_path / "odd")
