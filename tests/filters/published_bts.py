"""A naive twin of `bts_candidates`: the published rules one alert at a time, in plain ifs.

Written from the filter that the survey published (github.com/dperley/ztf-bts-filters, in operation
since 2020-07-10), with the two departures that `bts_candidates` states, and its limit on the score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, isnan


def keeps(alert: Mapping[str, float], history: Sequence[Mapping[str, float]]) -> bool:
    """Decide on one alert; `history` holds its earlier points, limits with NaN magnitudes."""
    a = {name: None if isnan(value) else value for name, value in alert.items()}
    needed = (a["magpsf"], a["isdiffpos"], a["rb"], a["drb"], a["score"], a["latitude"])
    if None in needed or not 0 < a["magpsf"] < 19 or a["isdiffpos"] != 1:
        return False
    if a["score"] < 0.5 or abs(a["latitude"]) < 7:
        return False
    if not any(p["isdiffpos"] == 1 and a["jd"] - p["jd"] > 0.02 and seen(p) for p in history):
        return False
    return not (bogus(a) or star(a) or glare(a) or rock(a) or variable(a, history))


def seen(point: Mapping[str, float]) -> bool:
    return not isnan(point["magpsf"])


def within(distance: float | None, radius: float) -> bool:
    return distance is not None and 0 <= distance < radius


def mag(value: float | None, faint: float) -> bool:
    return value is not None and 0 < value < faint


def over(value: float | None, limit: float) -> bool:
    return value is not None and value > limit


def age(a) -> float | None:
    return None if a["jdstarthist"] is None else a["jd"] - a["jdstarthist"]


def ps1_known(a) -> list[float]:
    bands = (a["srmag1"], a["simag1"], a["sgmag1"], a["szmag1"])
    return [m for m in bands if m is not None and 0 < m <= 30]


def bogus(a) -> bool:
    if a["rb"] <= 0.2 or a["drb"] < 0.1:
        return True
    for rb, radius, gaia, ri, z in ((0.35, 1.0, 17, 17, 16.5), (0.45, 1.5, 15.5, 15.5, 15.0)):
        if a["rb"] < rb:
            if within(a["neargaia"], radius) and mag(a["maggaia"], gaia):
                return True
            bright = mag(a["srmag1"], ri) or mag(a["simag1"], ri) or mag(a["szmag1"], z)
            if bright and within(a["distpsnr1"], radius) and over(a["sgscore1"], 0.49):
                return True
    ps1 = (ps1_known(a) or [inf])[0]
    for drb, radius, limit in ((0.5, 3, 16), (0.5, 1.1, 18), (0.8, 1.5, 15.5), (0.8, 0.8, 17.5)):
        if over(age(a), 90) and a["drb"] < drb and within(a["distpsnr1"], radius) and ps1 < limit:
            return True
    return False


def star(a) -> bool:
    if over(a["sgscore1"], 0.76) and within(a["distpsnr1"], 2):
        return True
    if over(a["sgscore1"], 0.2) and within(a["distpsnr1"], 1) and mag(a["srmag1"], 30):
        for other in (a["simag1"], a["szmag1"]):
            if mag(other, 30) and a["srmag1"] - other > 3:
                return True
    return False


def glare(a) -> bool:
    if within(a["neargaiabright"], 20) and mag(a["maggaiabright"], 12):
        return True
    for n in (1, 2, 3):
        near = within(a[f"distpsnr{n}"], 20) and over(a[f"sgscore{n}"], 0.9)
        if near and mag(a[f"srmag{n}"], 14):
            return True
        if n == 1 and near and mag(a["simag1"], 14):
            return True
        if n == 1 and near and a["distpsnr1"] < 10 and mag(a["szmag1"], 14):
            return True
    return False


def rock(a) -> bool:
    return within(a["ssdistnr"], 12) and a["ssmagnr"] is not None and a["ssmagnr"] < 20


def variable(a, history) -> bool:
    days = age(a)
    if days is None:
        return False
    own_band = [
        p["magpsf"]
        for p in history
        if p["isdiffpos"] == 1 and p["fid"] == a["fid"] and p["jd"] < a["jd"] and seen(p)
    ]
    peak = a["magpsf"] <= min(own_band, default=inf)
    times = sum(m < 19 for m in own_band)
    if days > 90 and times >= (1 if days > 360 else 2) and not (peak and a["magpsf"] < 18.5):
        for radius, limit in ((0.4, 19.5), (0.8, 17.5), (1.2, 15.5)):
            if within(a["distnr"], radius) and mag(a["magnr"], limit):
                return True
    gaia, bright = a["neargaia"], a["maggaia"]
    if within(gaia, 0.35) and mag(bright, 17) and days > 30:
        return True
    if within(gaia, 0.35) and mag(bright, 19) and days > 300 and a["magpsf"] > 18.5:
        return True
    if within(gaia, 0.2) and mag(bright, 18) and days > 90:
        return True
    ps1 = min(ps1_known(a), default=inf)
    if days > 90 and over(a["sgscore1"], 0.25) and within(a["distpsnr1"], 3) and ps1 < 16:
        return True
    if days > 90 and a["sgscore1"] == 0.5 and within(a["distpsnr1"], 0.5) and ps1 < 17:
        return True
    fainter = mag(a["magnr"], a["magpsf"] - 1)
    return days > 90 and not peak and within(a["distnr"], 0.5) and fainter
