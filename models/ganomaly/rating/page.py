"""The report as one HTML file that loads nothing: figures are in it."""

from __future__ import annotations

import base64
import html
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

TEMPLATE = Path(__file__).with_name("page.html")

DPI = 130


@dataclass(frozen=True)
class Table:
    """A table of texts.

    Attributes
    ----------
    head : sequence of str
    rows : sequence of sequence of str
        The first text of each names the row.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Section:
    """A part of the report.

    Attributes
    ----------
    title, text : str
    tables : sequence of Table
    figures : sequence of Figure
    """

    title: str
    text: str
    tables: Sequence[Table] = ()
    figures: Sequence[Figure] = ()


def page(title: str, lead: str, sections: Sequence[Section]) -> str:
    """Make the page.

    Parameters
    ----------
    title, lead : str
        The heading, and the lines below it.
    sections : sequence of Section

    Returns
    -------
    str
        HTML.
    """
    parts = [_section(place, section) for place, section in enumerate(sections)]
    links = [
        f'<a href="#s{place}">{html.escape(section.title)}</a>'
        for place, section in enumerate(sections)
    ]
    fields = {
        "TITLE": html.escape(title),
        "LEAD": "".join(f"<p>{html.escape(line)}</p>" for line in lead.splitlines()),
        "LINKS": " · ".join(links),
        "SECTIONS": "\n".join(parts),
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    return re.sub("@([A-Z]+)@", lambda mark: fields[mark[1]], text)


def _section(place: int, section: Section) -> str:
    parts = [f'<section id="s{place}"><h2>{html.escape(section.title)}</h2>']
    parts += [f"<p>{html.escape(line)}</p>" for line in section.text.splitlines()]
    parts += [_table(table) for table in section.tables]
    parts += [_picture(figure, section.title) for figure in section.figures]
    return "\n".join([*parts, "</section>"])


def _table(table: Table) -> str:
    head = "".join(f"<th>{html.escape(one)}</th>" for one in table.head)
    rows = [
        f"<tr><th>{html.escape(name)}</th>"
        + "".join(f"<td>{html.escape(one)}</td>" for one in rest)
        + "</tr>"
        for name, *rest in table.rows
    ]
    return f'<div class="wide"><table><tr>{head}</tr>{"".join(rows)}</table></div>'


def _picture(figure: Figure, title: str) -> str:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=DPI)
    data = base64.b64encode(file.getvalue()).decode("ascii")
    return f'<img alt="{html.escape(title)}" src="data:image/png;base64,{data}">'
