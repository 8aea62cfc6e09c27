"""Frames into a training set: aligned, with their truth, split by field."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from skysift.datasets.frame_set import build_frame_set
from skysift.models.tails.training_set import read_frame_set
from tests.datasets.frame_files import SHAPE, write


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "frames"
    made.mkdir()
    for number in range(8):
        write(made, f"frame{number}", f"field{number // 2}")
    return made


def test_a_set_holds_aligned_frames_and_their_truth(folder, tmp_path):
    seen = []
    manifest = build_frame_set(
        [folder], tmp_path / "set", shares={"train": 0.5, "validation": 0.25, "test": 0.25},
        progress=lambda *numbers: seen.append(numbers),
    )  # fmt: skip
    assert seen[-1] == (8, 8)
    assert manifest["frames"] == {"train": 4, "validation": 2, "test": 2}
    assert manifest["comets"] == manifest["frames"]
    frames = read_frame_set(tmp_path / "set")
    assert len(frames) == 8
    images = frames.images(0)
    assert (images.shape, images.dtype) == ((*SHAPE, 3), np.float32)
    with fits.open(folder / "frame0_sci.fits") as science:
        np.testing.assert_array_equal(images[..., 0], science[0].data)
        np.testing.assert_allclose(images[..., 2], science[0].data - 100, atol=1.5)
    comet = frames.comets.iloc[0]
    assert (comet["size"], comet["coma"]) == pytest.approx((2.0, 5.0))
    assert frames.frames["zeropoint"].unique().tolist() == [26.1]
    # Frames of one field lie in one part.
    fields = frames.frames.groupby(frames.frames["id"].str[-1].astype(int) // 2)["split"]
    assert (fields.nunique() == 1).all()
    assert len(frames.part("test").truth) == 4


def test_a_window_beyond_the_frame_has_no_data_there(folder, tmp_path):
    build_frame_set([folder], tmp_path / "set")
    frames = read_frame_set(tmp_path / "set")
    window = frames.cut(0, -5, 80, 20)
    assert np.isnan(window[:, :5]).all()
    assert np.isnan(window[10:]).all()
    np.testing.assert_array_equal(window[:10, 5:, 0], frames.images(0)[80:, :15, 0])


def test_it_goes_on_and_takes_up_what_is_new_and_leaves_out_what_is_broken(folder, tmp_path):
    output = tmp_path / "set"
    build_frame_set([folder], output)
    first = output / "frames" / "frame0.npy"
    written = first.stat().st_mtime_ns
    write(folder, "frame8", "field9")
    write(folder, "frame9", "field9")
    (folder / "frame9_sci.fits").write_bytes(b"SIMPLE  = not FITS")
    manifest = build_frame_set([folder], output)
    assert first.stat().st_mtime_ns == written
    assert len(read_frame_set(output)) == 9
    assert list(manifest["left_out"]) == ["frame9"]
    assert "frame9_sci.fits is not readable as FITS" in manifest["left_out"]["frame9"]


def test_no_frames_and_odd_shares_are_refused(folder, tmp_path):
    with pytest.raises(ValueError, match=r"no frames in .*there is no truth/<id>\.json"):
        build_frame_set([tmp_path], tmp_path / "set")
    with pytest.raises(ValueError, match=r"add up to 1\. Got: {'train': 0\.5}"):
        build_frame_set([folder], tmp_path / "set", shares={"train": 0.5})
    with pytest.raises(FileNotFoundError, match="no complete set of frames"):
        read_frame_set(tmp_path)
