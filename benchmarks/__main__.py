"""``python -m benchmarks``: measure, and print tables of Markdown."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks import (
    _alerts,
    _report,
    bench_avro,
    bench_comets,
    bench_frames,
    bench_job,
    bench_module,
    bench_scoring,
    bench_stamps,
)

BENCHES: dict[str, Callable[..., _report.Rows]] = {
    "stamps": bench_stamps.run,
    "avro": bench_avro.run,
    "scoring": bench_scoring.run,
    "module": bench_module.run,
    "comets": bench_comets.run,
    "frames": bench_frames.run,
    "job": bench_job.run,
}
NIGHT = 9600
QUICK: Mapping[str, Any] = {
    "stamps": {"count": 20, "turns": 3},
    "avro": {"count": 120, "turns": 3},
    "scoring": {"count": 64, "turns": 3},
    "module": {"count": 64, "turns": 3},
    "comets": {"count": 64, "turns": 3},
    "frames": {"side": 512, "turns": 1},
    "job": {"counts": (60, 120)},
}
QUICK_NIGHT = 120


def main() -> None:
    """Run the benchmarks that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}")
    parser.add_argument("--quick", action="store_true", help="few alerts: to see that it runs")
    parser.add_argument("--save", metavar="NAME", help="write results/NAME.md and .json too")
    chosen = parser.parse_args()
    names = chosen.names or list(BENCHES)
    if unknown := set(names) - set(BENCHES):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    about = _report.machine()
    night = _alerts.simulated_night(QUICK_NIGHT if chosen.quick else NIGHT)
    tables = {}
    for name in names:
        settings = QUICK[name] if chosen.quick else {}
        tables[name] = BENCHES[name](night, **settings)
        print(_report.as_markdown(name, tables[name]), flush=True)
    print(" · ".join(f"{key} {value}" for key, value in about.items()))
    if chosen.save:
        command = " ".join(["python -m benchmarks", *chosen.names, *["--quick"] * chosen.quick])
        print(_report.save(chosen.save, command, about, tables))


if __name__ == "__main__":
    main()
