"""Tables of results, and the machine they were measured on."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

import psutil

Rows = Sequence[Mapping[str, object]]

RESULTS = Path(__file__).parent / "results"
LIBRARIES = ("astropy", "deflate", "fastavro", "keras", "numba", "numpy", "pyspark", "tensorflow")


def machine() -> dict[str, object]:
    """Describe the machine, the versions and the moment."""
    return {
        "date": datetime.now(timezone.utc).isoformat(timespec="minutes"),
        "commit": _commit(),
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "memory GiB": round(psutil.virtual_memory().total / 2**30),
        "load at start": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def _commit() -> str:
    """Name the commit, with a plus if tracked files differ from it."""
    folder = Path(__file__).parent
    head = ["git", "rev-parse", "--short", "HEAD"]
    changes = ["git", "status", "--porcelain", "--untracked-files=no"]
    name, changed = (
        subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout.strip()
        for command in (head, changes)
    )
    return name + "+" * bool(changed)


def _cpu_model() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def as_markdown(title: str, rows: Rows) -> str:
    """Format rows as a table of Markdown, headed by the keys of the first."""
    names = list(rows[0])
    lines = [names, ["---"] * len(names), *([_text(row[name]) for name in names] for row in rows)]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return f"### {title}\n\n{table}\n"


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else str(value)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def save(name: str, command: str, about: Mapping[str, object], tables: Mapping[str, Rows]) -> Path:
    """Write one run's results as ``results/NAME.json`` and ``results/NAME.md``.

    Parameters
    ----------
    name : str
    command : str
        What measured them.
    about : mapping
        From `machine`.
    tables : mapping of str to rows
        By title.

    Returns
    -------
    Path
        The Markdown.
    """
    RESULTS.mkdir(exist_ok=True)
    content = {"command": command, "machine": about, "tables": tables}
    (RESULTS / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    facts = "\n".join(f"- {key}: {value}" for key, value in about.items())
    parts = [f"# `{command}`\n", facts + "\n", *(as_markdown(t, r) for t, r in tables.items())]
    path = RESULTS / f"{name}.md"
    path.write_text("\n".join(parts), encoding="utf-8")
    return path
