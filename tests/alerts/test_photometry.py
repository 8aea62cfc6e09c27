"""Magnitudes and times; truth: astropy.units, astropy.time and hand computation."""

from __future__ import annotations

import astropy.units as u
import numpy as np
import pytest
from astropy.time import Time

from skysift.alerts import photometry

NAN = np.nan


def test_magnitudes_are_those_of_astropy():
    flux = np.array([0.5, 1.0, 3631.0, 1e6, 7.3e9])
    expected = (flux * u.nJy).to_value(u.ABmag)
    # 31.4 is the convention of LSST; the exact zero point is 31.40006.
    np.testing.assert_allclose(photometry.magnitude(flux), expected, atol=1e-4)


def test_what_is_no_positive_flux_has_no_magnitude():
    flux = np.array([0.0, -5.0, NAN, -np.inf])
    assert np.isnan(photometry.magnitude(flux)).all()


def test_a_magnitude_error_is_the_change_for_a_small_change_of_flux():
    flux, error = np.array([100.0, -100.0]), np.array([0.01, 0.01])
    change = photometry.magnitude(flux[:1]) - photometry.magnitude(flux[:1] + error[:1])
    np.testing.assert_allclose(
        photometry.magnitude_error(flux, error), np.repeat(change, 2), rtol=1e-4
    )


def test_zero_flux_has_no_magnitude_error():
    assert np.isnan(photometry.magnitude_error(np.array([0.0]), np.array([1.0]))).all()


def test_signal_to_noise_inverts_the_magnitude_error():
    sigma = photometry.magnitude_error(np.array([50.0]), np.array([4.0]))
    np.testing.assert_allclose(photometry.signal_to_noise(sigma), 12.5)
    assert np.isnan(photometry.signal_to_noise(np.array([0.0, -999.0, NAN]))).all()


def test_the_sign_of_a_flux():
    np.testing.assert_array_equal(
        photometry.is_positive(np.array([2.0, -1.0, 0.0, NAN])), [1, 0, 0, NAN]
    )


def test_truth_reads_every_spelling_and_nothing_else():
    texts = np.array(["t", "1", "True", "f", "0", "false", None, "", "x"], dtype=object)
    np.testing.assert_array_equal(photometry.truth(texts), [1, 1, 1, 0, 0, 0, NAN, NAN, NAN])


def test_bands_have_ztf_s_numbers():
    names = np.array(["g", "r", "i", "u", "z", "y", None, "Y"], dtype=object)
    np.testing.assert_array_equal(photometry.band_numbers(names), [1, 2, 3, 0, 4, 5, NAN, NAN])
    numbers = np.array([1.0, 2.0, 3.0, 7.0, NAN])
    assert photometry.band_names(numbers).tolist() == ["g", "r", "i", None, None]


@pytest.mark.parametrize(
    "mjd",
    [
        61041.225,  # an LSST night
        57752.9,  # two days before the last leap second
        57754.0 + 37.5 / 86400,  # half a second after it
        50000.123456789,
        41317.5,  # the first day of leap seconds
    ],
)
def test_julian_dates_are_those_of_astropy(mjd):
    expected = Time(mjd, format="mjd", scale="tai").utc.jd
    found = photometry.julian_date_utc(np.array([mjd]))[0]
    assert found == pytest.approx(expected, abs=1e-9, rel=0)


def test_a_day_with_a_leap_second_is_not_stretched_as_astropy_does():
    """It is the convention of ERFA that such a day's fraction runs over 86401 s."""
    mjd = 57753.9
    stretched = Time(mjd, format="mjd", scale="tai").utc.jd
    found = photometry.julian_date_utc(np.array([mjd]))[0]
    assert 0 < (found - stretched) * 86400 < 1


def test_tai_is_37_seconds_ahead_of_utc_in_our_days():
    lag = 2400000.5 + 60000.0 - photometry.julian_date_utc(np.array([60000.0]))[0]
    assert lag * 86400 == pytest.approx(37.0, abs=1e-4)


def test_dates_that_are_none_stay_null():
    dates = photometry.julian_date_utc(np.array([NAN, 0.0, -1e300, -np.inf]))
    assert np.isnan(dates).all()
