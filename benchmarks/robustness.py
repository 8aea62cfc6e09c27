"""``python -m benchmarks.robustness``: what BTSbot says of alerts with something wrong with them.

Each alert that is scored as it came is given again with one thing changed: pixels taken away,
a number that is −999, stamps in another order, scaled or cut. Of each change the table tells how
many alerts then were refused, with which status, and of the others how far the score moved and how
many crossed 0.5: a changed verdict without a status. That number should be 0.

Everything goes through the science module, from the stamps' bytes on; without the gate, which would
not look at the stamps of most, unless it is asked for.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice, permutations
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import _alerts, _report
from skysift.alerts.batch import AlertBatch
from skysift.alerts.decode import decode
from skysift.alerts.payloads import iter_payloads
from skysift.alerts.stamps import Stamps
from skysift.science_modules import get
from skysift.simulate.fits import encode_stamp

THRESHOLD = 0.5

AT_ONCE = 256
"""Alerts in memory at a time."""

SCALES = (1e-3, 0.1, 10.0, 1e3)
SHAPES = ((63, 62), (62, 63), (48, 63), (63, 48))
NAMES = ("science", "template", "difference")

DERIVED = ("stamps", "light_curve")
NOT_FEATURES = (*DERIVED, "isdiffpos", "rb", "jdstarthist")

MODULE = get("btsbot")

Columns = dict[str, Any]
Change = Callable[[Columns, np.random.Generator], Columns]
Image = list[np.ndarray]


def run(
    path: Path, *, weights: str | None, count: int, seed: int = 1, **settings: Any
) -> _report.Rows:
    """Put some alerts through all changes.

    Parameters
    ----------
    path : Path
        Alerts in anything that skysift reads.
    weights : str or None
        Of BTSbot; None is what ships.
    count : int
        Alerts to read; only those that are scored as they came count.
    seed : int
        Of where pixels are taken.
    **settings
        Other settings of the module.

    Returns
    -------
    list of dict
        A row a change: alerts, changed verdicts, refused, largest and 99 % difference, statuses.
    """
    settings = {"weights": weights, **settings}
    totals: dict[str, list[tuple[np.ndarray, dict[str, Any]]]] = {}
    for columns in scored_alerts(path, count, settings):
        whole = _verdicts(columns, settings)["score"]
        for place, (name, change) in enumerate(changes().items()):
            changed = change(columns, np.random.default_rng([seed, place]))
            totals.setdefault(name, []).append((whole, _verdicts(changed, settings)))
    return [_row(name, parts) for name, parts in totals.items()]


def scored_alerts(path: Path, count: int, settings: Mapping[str, Any]) -> Iterator[Columns]:
    """Yield the columns of the alerts that have a score, in batches."""
    for batch in _batches(path, count):
        columns = {name: batch.column(name) for name in MODULE.columns}
        sound = np.flatnonzero(_verdicts(columns, settings)["status"] == "ok")
        if len(sound):
            yield _taken(columns, sound)


def changes() -> dict[str, Change]:
    """Return everything that is done to alerts, by name."""
    holes: dict[str, Callable[..., np.ndarray]] = {
        "NaN: strip at an edge, 1–8 px": partial(_strip, deepest=8),
        "NaN: strip at an edge, 1–28 px": partial(_strip, deepest=28),
        "NaN: block": _block,
        "NaN: 1 % of the pixels": _scatter,
        "NaN: the middle pixel": _middle,
    }
    return {
        **{f"{name}, all stamps": _on_stamps(partial(_holed, hole=h)) for name, h in holes.items()},
        **{
            f"{name}, one stamp": _on_stamps(partial(_holed_one, hole=h))
            for name, h in holes.items()
        },
        **{f"stamps {a} × {b} px": _on_stamps(partial(_short, shape=(a, b))) for a, b in SHAPES},
        **{
            f"order {', '.join(NAMES[i] for i in order)}": _on_stamps(
                partial(_reorder, order=order)
            )
            for order in list(permutations(range(3)))[1:]
        },
        **{f"pixels × {s:g}, all stamps": _on_stamps(partial(_scale, by=(s,) * 3)) for s in SCALES},
        **{
            f"pixels × {s:g}, {name}": _on_stamps(partial(_scale, by=_only(i, s)))
            for i, name in enumerate(NAMES)
            for s in (SCALES[0], SCALES[-1])
        },
        **{
            f"−999 in {name}": partial(_missing, names=(name,))
            for name in MODULE.columns
            if name not in NOT_FEATURES
        },
        "−999 in sgscore2, distpsnr2": partial(_missing, names=("sgscore2", "distpsnr2")),
    }


def main() -> None:
    """Print the table for one set of weights and alerts."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.robustness", description=__doc__)
    parser.add_argument("--weights", help="a .keras file or a folder; default: what ships")
    parser.add_argument("--alerts", type=Path, help="default: a simulated night")
    parser.add_argument("--count", type=int, default=1000, help="alerts to read (1000)")
    parser.add_argument("--cascade", action="store_true", help="let the gate settle what it can")
    parser.add_argument("--save", metavar="NAME", help="write results/NAME.md and .json too")
    chosen = parser.parse_args()
    path = chosen.alerts or _alerts.simulated_night(chosen.count)
    rows = run(path, weights=chosen.weights, count=chosen.count, cascade=chosen.cascade)
    print(_report.as_markdown("robustness", rows))
    print(f"changed verdicts without a status: {sum(row['changed verdicts'] for row in rows)}")
    if chosen.save:
        command = " ".join(["python -m benchmarks.robustness", *sys.argv[1:]])
        print(_report.save(chosen.save, command, _report.machine(), {"robustness": rows}))


def _batches(path: Path, count: int) -> Iterator[AlertBatch]:
    """Decode the first alerts of ZTF, some at a time."""
    payloads = iter_payloads(path)
    while count > 0 and (some := list(islice(payloads, min(AT_ONCE, count)))):
        for alerts in decode(some, MODULE.columns).alerts:
            if alerts.batch.survey == "ztf":
                count -= len(alerts.batch)
                yield alerts.batch


def _taken(columns: Columns, rows: np.ndarray) -> Columns:
    """Choose alerts."""
    return {n: c.take(rows) if n in DERIVED else c[rows] for n, c in columns.items()}


def _verdicts(columns: Columns, settings: Mapping[str, Any]) -> dict[str, Any]:
    with np.errstate(all="ignore"):
        told = dict(MODULE.score(*(columns[name] for name in MODULE.columns), **settings))
    told["score"] = np.where(told["status"] == "ok", told["score"], np.nan)
    return told


def _row(name: str, parts: list[tuple[np.ndarray, dict[str, Any]]]) -> dict[str, object]:
    before = np.concatenate([whole for whole, _ in parts])
    after = np.concatenate([told["score"] for _, told in parts])
    status = np.concatenate([told["status"] for _, told in parts])
    scored = status == "ok"
    moved = np.abs(after - before)[scored]
    crossed = ((after >= THRESHOLD) != (before >= THRESHOLD)) & scored
    reasons = Counter(status[~scored].tolist())
    return {
        "change": name,
        "alerts": len(before),
        "changed verdicts": int(crossed.sum()),
        "refused": int((~scored).sum()),
        "largest difference": float(moved.max(initial=0)),
        "99 % of differences below": float(np.quantile(moved, 0.99)) if len(moved) else 0.0,
        "statuses": ", ".join(f"{reason} {n}" for reason, n in reasons.most_common()),
    }


def _missing(columns: Columns, rng: np.random.Generator, *, names: tuple[str, ...]) -> Columns:
    return {**columns, **{name: np.full_like(columns[name], -999.0) for name in names}}


def _on_stamps(change: Callable[[Image, np.random.Generator], Image]) -> Change:
    """Make a change of columns from one of an alert's three images; they are packed anew."""

    def apply(columns: Columns, rng: np.random.Generator) -> Columns:
        images = [change(list(image), rng) for image in columns["stamps"].images]
        packed = [tuple(encode_stamp(stamp) for stamp in image) for image in images]
        return {**columns, "stamps": Stamps.packed(packed)}  # type: ignore[arg-type]

    return apply


def _holed(image: Image, rng: np.random.Generator, *, hole: Callable[..., np.ndarray]) -> Image:
    """Take the same pixels out of all stamps."""
    where = hole(image[0].shape, rng)
    return [_without(stamp, where) for stamp in image]


def _holed_one(image: Image, rng: np.random.Generator, *, hole: Callable[..., np.ndarray]) -> Image:
    """Take pixels out of one stamp."""
    which = rng.integers(3)
    where = hole(image[which].shape, rng)
    return [_without(s, where) if i == which else s for i, s in enumerate(image)]


def _without(stamp: np.ndarray, where: np.ndarray) -> np.ndarray:
    return np.where(where, np.float32(np.nan), stamp)


def _strip(shape: tuple[int, int], rng: np.random.Generator, *, deepest: int) -> np.ndarray:
    axis = int(rng.integers(2))
    lost = np.arange(shape[axis]) < rng.integers(1, deepest + 1)
    lost = lost[::-1] if rng.random() < 0.5 else lost
    return np.broadcast_to(lost[:, None] if axis == 0 else lost, shape)


def _block(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    mask = np.zeros(shape, dtype=bool)
    top, left = (rng.integers(length) for length in shape)
    height, width = rng.integers(2, 25, size=2)
    mask[top : top + height, left : left + width] = True
    return mask


def _scatter(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    return rng.random(shape) < 0.01


def _middle(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    mask = np.zeros(shape, dtype=bool)
    mask[shape[0] // 2, shape[1] // 2] = True
    return mask


def _short(image: Image, rng: np.random.Generator, *, shape: tuple[int, int]) -> Image:
    """Cut all stamps at the bottom or the right, as at the edge of a chip."""
    return [stamp[: shape[0], : shape[1]] for stamp in image]


def _reorder(image: Image, rng: np.random.Generator, *, order: tuple[int, ...]) -> Image:
    return [image[i] for i in order]


def _scale(image: Image, rng: np.random.Generator, *, by: tuple[float, ...]) -> Image:
    with np.errstate(over="ignore"):  # masked pixels of a reference are the lowest float32
        return [stamp * np.float32(factor) for stamp, factor in zip(image, by, strict=True)]


def _only(which: int, factor: float) -> tuple[float, ...]:
    return tuple(factor if i == which else 1.0 for i in range(3))


if __name__ == "__main__":
    main()
