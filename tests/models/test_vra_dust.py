"""The dust maps' reader, on a small made-up map whose projection astropy knows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS

from skysift.models.vra.dust import FILES, DustMap

SIDE = 256


def header(north: int) -> fits.Header:
    """Describe a hemisphere as the published maps do, which are 4096 pixels wide."""
    scale = np.degrees(np.sqrt(2.0)) / (SIDE / 2)
    return fits.Header(
        {
            "CTYPE1": "GLON-ZEA", "CRVAL1": 90.0, "CRPIX1": SIDE / 2 + 0.5, "CD1_1": -scale,
            "CTYPE2": "GLAT-ZEA", "CRVAL2": 90.0 * north, "CRPIX2": SIDE / 2 + 0.5, "CD2_2": scale,
            "LONPOLE": 180.0,
        }
    )  # fmt: skip


def reddening(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Make up dust: smooth, without a symmetry that a wrong projection could hide behind."""
    x, y, z = SkyCoord(longitude * u.deg, latitude * u.deg).cartesian.xyz.value
    return 1.0 + 0.3 * x + 0.2 * y + 0.4 * z


@pytest.fixture
def maps(tmp_path: Path) -> Path:
    """Both hemispheres, each pixel filled where astropy says it lies on the sky."""
    column, row = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    for north, name in FILES.items():
        with np.errstate(invalid="ignore"):
            longitude, latitude = WCS(header(north)).pixel_to_world_values(column, row)
        pixels = np.nan_to_num(reddening(np.nan_to_num(longitude), np.nan_to_num(latitude)))
        fits.PrimaryHDU(pixels.astype(np.float32), header(north)).writeto(tmp_path / name)
    return tmp_path


def test_reddening_is_read_where_it_lies(maps: Path, rng: np.random.Generator) -> None:
    ra, dec = rng.uniform(0, 360, 2000), np.degrees(np.arcsin(rng.uniform(-1, 1, 2000)))
    sky = SkyCoord(ra * u.deg, dec * u.deg).galactic
    clear = abs(sky.b.deg) > 2  # nearer to the equator the neighbouring pixels lie off the map
    expected = reddening(sky.l.deg, sky.b.deg)
    found = DustMap(maps).ebv(ra, dec)
    np.testing.assert_allclose(found[clear], expected[clear], atol=2e-4)
    assert np.isfinite(found).all()


@pytest.mark.filterwarnings("ignore:Configuration file not found")
def test_reddening_is_that_of_dustmaps(tmp_path: Path, rng: np.random.Generator) -> None:
    """The reader that the published assistant uses, on maps of noise: no smoothness to hide in."""
    sfd = pytest.importorskip("dustmaps.sfd", reason="dustmaps is not installed")
    for north, name in FILES.items():
        pixels = rng.random((SIDE, SIDE)).astype(np.float32)
        fits.PrimaryHDU(pixels, header(north)).writeto(tmp_path / name)
    ra, dec = rng.uniform(0, 360, 2000), np.degrees(np.arcsin(rng.uniform(-1, 1, 2000)))
    theirs = sfd.SFDQuery(map_dir=str(tmp_path))(SkyCoord(ra * u.deg, dec * u.deg))
    np.testing.assert_allclose(DustMap(tmp_path).ebv(ra, dec), theirs, atol=1e-4)


def test_the_poles_and_nothing(maps: Path) -> None:
    pole = SkyCoord(l=[0, 0] * u.deg, b=[90, -90] * u.deg, frame="galactic").icrs
    dust = DustMap(maps)
    np.testing.assert_allclose(dust.ebv(pole.ra.deg, pole.dec.deg), [1.4, 0.6], atol=1e-3)
    assert np.isnan(dust.ebv(np.array([np.nan]), np.array([0.0]))).all()
    assert dust.ebv(np.empty(0), np.empty(0)).shape == (0,)


def test_a_missing_map_is_told_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"SFD_dust_4096_ngp\.fits.*doi:10\.7910"):
        DustMap(tmp_path)
