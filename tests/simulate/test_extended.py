"""Truth: photometry done on the drawn stamps of comets and streaks."""

from __future__ import annotations

import gzip
import io

import numpy as np
import pytest
from astropy.io import fits

from skysift.simulate import simulate_night
from skysift.simulate.comet_shape import make_comet_shape
from skysift.simulate.extended import SEEING, make_extended
from skysift.simulate.glow import round_glow
from skysift.simulate.images import render_glow, render_round

SHAPE = (201, 201)
MIDDLE = 100.0
ROWS, COLUMNS = np.mgrid[: SHAPE[0], : SHAPE[1]]
POINT = round_glow(np.ones(1), np.zeros(1))


def psf_flux(image: np.ndarray) -> float:
    """Flux of the best-fitting star at the middle, all pixels weighing the same."""
    one, place = np.ones(1), np.array([MIDDLE])
    psf = render_round(SHAPE, place, place, one, np.zeros(1), SEEING)
    return float((image * psf).sum() / (psf**2).sum())


def within(image: np.ndarray, radius: float) -> float:
    return float(image[np.hypot(ROWS - MIDDLE, COLUMNS - MIDDLE) < radius].sum())


def test_a_point_is_a_star() -> None:
    point = make_extended(POINT)
    assert point.psf_loss == pytest.approx(0.0, abs=1e-6)
    assert (point.aperture, point.large_aperture) == pytest.approx((0.0, 0.0), abs=1e-6)
    assert point.broadening == pytest.approx(1.0)


@pytest.mark.parametrize("mag", [14.0, 17.0, 20.0])
def test_photometry_of_comets_is_what_is_measured_on_their_image(mag: float) -> None:
    rng = np.random.default_rng(1)
    star = render_glow(SHAPE, POINT.moved(MIDDLE, MIDDLE), SEEING)
    for _ in range(4):
        glow = make_comet_shape(mag, rng=rng).glow()
        extended = make_extended(glow)
        image = render_glow(SHAPE, extended.glow.moved(MIDDLE, MIDDLE), SEEING)
        assert psf_flux(image) == pytest.approx(1.0, rel=0.02)
        assert 10 ** (-0.4 * extended.psf_loss) == pytest.approx(extended.glow.flux.sum())
        for radius, told in ((4.0, extended.aperture), (9.0, extended.large_aperture)):
            measured = -2.5 * np.log10(within(image, radius) / within(star, radius))
            assert told == pytest.approx(measured, abs=0.06)
        assert extended.large_aperture < extended.aperture < 0.0
        assert 1.0 < extended.broadening <= 3.0


def test_extended_light_and_stars_are_drawn_alike() -> None:
    place, one = np.array([70.3]), np.ones(1)
    star = render_round(SHAPE, place, place + 20, one, np.zeros(1), 2.3)
    glow = render_glow(SHAPE, POINT.moved(70.3, 90.3), 2.3)
    np.testing.assert_allclose(glow, star, atol=1e-12)


def difference(packet) -> np.ndarray:
    content = gzip.decompress(packet["cutoutDifference"]["stampData"])
    return fits.getdata(io.BytesIO(content)).astype(float)


def spread(packet) -> float:
    """Share of the light in the stamp's inner part that a star would have within 3 px."""
    image = difference(packet)
    rows, columns = np.mgrid[:63, :63] - 31
    far = np.hypot(rows, columns)
    return float(image[far < 3].sum() / image[far < 9].sum())


def test_alerts_of_comets_and_streaks_look_wider_than_those_of_asteroids() -> None:
    shares = {}
    for kind in ("asteroid", "comet", "streak"):
        packets = [packet for packet, _ in simulate_night(40, seed=2, mix={kind: 1.0})]
        shares[kind] = [
            spread(packet)
            for packet in packets
            if packet["candidate"]["magpsf"] < 18.5
            and difference(packet).shape == (63, 63)
            and np.isfinite(difference(packet)).all()
        ]
        assert len(shares[kind]) >= 3
    assert np.median(shares["comet"]) < np.median(shares["asteroid"]) - 0.1
    assert np.median(shares["streak"]) < np.median(shares["asteroid"]) - 0.1


def test_packets_of_comets_know_that_they_are_no_stars() -> None:
    comets = [packet["candidate"] for packet, _ in simulate_night(20, seed=3, mix={"comet": 1.0})]
    points = [packet["candidate"] for packet, _ in simulate_night(20, seed=3, mix={"asteroid": 1})]
    for name, sign in (("fwhm", 1), ("chipsf", 1), ("magapbig", -1)):
        values = [
            np.median([c[name] - (c["magpsf"] if name == "magapbig" else 0.0) for c in some])
            for some in (comets, points)
        ]
        assert sign * (values[0] - values[1]) > 0.0
    assert {packet["ndethist"] for packet in comets} == {1}
