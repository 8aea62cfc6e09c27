"""Write ``docs/catalogue.md`` from what the code declares: ``python -m docs.catalogue``.

Modules, filters, weights and columns are asked what they are; nothing here names one of them. The
same code gives the same page, and a test fails where the page in the repository is another.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from docs.docstrings import described, lead
from skysift import filters, models, science_modules
from skysift.alerts.columns import COLUMNS, SURVEYS, Column
from skysift.filters import Filter
from skysift.models import Preset
from skysift.science_modules import ScienceModule

PAGE = Path(__file__).with_name("catalogue.md")

HEAD = """\
<!-- Written by `make docs` from declarations in the code. Change those, not this page. -->
# Catalogue

What skysift has: [science modules](#science-modules), [filters](#filters), the
[weights](#weights) it knows, and the [columns](#columns) of an alert that modules and filters
may ask for. The words that a `status` can be are in the [data model](data-model.md#status-words).
"""

COLUMNS_NOTE = """\
A filter or module asks for a column by naming it as a parameter. Numbers and truth values arrive
as float64, NaN where null; identifiers as int64; texts as objects. A field that only later
schemas have is null in older alerts; "since" names the version that brought it.
"""


def page() -> str:
    """Compose the page, as Markdown."""
    parts = [
        HEAD,
        "## Science modules\n",
        *(_module(module) for module in science_modules.discover().values()),
        "## Filters\n",
        *(_filter(one) for one in filters.discover().values()),
        "## Weights\n",
        *(_weights(name, presets) for name, presets in models.discover().items()),
        "## Columns\n",
        COLUMNS_NOTE,
        _columns(COLUMNS.values()),
    ]
    return "\n".join(parts)


def _module(module: ScienceModule) -> str:
    outputs = {**module.outputs, "status": "string", "version": "string"}
    return "\n".join(
        [
            f"### {module.name}\n",
            f"{lead(module.score)}\n",
            f"Adds the column `{module.name}` to alerts of {', '.join(module.surveys)}.\n",
            _table(("output", "type"), [(_code(n), _code(t)) for n, t in outputs.items()]),
            _inputs(module.columns),
            _settings(module.settings, module.score),
        ]
    )


def _filter(one: Filter) -> str:
    best = f", the best by `{one.order_by}`" if one.order_by else ""
    cap = (
        f"at most {one.max_per_night} alerts a night{best}" if one.max_per_night else "no rate cap"
    )
    surveys = [survey for survey in SURVEYS if _runs_on(one, survey)]
    topics = ", ".join(_code(one.topic_for(survey)) for survey in surveys)
    return "\n".join(
        [
            f"### {one.name}\n",
            f"{lead(one.function)}\n",
            f"Topic {topics}; {cap}.\n",
            f"Takes {', '.join(map(_code, one.columns))}.\n",
            _settings(one.settings, one.function),
        ]
    )


def _runs_on(one: Filter, survey: str) -> bool:
    """Tell whether alerts of a survey have all that a filter takes, from them or from a module."""
    modules = science_modules.discover()
    return all(
        COLUMNS[name].offered_by(survey) if name in COLUMNS else survey in modules[name].surveys
        for name in one.columns
    )


def _inputs(names: Sequence[str]) -> str:
    rows = [(_code(name), *_input(name)) for name in names]
    return _table(("input", "unit", "meaning"), rows)


def _input(name: str) -> tuple[str, str]:
    if name in COLUMNS:
        return COLUMNS[name].unit, COLUMNS[name].doc
    return "", f"The struct of the science module [{name}](#{name})"


def _settings(settings: dict[str, Any], function: Any) -> str:
    meanings = described(function)
    rows = [(_code(n), _code(repr(v)), meanings.get(n, "")) for n, v in settings.items()]
    return _table(("setting", "value", "meaning"), rows)


def _weights(model: str, presets: dict[str, Preset]) -> str:
    rows = [
        (_code(p.name), p.description, p.trained_on, p.licence, _obtained(p))
        for p in presets.values()
    ]
    heads = ("weights", "what", "trained on", "licence", "how to get them")
    card = f"../models/{model}/README.md"
    return "\n".join(
        [f"### {model} weights\n", f"[Card]({card}) of the model.\n", _table(heads, rows)]
    )


def _obtained(preset: Preset) -> str:
    if preset.file is not None:
        return "ships with skysift" + (", the default" if preset.default else "")
    return _code(preset.source["how"])


def _columns(columns: Iterable[Column]) -> str:
    heads = ("column", "kind", "unit", "range", *SURVEYS, "meaning")
    rows = [
        (_code(c.name), c.kind, c.unit, _range(c), *(_paths(c, s) for s in SURVEYS), c.doc)
        for c in columns
    ]
    return _table(heads, rows)


def _range(column: Column) -> str:
    if column.low is None and column.high is None:
        return ""
    low, high = ("" if bound is None else f"{bound:.16g}" for bound in (column.low, column.high))
    return f"{low} … {high}".strip()


def _paths(column: Column, survey: str) -> str:
    """Say where a survey keeps a column: its field, or the group that many are taken from."""
    paths = column.paths.get(survey, ())
    groups = dict.fromkeys(path.partition(".")[0] for path in paths)
    shown = ", ".join(_code(name) for name in (groups if len(paths) > 2 else paths))
    return f"{shown} (since {column.since[survey]})" if survey in column.since else shown


def _code(text: str) -> str:
    return f"`{text}`"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out a table, or nothing where there are no rows."""
    if not rows:
        return ""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(_cell(c) for c in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.name}", file=sys.stderr)


if __name__ == "__main__":
    main()
