"""The finder page of a night: its detections as cards, to be sorted, filtered and followed up.

One HTML file that loads nothing but the panels beside it. Cards are made as they come into sight,
so that thousands of detections are no burden; the detections themselves are JSON in the page.
"""

from __future__ import annotations

import html
import json
import math
from pathlib import Path
from typing import Any

import pyarrow as pa

COLUMNS = (
    "id", "ni", "candid", "jd", "datestr", "p", "ra", "dec", "radecstr", "radec_err", "mag",
    "magap", "sigmagap", "magcoma", "sigmagcoma", "coma_radius", "size", "filter", "field",
    "ccdid", "qid", "seeing", "maglim", "panel", "known_status", "known_name", "known_offset",
    "known_mag", "known_source", "tracklet", "rate", "rate_pa", "tails_v", "sci_ipac_url",
)  # fmt: skip
"""What cards show, or are sorted by."""

AT_ONCE = 48
"""Cards that are made at a time."""

TEMPLATE = Path(__file__).with_name("finder_page.html")


def finder_page(night: str, detections: pa.Table, summary: str) -> str:
    """Make the page.

    Parameters
    ----------
    night : str
        Its name, YYYYMMDD.
    detections : pyarrow.Table
        Of `table.DETECTIONS`; panels lie in a folder of their frame's name beside the page.
    summary : str
        A line below the title.

    Returns
    -------
    str
        HTML.
    """
    rows = [_row(row) for row in detections.select(COLUMNS).to_pylist()]
    told = json.dumps(rows, allow_nan=False, separators=(",", ":"), ensure_ascii=False)
    page = TEMPLATE.read_text(encoding="utf-8")
    fields = {
        "@AT_ONCE@": str(AT_ONCE),
        "@NIGHT@": html.escape(night),
        "@SUMMARY@": html.escape(summary),
        "@DETECTIONS@": told.replace("<", "\\u003c"),  # no name may end the script
    }
    for mark, text in fields.items():
        page = page.replace(mark, text)
    return page


def _row(row: dict[str, Any]) -> dict[str, Any]:
    row = {name: None if _is_nan(value) else value for name, value in row.items()}
    if row["panel"] is not None:
        row["panel"] = f"{row['id']}/{row['panel']}"
    return row


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)
