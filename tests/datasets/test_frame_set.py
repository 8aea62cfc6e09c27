"""Frames into a training set: aligned as astropy's full transformation would, split by field."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from scipy import ndimage

from skysift.alerts.frame_images import FrameError, align, read_frame
from skysift.datasets.frame_set import build_frame_set
from skysift.models.tails.training_set import read_frame_set
from tests.datasets.frame_files import SHAPE, header, write


def smooth(world, shape):
    """A sky that is smooth, seen through a WCS: what alignment must bring over."""
    rows, columns = np.indices(shape)
    ra, dec = world.all_pix2world(columns.ravel(), rows.ravel(), 0)
    x, y = (ra - 150.0) * np.cos(np.radians(20)) * 3600, (dec - 20.0) * 3600
    return (100 + 10 * np.sin(x / 9) + 10 * np.cos(y / 7)).reshape(shape).astype(np.float32)


def test_a_reference_is_brought_onto_the_pixels_of_a_frame():
    ours, theirs = WCS(header()), WCS(header(rotation=1.5, shift=(4.3, -2.6)))
    aligned = align(smooth(theirs, SHAPE), theirs, ours, SHAPE)
    known = np.isfinite(aligned)
    assert 0.85 < known.mean() < 0.99  # a rim of it lies beyond the reference
    inner = ndimage.binary_erosion(known, iterations=6)  # splines know no more at the rim
    np.testing.assert_allclose(aligned[inner], smooth(ours, SHAPE)[inner], atol=0.03)


def test_pixels_without_data_stay_so_and_spoil_no_others():
    ours, theirs = WCS(header()), WCS(header(shift=(2.5, 0.0)))
    image = smooth(theirs, SHAPE)
    image[40:44, 50:53] = np.nan
    aligned = align(image, theirs, ours, SHAPE)
    lost = np.isnan(aligned[10:80, 10:110])
    assert 12 <= lost.sum() <= 4 * 4
    assert np.isnan(aligned[40:44, 48:50]).all()


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


def test_what_cannot_be_read_is_named(folder, tmp_path):
    with pytest.raises(FrameError, match=r"no frame at .*nothing\.fits"):
        read_frame(tmp_path / "nothing.fits", folder / "field0_ref.fits", folder / "x")
    small = folder / "small.fits"
    fits.PrimaryHDU(np.zeros((5, 6), np.float32)).writeto(small)
    ref = folder / "field0_ref.fits"
    with pytest.raises(FrameError, match=r"small\.fits has 5 × 6 pixels; .* has 90 × 120"):
        read_frame(folder / "frame0_sci.fits", ref, small)
    bare = folder / "bare.fits"
    fits.PrimaryHDU(np.zeros(SHAPE, np.float32)).writeto(bare)
    with pytest.raises(FrameError, match=r"bare\.fits says nothing of where on the sky"):
        read_frame(folder / "frame0_sci.fits", bare, folder / "frame0_diff.fits.fz")
    empty = folder / "empty.fits"
    fits.PrimaryHDU().writeto(empty)
    with pytest.raises(FrameError, match=r"empty\.fits holds no image"):
        read_frame(empty, ref, small)


def test_no_frames_and_odd_shares_are_refused(folder, tmp_path):
    with pytest.raises(ValueError, match=r"no frames in .*there is no truth/<id>\.json"):
        build_frame_set([tmp_path], tmp_path / "set")
    with pytest.raises(ValueError, match=r"add up to 1\. Got: {'train': 0\.5}"):
        build_frame_set([folder], tmp_path / "set", shares={"train": 0.5})
    with pytest.raises(FileNotFoundError, match="no complete set of frames"):
        read_frame_set(tmp_path)
