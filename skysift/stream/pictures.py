"""One picture an alert: its three stamps beside its light curve, as scanners look at candidates."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from skysift.alerts.batch import AlertBatch
from skysift.alerts.light_curve import POINT_FIELDS
from skysift.stream.picture_light_curve import draw_light_curve
from skysift.stream.picture_stamps import draw_stamp

log = logging.getLogger(__name__)

SIZE_INCHES, DPI = (12.0, 3.5), 100

J2000 = 2451545.0
"""Julian date of 2000-01-01 12:00."""

LINE = 0.055
"""Height of a module's line above the stamps, of the figure's."""


def write_pictures(alerts: Iterable[Mapping[str, Any]], folder: str | Path) -> list[Path]:
    """Draw alerts into PNG files.

    Parameters
    ----------
    alerts : iterable of mapping
        Full alerts as ZTF or LSST packs them, or as a broker's table or our topics hold them.
        Stamps, history and scores are drawn where there are any.
    folder : path
        Where the files go; made if absent. They are named ``OBJECTID_ALERTID.png``.

    Returns
    -------
    list of Path
        One for each alert that could be drawn; the others are named in the log, with the reason.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for number, alert in enumerate(alerts):
        try:
            figure, name = draw(alert)
            figure.savefig(folder / name)
        except Exception as error:  # a stranger's alert may be anything; the others go on
            log.warning("no picture of alert number %d: %r", number, error)
        else:
            written.append(folder / name)
    return written


def draw(alert: Mapping[str, Any]) -> tuple[Figure, str]:
    """Draw one alert.

    Parameters
    ----------
    alert : mapping
        See `write_pictures`.

    Returns
    -------
    figure : Figure
        With a canvas that renders without a display.
    name : str
        What to call its file.

    Raises
    ------
    ValueError, LookupError
        If it is no alert of a known survey.
    """
    batch = AlertBatch.from_pandas(pd.DataFrame([alert]))
    figure = Figure(figsize=SIZE_INCHES, dpi=DPI)
    FigureCanvasAgg(figure)
    scores = _scores(alert)
    grid = figure.add_gridspec(
        1, 4, width_ratios=(1, 1, 1, 1.6), left=0.01, right=0.985, bottom=0.14,
        top=0.79 - LINE * max(len(scores) - 1, 0),
        wspace=0.03,
    )  # fmt: skip
    stamps = _column(batch, "stamps").images[0] if batch.has("stamps") else (None, None, None)
    for place, (name, image) in enumerate(zip(_stamp_names(batch), stamps, strict=True)):
        draw_stamp(figure.add_subplot(grid[place]), name, image, batch.survey)
    draw_light_curve(_inset_axes(figure, grid[3]), _points(batch))
    _write_title(figure, batch, scores)
    return figure, _file_name(batch)


def _stamp_names(batch: AlertBatch) -> tuple[str, str, str]:
    """Name the three stamps; ZTF turns the difference of a negative detection around."""
    turned = batch.survey == "ztf" and _value(batch, "isdiffpos") == 0
    return "science", "template", "template − science" if turned else "difference"


def _inset_axes(figure: Figure, cell: Any) -> Axes:
    """Take the cell's place, less what the labels on its left need."""
    box = cell.get_position(figure)
    return figure.add_axes((box.x0 + 0.055, box.y0, box.width - 0.055, box.height))


def _points(batch: AlertBatch) -> dict[str, np.ndarray]:
    """Take the light curve, or the alert alone where there is no such thing as a history."""
    if batch.has("light_curve"):
        return _column(batch, "light_curve").one(0)
    unknown = np.array([np.nan])
    return {name: _column(batch, name) if batch.has(name) else unknown for name in POINT_FIELDS}


def _write_title(figure: Figure, batch: AlertBatch, scores: Sequence[str]) -> None:
    name = figure.text(0.01, 0.97, _value(batch, "objectId"), fontsize=13, weight="bold", va="top")
    right = name.get_window_extent().x1 / figure.bbox.width + 0.02
    figure.text(right, 0.965, _headline(batch), fontsize=10, va="top")
    for number, line in enumerate(scores):
        figure.text(right, 0.895 - number * LINE, line, fontsize=9, va="top", color="#1d3557")


def _headline(batch: AlertBatch) -> str:
    """Tell id, time, magnitude and place."""
    when = datetime(2000, 1, 1, 12) + timedelta(days=_value(batch, "jd") - J2000)
    return (
        f"{_value(batch, 'alert_id')}   {when:%Y-%m-%d %H:%M} UTC   {_magnitude(batch)}   "
        f"α {_value(batch, 'ra'):.5f}°  δ {_value(batch, 'dec'):+.5f}°"
    )


def _magnitude(batch: AlertBatch) -> str:
    band, mag, sigma = (_value(batch, name) for name in ("band", "magpsf", "sigmapsf"))
    told = f"{band} = {mag:.2f} ± {sigma:.2f}" if np.isfinite(mag) else f"{band} without magnitude"
    return told + (" (negative)" if _value(batch, "isdiffpos") == 0 else "")


def _scores(alert: Mapping[str, Any]) -> list[str]:
    """Tell what each science module says: its numbers, or why it has none."""
    modules = {k: v for k, v in alert.items() if isinstance(v, Mapping) and "status" in v}
    return [f"{name} {_outputs(struct)}" for name, struct in modules.items()]


def _outputs(struct: Mapping[str, Any]) -> str:
    numbers = {
        name: value
        for name, value in struct.items()
        if isinstance(value, int | float) and np.isfinite(value)
    }
    if struct["status"] != "ok" or not numbers:
        return f"— ({struct['status']})"
    told = ", ".join(f"{name} {value:.3f}" for name, value in numbers.items())
    return f"{told} (ok, {struct.get('version')})"


def _value(batch: AlertBatch, name: str) -> Any:
    return _column(batch, name)[0]


def _column(batch: AlertBatch, name: str) -> Any:
    return batch.column(name)


def _file_name(batch: AlertBatch) -> str:
    """Name the file by object and alert, whatever characters a survey may use."""
    stem = f"{_value(batch, 'objectId')}_{_value(batch, 'alert_id')}"
    return re.sub(r"[^\w.+-]", "_", stem) + ".png"
