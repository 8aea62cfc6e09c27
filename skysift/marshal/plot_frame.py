"""The frame of a plot: where a time and a magnitude stand, axes, ticks and labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar
from xml.etree.ElementTree import Element, SubElement

from skysift.marshal.axis_ticks import Tick

WIDTH, HEIGHT = 480, 310
"""Of the picture, in units that are pixels at its natural size."""

FONT = "13"
"""So large that it can be read where a phone makes the picture narrower."""


@dataclass(frozen=True)
class Frame:
    """The rectangle between the axes.

    Parameters
    ----------
    jd : tuple of float
        Julian dates at its left and right.
    mag : tuple of float
        Magnitudes at its top (bright) and bottom (faint).
    """

    left: ClassVar[int] = 58
    right: ClassVar[int] = WIDTH - 10
    top: ClassVar[int] = 46
    bottom: ClassVar[int] = HEIGHT - 42

    jd: tuple[float, float]
    mag: tuple[float, float]

    def place(self, jd: float, mag: float) -> tuple[float, float]:
        """Return x and y of a time and a magnitude."""
        across = (jd - self.jd[0]) / (self.jd[1] - self.jd[0])
        down = (mag - self.mag[0]) / (self.mag[1] - self.mag[0])
        return (
            self.left + across * (self.right - self.left),
            self.top + down * (self.bottom - self.top),
        )


def draw_frame(svg: Element, frame: Frame, ticks: Mapping[str, Sequence[Tick]]) -> None:
    """Draw the box, a grid at the ticks of days and magnitudes, and all labels.

    Parameters
    ----------
    svg : Element
        What to draw into.
    frame : Frame
    ticks : mapping
        ``days`` (below) and ``dates`` (above) at Julian dates, ``mags`` at magnitudes.
    """
    days = [(frame.place(jd, 0)[0], label) for jd, label in ticks["days"]]
    dates = [(frame.place(jd, 0)[0], label) for jd, label in ticks["dates"]]
    mags = [(frame.place(0, mag)[1], label) for mag, label in ticks["mags"]]
    grid = "".join(f"M{x:.1f} {frame.top}V{frame.bottom}" for x, _ in days)
    grid += "".join(f"M{frame.left} {y:.1f}H{frame.right}" for y, _ in mags)
    SubElement(svg, "path", {"d": grid, "stroke": "var(--plot-grid, #e4e4e4)", "fill": "none"})
    box = f"M{frame.left} {frame.top}H{frame.right}V{frame.bottom}H{frame.left}z"
    box += "".join(f"M{x:.1f} {frame.top}v-5" for x, _ in dates)
    SubElement(svg, "path", {"d": box, "stroke": "currentColor", "fill": "none"})
    for x, label in days:
        write(svg, x, frame.bottom + 16, label, anchor="middle")
    for x, label in dates:
        write(svg, _within(x, label), frame.top - 9, label, anchor="middle")
    for y, label in mags:
        write(svg, frame.left - 6, y + 4.5, label, anchor="end")
    middle = (frame.left + frame.right) / 2
    write(svg, middle, HEIGHT - 8, "days from the alert; above: date (UTC)", anchor="middle")
    _write_upwards(svg, 13, (frame.top + frame.bottom) / 2, "difference mag (AB)")


def write(svg: Element, x: float, y: float, text: str, *, anchor: str = "start") -> None:
    """Write a line of text, in the colour of the text around the picture."""
    look = {"font-size": FONT, "fill": "currentColor", "text-anchor": anchor}
    SubElement(svg, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", **look}).text = text


def _write_upwards(svg: Element, x: float, y: float, text: str) -> None:
    write(svg, x, y, text, anchor="middle")
    svg[-1].set("transform", f"rotate(-90 {x:.1f} {y:.1f})")


def _within(x: float, label: str) -> float:
    """Move a label inwards that would stick out of the picture; a letter is 7 units wide."""
    half = 3.5 * len(label)
    return min(x, WIDTH - half - 2)
