"""A quadrant searched by our network, and tile by tile by the published one; and in what memory.

The quadrant is simulated. The published network has new weights, which cost the same as any others,
and its published preprocessing: once by Keras' `predict` on all tiles, as the published code does
it, and once by our own loop over tiles, which works on several cores.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import _alerts
from benchmarks._timing import Side, UnequalError, take_turns
from skysift.alerts.frame_images import FrameImages, read_frame
from skysift.frames.ids import frames_in
from skysift.models import tails
from skysift.models.tails import tiling
from skysift.models.tails.detector import Detector
from skysift.models.tails.inputs import published_planes
from skysift.simulate.frames import FULL, Settings, write_frames

NAME = "tails_v1"
PREDICT, LOOP = "tails_v1, predict on all tiles", "tails_v1, our loop over tiles"
BATCH = 32
"""Tiles in one step of `predict`: Keras' default, which the published code keeps."""
TARGETS = {PREDICT: 10.0}
"""Asked of the published way of looking at tiles; the other row tells what a better loop gains."""
TARGET_MIB = 2048

CLEAR, NEAR = 10.0, 5.0
"""S/N of comets that any search finds, and pixels from them within which it does."""

THRESHOLD = 0.5


def run(
    night: Path, *, side: int | None = None, turns: int = 3, folder: Path = _alerts.KEPT
) -> list[dict[str, object]]:
    """Time both on one frame, and search it once more in a process of its own.

    Parameters
    ----------
    night : Path
        Not used: frames are no alerts.
    side : int, optional
        Of the frame [px]; a whole quadrant by default.
    turns : int
    folder : Path
        Where the frame is kept.
    """
    frames = _simulated(folder, (side, side) if side else FULL)
    images = _read(frames).images
    scorer = tails.load()  # starts Keras
    _check(scorer.detect(images, threshold=THRESHOLD), frames)
    predict, loop = _published(images)
    sides = {
        "skysift": Side(lambda: scorer.detect(images, threshold=THRESHOLD), 1),
        PREDICT: Side(predict, 1),
        LOOP: Side(loop, 1),
    }
    times = take_turns(sides, turns)
    ours = times.pop("skysift")
    height, width = images.shape[:2]
    tiles = len(tiling.starts(height)) * len(tiling.starts(width))
    peak = _peak_alone(frames)
    return [
        {
            "what": f"a frame of {height} × {width}, {tiles} tiles",
            "today": name,
            "today s": it.wall,
            "skysift s": ours.wall,
            "ratio": it.wall / ours.wall,
            "ratio of CPU time": it.cpu / ours.cpu,
            "target": TARGETS.get(name),
            "peak MiB": peak,
            "target MiB": TARGET_MIB,
        }
        for name, it in times.items()
    ]


def _simulated(folder: Path, shape: tuple[int, int]) -> Path:
    """Return a folder with one frame, simulated once."""
    frames = folder / f"frame-{shape[0]}"
    if not (frames / "truth.csv").exists():  # written last
        write_frames(1, frames, Settings(seed=_alerts.SEED, shape=shape), workers=1)
    return frames


def _read(frames: Path) -> FrameImages:
    (files,) = frames_in(frames)
    return read_frame(files.science, files.reference, files.difference)


def _published(images: np.ndarray) -> tuple[Callable[[], object], Callable[[], object]]:
    """Ways to look at all tiles of a frame with the published network."""
    import keras

    from skysift.models.tails import networks

    keras.utils.set_random_seed(1)
    own = {"published_fusion": True, "published_sigmoids": True}
    settings = {**networks.settings_of(NAME), **own}
    model = networks.build(NAME, **settings)
    detector = Detector(model, {"name": NAME, "settings": settings}, "tails", images.shape[-1])

    def predict() -> np.ndarray:
        height, width = images.shape[:2]
        tiles = [
            tiling.cut(images, x, y, tiling.SIDE)
            for y in tiling.starts(height)
            for x in tiling.starts(width)
        ]
        planes, _ = published_planes(np.stack(tiles))
        return model.predict({networks.INPUT: planes}, batch_size=BATCH, verbose=0)

    return predict, lambda: detector.frame(images, THRESHOLD)


def _check(found: dict[str, np.ndarray], frames: Path) -> None:
    """Make sure that what is timed is a search: it finds the clear comets."""
    truth = pd.read_csv(frames / "truth.csv")
    clear = truth[(truth["kind"] == "comet") & (truth["snr"] > CLEAR) & (truth["blocked"] < 0.1)]
    away = np.hypot(
        clear["x"].to_numpy()[:, None] - found["x"], clear["y"].to_numpy()[:, None] - found["y"]
    )
    seen = int((away < NEAR).any(axis=1).sum())
    if 2 * seen < len(clear):
        raise UnequalError(f"{seen} of {len(clear)} clear comets were found in {frames}")


def _peak_alone(frames: Path) -> float:
    """Most memory [MiB] of a process that reads, aligns and searches the frame, and no more."""
    command = [sys.executable, "-m", "benchmarks.bench_frames", str(frames)]
    root = Path(__file__).parents[1]
    return float(subprocess.run(command, capture_output=True, check=True, cwd=root).stdout)


def _search(frames: Path) -> None:
    """Search a frame in this process and print its peak memory [MiB], as Linux knows it."""
    tails.load().detect(_read(frames).images, threshold=THRESHOLD)
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    print(int(peak) / 1024)


if __name__ == "__main__":
    _search(Path(sys.argv[1]))
