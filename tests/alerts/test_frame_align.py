"""Truth: astropy's full transformation of a sky that is known, and the light of its sources."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from astropy.wcs import WCS, DistortionLookupTable
from scipy import ndimage

from skysift.alerts.frame_align import STRIP, align
from skysift.alerts.frame_file import FrameError
from skysift.alerts.frame_swarp import align_by_swarp, tpv_header
from tests.datasets.frame_files import SHAPE, header

swarp = pytest.mark.skipif(
    not (shutil.which("SWarp") or shutil.which("swarp")), reason="SWarp is not installed"
)


def smooth(world: WCS, shape: tuple[int, int]) -> np.ndarray:
    """A sky that is smooth, seen through a WCS: what alignment must bring over."""
    rows, columns = np.indices(shape)
    ra, dec = world.all_pix2world(columns.ravel(), rows.ravel(), 0)
    x, y = (ra - 150.0) * np.cos(np.radians(20)) * 3600, (dec - 20.0) * 3600
    return (100 + 10 * np.sin(x / 9) + 10 * np.cos(y / 7)).reshape(shape).astype(np.float32)


def bent(rotation: float = 0.0) -> WCS:
    """With a distortion of a pixel at the rim; it leaves the area of pixels as it is."""
    cards = header(rotation)
    cards["CTYPE1"], cards["CTYPE2"] = "RA---TAN-SIP", "DEC--TAN-SIP"
    cards["A_ORDER"] = cards["B_ORDER"] = 3
    cards["A_0_2"], cards["B_2_0"], cards["B_3_0"] = 2e-4, -2e-4, 1e-6
    return WCS(cards)


METHODS = [align, pytest.param(align_by_swarp, marks=swarp)]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("ours", [WCS(header()), bent(0.4)], ids=["plain", "bent"])
def test_a_reference_is_brought_onto_the_pixels_of_a_frame(method, ours) -> None:
    theirs = WCS(header(1.5, (4.3, -2.6)))
    aligned = method(smooth(theirs, SHAPE), theirs, ours, SHAPE)
    known = np.isfinite(aligned)
    assert aligned.dtype == np.float32
    assert 0.8 < known.mean() < 0.99  # a rim of it lies beyond the reference
    inner = ndimage.binary_erosion(known, iterations=6)  # splines know no more at the rim
    np.testing.assert_allclose(aligned[inner], smooth(ours, SHAPE)[inner], atol=0.2)


def test_strips_fit_together() -> None:
    shape = (2 * STRIP + 40, 50)
    ours, theirs = WCS(header()), WCS(header(shift=(3.4, 5.2)))
    aligned = align(smooth(theirs, shape), theirs, ours, shape)
    known = ndimage.binary_erosion(np.isfinite(aligned), iterations=6)
    assert known[STRIP - 2 : STRIP + 2].any()
    np.testing.assert_allclose(aligned[known], smooth(ours, shape)[known], atol=0.03)


@pytest.mark.parametrize("method", METHODS)
def test_a_source_keeps_its_light_on_pixels_of_another_size(method) -> None:
    ours, theirs = WCS(header()), WCS(header())
    theirs.wcs.cd *= 0.8
    rows, columns = np.indices(SHAPE)
    star = 5000.0 * np.exp(-((columns - 62.3) ** 2 + (rows - 47.8) ** 2) / (2 * 2.5**2))
    aligned = method(star.astype(np.float32), theirs, ours, SHAPE)
    assert np.nansum(aligned) == pytest.approx(star.sum(), rel=2e-3)


@pytest.mark.parametrize("method", METHODS)
def test_pixels_without_data_stay_so_and_spoil_no_others(method) -> None:
    ours, theirs = WCS(header()), WCS(header(shift=(2.5, 0.0)))
    image = smooth(theirs, SHAPE)
    image[40:44, 50:53] = np.nan
    aligned = method(image, theirs, ours, SHAPE)
    lost = np.isnan(aligned[10:80, 10:110])
    assert 8 <= lost.sum() <= 10 * 10
    assert np.isnan(aligned[41:43, 48:50]).all()


@pytest.mark.parametrize("ra", [151.0, 210.0, 330.0])
@pytest.mark.filterwarnings("error")
def test_a_reference_of_elsewhere_gives_nothing(ra: float) -> None:
    far = header()
    far["CRVAL1"] = ra
    assert np.isnan(align(np.ones(SHAPE, np.float32), WCS(far), WCS(header()), SHAPE)).all()


def test_swarp_is_told_the_same_distortion() -> None:
    world = bent(rotation=85.0)
    told = WCS(tpv_header(world, SHAPE))
    assert told.sip is None
    pixels = np.random.default_rng(1).uniform(0, 90, (50, 2))
    apart = told.all_pix2world(pixels, 0) - world.all_pix2world(pixels, 0)
    assert np.abs(apart).max() * 3600 < 1e-3


def test_a_distortion_that_is_no_polynomial_is_refused() -> None:
    world = bent()
    table = np.zeros((60, 80), np.float32)
    table[20:30, 30:40] = 5.0
    world.cpdis1 = DistortionLookupTable(table, (1.0, 1.0), (1.0, 1.0), (1.5, 1.5))
    with pytest.raises(
        FrameError, match=r"cannot be told a distortion of this kind: .* px are left"
    ):
        tpv_header(world, SHAPE)


def test_swarp_that_is_not_installed_is_told(monkeypatch) -> None:
    monkeypatch.setenv("PATH", "")
    world = WCS(header())
    with pytest.raises(FrameError, match="SWarp was asked for and is not installed: install it"):
        align_by_swarp(np.ones(SHAPE, np.float32), world, world, SHAPE)
