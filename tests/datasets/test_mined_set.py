"""Sets written again with hard rows: the same images, a truth that has grown, and an account."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from skysift.datasets.mined_set import write_mined_set
from skysift.models.tails.mining import HARD
from skysift.models.tails.training_set import MANIFEST, TRUTH_COLUMNS, read_frame_set
from tests.models.tails_frames import make_set


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    return make_set(tmp_path_factory.mktemp("set") / "frames", frames=2, side=64)


def hard(*places: tuple[str, float, float]) -> pd.DataFrame:
    rows = pd.DataFrame(places, columns=["id", "x", "y"]).assign(kind=HARD, score=0.7)
    return rows.reindex(columns=[*TRUTH_COLUMNS, "score"])


MINED = {"weights": "it+1", "threshold": 0.1, "frames": 2}


def test_the_new_set_knows_what_is_hard(frames, tmp_path):
    manifest = write_mined_set(frames, hard(("frame1", 30.0, 8.0)), tmp_path / "new", mined=MINED)
    new = read_frame_set(tmp_path / "new")
    pd.testing.assert_frame_equal(new.frames, frames.frames)
    pd.testing.assert_frame_equal(new.truth.iloc[:-1], frames.truth)
    last = new.truth.iloc[-1]
    assert (last["id"], last["kind"], last["x"], last["y"]) == ("frame1", HARD, 30.0, 8.0)
    for place in range(len(frames)):
        np.testing.assert_array_equal(new.images(place), frames.images(place))
    assert manifest["mined"] == [{**MINED, "added": 1}]
    assert json.loads((tmp_path / "new" / MANIFEST).read_text())["made"] == "up"


def test_a_set_is_mined_again_and_again(frames, tmp_path):
    write_mined_set(frames, hard(("frame1", 30.0, 8.0)), tmp_path / "1", mined=MINED)
    more = hard(("frame1", 31.0, 8.0), ("frame0", 31.0, 8.0))
    again = write_mined_set(read_frame_set(tmp_path / "1"), more, tmp_path / "2", mined=MINED)
    assert [time["added"] for time in again["mined"]] == [1, 1]
    assert again["hard"] == 2


def test_a_set_is_never_written_over(frames, tmp_path):
    with pytest.raises(ValueError, match="choose another folder"):
        write_mined_set(frames, hard(), frames.folder, mined=MINED)
    write_mined_set(frames, hard(), tmp_path / "new", mined=MINED)
    with pytest.raises(FileExistsError, match="there is a set in"):
        write_mined_set(frames, hard(), tmp_path / "new", mined=MINED)
