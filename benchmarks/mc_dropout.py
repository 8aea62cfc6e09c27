"""``python -m benchmarks.mc_dropout``: T passes with dropout, the trunk run once and T times.

Both ways run the same compiled trunk and head of a Zoobot network that has learned nothing, on
images of noise, and drop the same features; their answers must agree to 1e-4.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks import _report
from benchmarks._timing import Side, UnequalError, take_turns
from skysift.models import _backend

PASSES = 15
TARGET = 8.0
TOLERANCE = 1e-4

NETWORKS = {
    "bayesian_cnn, 128 px": ("bayesian_cnn", {"stored": 128, "side": 128}),
    "efficientnet, half of B0, 64 px": (
        "efficientnet", {"stored": 64, "side": 64, "width": 0.5, "depth": 0.5, "answers": (3, 2)},
    ),
}  # fmt: skip


def run(count: int = 64, turns: int = 5, passes: int = PASSES) -> _report.Rows:
    """Time both ways with each network.

    Returns
    -------
    list of dict
        A row a network: ms of wall clock a galaxy, for one pass and for `passes` of either way, and
        the ratio of these, which is to be `TARGET` or more with 15 passes.
    """
    _backend.start()
    from skysift.models._serving import compiled
    from skysift.models.zoobot import networks
    from skysift.models.zoobot.uncertainty.sampler import Sampler

    rows = []
    for title, (name, settings) in NETWORKS.items():
        sampler = Sampler(networks.build(name, **settings), compiled)
        shape = (count, settings["stored"], settings["stored"], 3)
        images = np.random.default_rng(1).uniform(0, 255, shape).astype(np.float32)

        masks = sampler.masks(passes, seed=0)

        def once(sampler=sampler, images=images, masks=masks):
            return sampler.sampled(sampler.features(images), masks)

        def again_and_again(sampler=sampler, images=images, masks=masks):
            every = [sampler.sampled(sampler.features(images), mask[None]) for mask in masks]
            return np.concatenate(every, axis=1)

        def one(sampler=sampler, images=images):
            return sampler.settled(sampler.features(images))

        if not np.allclose(once(), again_and_again(), atol=TOLERANCE, rtol=TOLERANCE):
            raise UnequalError(f"{title}: both ways must say the same")
        sides = {"one": one, "once": once, "again": again_and_again}
        times = take_turns({key: Side(do, count) for key, do in sides.items()}, turns)
        rows.append(
            {
                "network": title,
                "one pass, ms": times["one"].wall * 1e3,
                f"{passes} passes, trunk once, ms": times["once"].wall * 1e3,
                f"{passes} passes, trunk each time, ms": times["again"].wall * 1e3,
                "ratio": times["again"].wall / times["once"].wall,
                "ratio of CPU time": times["again"].cpu / times["once"].cpu,
                "target": TARGET,
            }
        )
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mc_dropout", description=__doc__)
    parser.add_argument("--count", type=int, default=64, help="galaxies to look at (64)")
    parser.add_argument("--turns", type=int, default=5, help="turns, of which the median (5)")
    parser.add_argument("--save", metavar="NAME", help="write results/NAME.md and .json too")
    chosen = parser.parse_args()
    tables = {"passes with dropout": run(chosen.count, chosen.turns)}
    for title, rows in tables.items():
        print(_report.as_markdown(title, rows))
    if chosen.save:
        command = f"python -m benchmarks.mc_dropout --count {chosen.count}"
        print(_report.save(chosen.save, command, _report.machine(), tables))


if __name__ == "__main__":
    main()
