"""What the module ``tails`` and the filter ``comet_candidates`` make of a night, class by class.

    python -m benchmarks.comet_alerts                    # a simulated night, and the real alerts
    python -m benchmarks.comet_alerts --weights weights/

The simulated night has comets in it. Of the real alerts at ../shared/data none is known to be a
comet: what is kept of them is false, as far as anybody knows.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import _alerts, _report
from skysift.alerts.batch import AlertBatch
from skysift.alerts.decode import decode
from skysift.alerts.payloads import iter_payloads
from skysift.filters import get as get_filter
from skysift.science_modules import get as get_module
from skysift.simulate import write_night

MODULE, FILTER = get_module("tails"), get_filter("comet_candidates")
REAL = "real alerts"
AT_ONCE = 256
HALF = 0.5
SECONDS = 3600.0
"""Of arc in a degree."""


def run(
    night: Path, *, weights: str | None = None, real: Path = _alerts.SHARED / "ztf"
) -> list[dict[str, object]]:
    """Count, by class, what is scored, what scores high, and what the filter keeps.

    Parameters
    ----------
    night : Path
        Folder of `skysift simulate alerts`: ``packets/`` and ``truth.csv``.
    weights : str, optional
    real : Path
        Folder of real ZTF alerts; left out if it is not there.
    """
    truth = pd.read_csv(night / "truth.csv").set_index("candid")
    table = judged(night / "packets", weights)
    table["class"] = truth["class"].reindex(table["candid"]).to_numpy()
    off = SECONDS * np.hypot(
        (table["ra"] - truth["ra"].reindex(table["candid"]).to_numpy())
        * np.cos(np.radians(table["dec"])),
        table["dec"] - truth["dec"].reindex(table["candid"]).to_numpy(),
    )
    rows = [_row(name, part, off) for name, part in table.groupby("class")]
    if real.is_dir():
        alerts = judged(real, weights).drop_duplicates("candid")
        rows.append(_row(REAL, alerts, pd.Series(np.nan, alerts.index)))
    return rows


def judged(path: Path, weights: str | None) -> pd.DataFrame:
    """Score all alerts below a path and let the filter choose: a row an alert."""
    parts = []
    for batch in _batches(path):
        columns = MODULE.annotate(batch, **({"weights": weights} if weights else {}))
        parts.append(
            pd.DataFrame(
                {
                    "candid": batch.column("candid"),
                    **{name: columns[name] for name in ("score", "ra", "dec", "status")},
                    "kept": FILTER.select(batch),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _batches(path: Path) -> Iterator[AlertBatch]:
    wanted = [*MODULE.columns, *(name for name in FILTER.columns if name != MODULE.name), "candid"]
    folders = [path / "packets", path / "tables"] if (path / "tables").is_dir() else [path]
    payloads = [payload for folder in folders for payload in iter_payloads(folder)]
    for start in range(0, len(payloads), AT_ONCE):
        for group in decode(payloads[start : start + AT_ONCE], wanted).alerts:
            yield group.batch


def _row(name: str, part: pd.DataFrame, off: pd.Series) -> dict[str, object]:
    return {
        "class": name,
        "alerts": len(part),
        "scored": int((part["status"] == "ok").sum()),
        f"score ≥ {HALF}": int((part["score"] >= HALF).sum()),
        "kept": int(part["kept"].sum()),
        "median offset [arcsec]": float(off[part.index][part["kept"]].median()),
    }


def main() -> None:
    """Simulate a night if it is not there, and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.comet_alerts",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--weights", help="a .keras file or its folder; those that ship if none")
    parser.add_argument("--count", type=int, default=1000, help="alerts of the simulated night")
    parser.add_argument("--comets", type=int, default=150, help="and comets added to them")
    parser.add_argument("--seed", type=int, default=21)
    chosen = parser.parse_args()
    night = _alerts.KEPT / f"comets-{chosen.count}-{chosen.comets}-{chosen.seed}"
    if not (night / "truth.csv").exists():  # written last
        write_night(chosen.count, chosen.seed, night, comets=chosen.comets)
    print(_report.as_markdown("comet_alerts", run(night, weights=chosen.weights)))


if __name__ == "__main__":
    main()
