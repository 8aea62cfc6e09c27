"""The Sun's altitude at Palomar, against astropy's."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.coordinates import AltAz, EarthLocation, get_sun
from astropy.time import Time
from astropy.utils import iers

from skysift.frames.twilight import LATITUDE, LONGITUDE, in_twilight, sun_altitude


def test_altitude_agrees_with_astropy():
    jd = np.linspace(2458119.5, 2461000.5, 25) + np.linspace(0, 1, 25)
    place = EarthLocation.from_geodetic(LONGITUDE * u.deg, LATITUDE * u.deg, 1712 * u.m)
    with iers.conf.set_temp("auto_download", False):
        time = Time(jd, format="jd")
        truth = get_sun(time).transform_to(AltAz(obstime=time, location=place)).alt.deg
    ours = [sun_altitude(one) for one in jd]
    np.testing.assert_allclose(ours, truth, atol=0.03)  # a frame moves the Sun by 0.1 degrees
    assert [in_twilight(one) for one in jd] == list(truth > -18)
