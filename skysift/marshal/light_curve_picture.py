"""A light curve as SVG: magnitudes upside down, limits as triangles, the alert marked.

Colours are CSS variables, each with what is used where nobody sets it: ``--band-u`` to
``--band-y`` and ``--band-unknown``, ``--plot-paper`` inside hollow points, ``--plot-grid``; words
have the colour of the text around. They stand in attributes of their own, not in styles, which a
strict page would not allow.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np

from skysift.alerts.photometry import BANDS
from skysift.marshal.axis_ticks import Tick, date_ticks, number_ticks, utc
from skysift.marshal.plot_frame import HEIGHT, WIDTH, Frame, draw_frame, write

BAND_COLOURS = ("#7b3fa0", "#2a9134", "#d1232a", "#c96a00", "#8a5a2b", "#222222", "#777777")
"""Of u, g, r, i, z, y on white, and of a band that is not known."""

UNKNOWN_BAND = len(BANDS)

# Each band has a shape of its own too: green and red look the same to one man in twelve.
SHAPES = (
    "m0-5l4.5 8.5h-9z",
    "m-4.2 0a4.2 4.2 0 1 0 8.4 0a4.2 4.2 0 1 0-8.4 0z",
    "m-3.8-3.8h7.6v7.6h-7.6z",
    "m0-5.2l5.2 5.2l-5.2 5.2l-5.2-5.2z",
    "m-2.6-4.4h5.2l2.6 4.4l-2.6 4.4h-5.2l-2.6-4.4z",
    "m-1.6-4.8h3.2v3.2h3.2v3.2h-3.2v3.2h-3.2v-3.2h-3.2v-3.2h3.2z",
    "m-4.2 0a4.2 4.2 0 1 0 8.4 0a4.2 4.2 0 1 0-8.4 0z",
)
LIMIT_SHAPE = "m0 4l-4-7h8z"
ALERT_SHAPE = "m-9 0a9 9 0 1 0 18 0a9 9 0 1 0-18 0z"

JD_RANGE = (2400000.0, 2600000.0)
MAG_RANGE = (-10.0, 40.0)
"""What lies outside (-999, say) is no time and no magnitude; neither end is reached by the sky."""

LEAST_MAG_SPREAD, LEAST_DAYS = 1.0, 1.0
"""Of the axes, so that noise does not look like a variation."""


def light_curve_svg(points: Mapping[str, np.ndarray], *, name: str = "") -> str:
    """Draw the light curve of one alert.

    Parameters
    ----------
    points : mapping of str to ndarray (n,)
        The fields of `LightCurve`, as ``LightCurve.one`` gives them; the alert is the last point.
        Negative differences are drawn hollow; points without a time are left out.
    name : str
        Of the object, for those who hear the page.

    Returns
    -------
    str
        An ``<svg>`` element of `WIDTH` × `HEIGHT` units, which scales with the page.
    """
    curve = _Curve(points)
    svg = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": "light-curve",
            "viewBox": f"0 0 {WIDTH} {HEIGHT}",
            "role": "img",
            "aria-label": curve.described(name),
        },
    )
    if not len(curve.jd):
        write(svg, WIDTH / 2, HEIGHT / 2, "no light curve", anchor="middle")
        return tostring(svg, encoding="unicode")
    frame = curve.frame()
    draw_frame(svg, frame, curve.ticks(frame))
    _draw_alert(svg, curve, frame)
    for band in np.unique(curve.band):
        _draw_band(svg, curve, frame, int(band))
    _draw_legend(svg, curve)
    return tostring(svg, encoding="unicode")


class _Curve:
    """The points that have a time, with the magnitudes and limits that make sense."""

    def __init__(self, points: Mapping[str, np.ndarray]) -> None:
        jd = np.asarray(points["jd"], dtype=np.float64)
        timed = (jd > JD_RANGE[0]) & (jd < JD_RANGE[1])
        self.jd = jd[timed]
        self.mag, self.sigma, self.limit = (
            np.asarray(points[field], dtype=np.float64)[timed]
            for field in ("magpsf", "sigmapsf", "diffmaglim")
        )
        self.mag, self.limit = (
            np.where((value > MAG_RANGE[0]) & (value < MAG_RANGE[1]), value, np.nan)
            for value in (self.mag, self.limit)
        )
        self.detected = np.isfinite(self.mag)
        self.limit[self.detected] = np.nan
        self.is_limit = np.isfinite(self.limit)
        self.negative = self.detected & (np.asarray(points["isdiffpos"])[timed] == 0)
        band = np.asarray(points["fid"], dtype=np.float64)[timed]
        self.band = np.where(np.isin(band, range(len(BANDS))), band, UNKNOWN_BAND).astype(int)
        self.zero = self.jd[-1] if len(self.jd) else np.nan

    def frame(self) -> Frame:
        """Choose the ends of the axes."""
        jd = _widened(self.jd.min(), self.jd.max(), LEAST_DAYS)
        shown = np.concatenate([self.mag[self.detected], self.limit[self.is_limit]])
        if not len(shown):
            shown = np.array([20.0])  # an empty frame; its ticks are left out
        return Frame(jd, _widened(shown.min(), shown.max(), LEAST_MAG_SPREAD))

    def ticks(self, frame: Frame) -> dict[str, list[Tick]]:
        """List the ticks of each axis, at Julian dates and magnitudes."""
        days = number_ticks(frame.jd[0] - self.zero, frame.jd[1] - self.zero, 6)
        any_mag = self.detected.any() or self.is_limit.any()
        return {
            "days": [(self.zero + day, label) for day, label in days],
            "dates": date_ticks(*frame.jd, 4),
            "mags": number_ticks(*frame.mag, 6) if any_mag else [],
        }

    def described(self, name: str) -> str:
        """Tell in words what the picture shows."""
        whose = f"Light curve of {name}" if name else "Light curve"
        if not len(self.jd):
            return f"{whose}: no points"
        bands = ", ".join(_band_name(int(band)) for band in np.unique(self.band[self.detected]))
        detections = _counted(self.detected, "detection") + (f" ({bands})" if bands else "")
        limits = _counted(self.is_limit, "upper limit")
        return f"{whose}: {detections}, {limits}, {np.ptp(self.jd):.1f} days; {self.told(-1)}"

    def told(self, point: int) -> str:
        """Tell in words what a point is."""
        band = _band_name(int(self.band[point]))
        day = self.jd[point] - self.zero
        when = "the alert" if day == 0 else f"{abs(day):.2f} d {'before' if day < 0 else 'after'}"
        return f"{band} {self._magnitude(point)}, {utc(self.jd[point]):%Y-%m-%d %H:%M} UTC, {when}"

    def _magnitude(self, point: int) -> str:
        if self.is_limit[point]:
            return f"> {self.limit[point]:.2f} (5σ limit)"
        if not self.detected[point]:
            return "without magnitude"
        error = f" ± {self.sigma[point]:.2f}" if np.isfinite(self.sigma[point]) else ""
        sign = " (negative)" if self.negative[point] else ""
        return f"{self.mag[point]:.2f}{error}{sign}"


def _draw_band(svg: Element, curve: _Curve, frame: Frame, band: int) -> None:
    """Draw limits, error bars and detections of a band, in this order."""
    own = curve.band == band
    group = SubElement(svg, "g", {"stroke": _colour(band), "fill": _colour(band)})
    for point in _places(own & curve.is_limit):
        place = frame.place(curve.jd[point], curve.limit[point])
        _mark(group, place, LIMIT_SHAPE, curve.told(point), {"opacity": "0.6", "class": "limit"})
    bars = [_error_bar(curve, frame, point) for point in _places(own & curve.detected)]
    SubElement(group, "path", {"class": "errors", "d": "".join(bars)})
    for point in _places(own & curve.detected):
        place = frame.place(curve.jd[point], curve.mag[point])
        hollow = {"fill": "var(--plot-paper, #fff)", "class": "negative"}
        look = hollow if curve.negative[point] else {"class": "positive"}
        _mark(group, place, SHAPES[band], curve.told(point), look)


def _error_bar(curve: _Curve, frame: Frame, point: int) -> str:
    """Draw no further than the axes; nothing where there is no error."""
    mag, sigma = curve.mag[point], curve.sigma[point]
    if not (np.isfinite(sigma) and sigma > 0):
        return ""
    x, top = frame.place(curve.jd[point], max(mag - sigma, frame.mag[0]))
    _, bottom = frame.place(curve.jd[point], min(mag + sigma, frame.mag[1]))
    return f"M{x:.1f} {top:.1f}V{bottom:.1f}"


def _mark(
    group: Element, place: tuple[float, float], shape: str, told: str, look: Mapping[str, str]
) -> None:
    """Draw a point that says what it is to whoever rests the pointer on it."""
    x, y = place
    mark = SubElement(group, "path", {"d": f"M{x:.1f} {y:.1f}{shape}", **look})
    SubElement(mark, "title").text = told


def _draw_alert(svg: Element, curve: _Curve, frame: Frame) -> None:
    """Mark the alert's time, and its point if it has one."""
    x, _ = frame.place(curve.zero, frame.mag[0])
    line = {"stroke": "currentColor", "stroke-dasharray": "1 4", "fill": "none"}
    SubElement(svg, "path", {"d": f"M{x:.1f} {frame.top}V{frame.bottom}", **line})
    shown = curve.mag[-1] if curve.detected[-1] else curve.limit[-1]
    if np.isfinite(shown):
        x, y = frame.place(curve.zero, shown)
        ring = {"stroke": "currentColor", "fill": "none", "class": "alert"}
        SubElement(svg, "path", {"d": f"M{x:.1f} {y:.1f}{ALERT_SHAPE}", **ring})


def _draw_legend(svg: Element, curve: _Curve) -> None:
    """Name the bands; hollow points and triangles too, where there are any."""
    entries = [(SHAPES[band], _band_name(band), _colour(band), _colour(band))
               for band in map(int, np.unique(curve.band))]  # fmt: skip
    if curve.negative.any():
        entries.append((SHAPES[1], "negative", "currentColor", "none"))
    if curve.is_limit.any():
        entries.append((LIMIT_SHAPE, "5σ limit", "currentColor", "currentColor"))
    x = 56.0
    for shape, label, stroke, fill in entries:
        SubElement(svg, "path", {"d": f"M{x:.1f} 11{shape}", "stroke": stroke, "fill": fill})
        write(svg, x + 9, 15.5, label)
        x += 27 + 7 * len(label)


def _band_name(band: int) -> str:
    return BANDS[band] if band < len(BANDS) else "?"


def _colour(band: int) -> str:
    named = f"--band-{BANDS[band]}" if band < len(BANDS) else "--band-unknown"
    return f"var({named}, {BAND_COLOURS[band]})"


def _counted(chosen: np.ndarray, what: str) -> str:
    return f"{chosen.sum()} {what}{'' if chosen.sum() == 1 else 's'}"


def _places(chosen: np.ndarray) -> list[int]:
    return [int(place) for place in np.flatnonzero(chosen)]


def _widened(low: float, high: float, least: float) -> tuple[float, float]:
    """Leave some room at both ends, and be no narrower than `least`."""
    half = max(1.12 * (high - low), least) / 2
    middle = (low + high) / 2
    return float(middle - half), float(middle + half)
