"""Known objects near detections, and links between detections: what they cost and how well they do.

    python -m benchmarks.moving_objects [--orbits 1400000]

Orbits, nights and detections are made up from a seed. Times are CPU time of one process.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa

from skysift.frames.known.catalogue import Catalogue
from skysift.frames.known.ephemeris import ephemeris
from skysift.frames.known.matching import match_table
from skysift.frames.known.places import ARCSEC, seen
from skysift.frames.known.sky import night_sky
from skysift.frames.tracklets import link, mark
from tests.frames.moving import crowd, night
from tests.frames.orbit_lines import asteroid_line

EPOCH = 2459000.5
"""Of the made-up orbits, Julian date."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orbits", type=int, default=1_400_000, help="in the made-up MPCORB.DAT")
    known(parser.parse_args().orbits)
    linking()


def known(orbits: int) -> None:
    """A catalogue as large as the real one: reading, the sky of a night, frames."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "MPCORB.DAT"
        with path.open("w") as file:
            file.writelines(f"{line}\n" for line in _lines(orbits))
        with _timed(f"read {orbits:,} orbits"):
            catalogue = Catalogue.read([path])
    chance = np.random.default_rng(2)
    frames = [_frame(number, chance) for number in range(6)]
    with _timed("the sky of a night, and its first frame"):
        match_table(frames[0], catalogue)
    for frame in frames[1:]:
        with _timed("another frame of the night"):
            match_table(frame, catalogue)
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")
    some = catalogue.orbits[:: max(1, orbits // 300)]
    for days in (50.0, 200.0, 1000.0, 2500.0):
        alone = seen(some, EPOCH + days, ephemeris(), planets=False).directions
        pulled = seen(some, EPOCH + days, ephemeris()).directions
        sky = night_sky(some, EPOCH + days, ephemeris(), faintest=99.0)
        near = [row in sky.near(EPOCH + days, place, 0.6) for row, place in enumerate(pulled)]
        off = np.linalg.norm(alone - pulled, axis=1) * ARCSEC
        print(
            f"without the planets, {days:.0f} days from the epoch: off by {np.median(off):.1f}″ in"
            f" the median, {np.quantile(off, 0.95):.0f}″ at 95 %; the night's sky has"
            f" {np.mean(near):.1%} of them on the quadrant where they are"
        )


def linking() -> None:
    """Made-up nights with known truth."""
    three, two = (0.0, 40.0, 85.0), (0.0, 30.0)
    for objects, false, visits in (
        (2, 0.02, three),
        (2, 1.0, three),
        (2, 1.0, two),
        (8, 4.0, three),
        (8, 4.0, two),
    ):
        table, truth = night(
            40, objects=objects, false=false, visits=visits, rng=np.random.default_rng(11)
        )
        pure, complete = _graded(mark(table, link(table)), truth)
        print(
            f"{objects} objects and {false} detections of nothing a quadrant, {len(visits)} visits:"
            f" purity {pure:.3f}, completeness {complete:.3f}"
        )
    full = crowd(10_000, visits=8, rng=np.random.default_rng(1))
    with _timed("10,000 detections of nothing on one quadrant"):
        link(full)


def _lines(count: int) -> Iterator[str]:
    """A belt, and one in forty near the Earth."""
    chance = np.random.default_rng(1)
    near = np.arange(count) % 40 == 0
    axis = np.where(near, chance.uniform(0.8, 2.5, count), chance.normal(2.6, 0.2, count))
    shape = np.where(near, chance.uniform(0.2, 0.7, count), chance.uniform(0, 0.25, count))
    tilt = np.minimum(chance.rayleigh(7, count), 90)
    turns = chance.uniform(0, 360, (3, count))
    magnitude = chance.normal(17.0, 1.3, count)
    for number in range(count):
        yield asteroid_line(
            f"({number})",
            magnitude=magnitude[number],
            anomaly=turns[0, number],
            argument=turns[1, number],
            node=turns[2, number],
            inclination=tilt[number],
            eccentricity=shape[number],
            axis=axis[number],
        )


def _frame(number: int, chance: np.random.Generator) -> pa.Table:
    """Twenty detections on a quadrant near the ecliptic."""
    ra, count = chance.uniform(0, 360), 20
    dec = 23.4 * np.sin(np.radians(ra)) + chance.uniform(-5, 5)
    return pa.table(
        {
            "id": [f"f{number}"] * count,
            "candid": [f"f{number}_{each}" for each in range(count)],
            "jd": [EPOCH + 60.3 + 0.01 * number] * count,
            "ra": (ra + chance.uniform(-0.4, 0.4, count)) % 360,
            "dec": dec + chance.uniform(-0.4, 0.4, count),
        }
    )


def _graded(table: pa.Table, truth: np.ndarray) -> tuple[float, float]:
    """Share of tracklets that are one object; share of objects seen twice that have such a one."""
    members = defaultdict(list)
    for name, true in zip(table["tracklet"].to_pylist(), truth, strict=True):
        if name is not None:
            members[name].append(true)
    pure = {each[0] for each in members.values() if len(set(each)) == 1 and each[0]}
    names, times = np.unique(truth[truth != ""], return_counts=True)
    wanted = set(names[times > 1])
    whole = [each for each in members.values() if len(set(each)) == 1 and each[0]]
    return len(whole) / len(members), len(wanted & pure) / len(wanted)


@contextmanager
def _timed(name: str) -> Iterator[None]:
    begun = time.process_time()
    yield
    print(f"{name}: {time.process_time() - begun:.2f} s", flush=True)


if __name__ == "__main__":
    main()
