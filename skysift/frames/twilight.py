"""Was a frame taken in twilight? Where comets near the Sun are looked for."""

from __future__ import annotations

import math

LATITUDE, LONGITUDE = 33.3563, -116.8650
"""Of Palomar Observatory, north and east [deg] (MPC code I41)."""

NIGHT = -18.0
"""Altitude of the Sun below which it is night: the end of astronomical twilight [deg]."""

J2000 = 2451545.0


def in_twilight(jd: float) -> bool:
    """Tell whether the Sun stood above -18 degrees at Palomar.

    Examples
    --------
    Midnight, and an hour before sunrise, of 14 October 2019:

    >>> in_twilight(2458770.83), in_twilight(2458771.04)
    (False, True)
    """
    return sun_altitude(jd) > NIGHT


def sun_altitude(jd: float) -> float:
    """Altitude of the Sun's centre above Palomar's horizon, without refraction [deg].

    By the Astronomical Almanac's low-precision formulae, good to 0.02 degrees from 1950 to 2050.

    Parameters
    ----------
    jd : float
        Julian date, UTC.
    """
    days = jd - J2000
    mean_longitude = 280.460 + 0.9856474 * days
    anomaly = math.radians(357.528 + 0.9856003 * days)
    longitude = math.radians(
        mean_longitude + 1.915 * math.sin(anomaly) + 0.020 * math.sin(2 * anomaly)
    )
    obliquity = math.radians(23.439 - 0.0000004 * days)
    ra = math.atan2(math.cos(obliquity) * math.sin(longitude), math.cos(longitude))
    dec = math.asin(math.sin(obliquity) * math.sin(longitude))
    sidereal = math.radians(280.46062 + 360.98564737 * days + LONGITUDE)
    latitude = math.radians(LATITUDE)
    return math.degrees(
        math.asin(
            math.sin(latitude) * math.sin(dec)
            + math.cos(latitude) * math.cos(dec) * math.cos(sidereal - ra)
        )
    )
