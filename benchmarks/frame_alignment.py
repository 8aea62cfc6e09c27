"""``python -m benchmarks.frame_alignment``: ways to bring a reference onto a frame's pixels.

On a simulated quadrant, each way in a process of its own: what it costs, and how far its pixels are
from those of reproject with the two full WCS, in units of the aligned reference's noise.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from astropy.stats import mad_std

from benchmarks import _report
from skysift.alerts.frame_align import align
from skysift.alerts.frame_file import read_image, world_of
from skysift.alerts.frame_swarp import align_by_swarp
from skysift.frames.ids import frames_in
from skysift.simulate.frames import FULL, Settings, write_frames


def _by_full_wcs(image, world, target, shape) -> np.ndarray:
    from reproject import reproject_interp

    filled = np.where(np.isfinite(image), image, np.nanmedian(image))
    return reproject_interp(
        (filled, world), target, shape_out=shape, order="bicubic", roundtrip_coords=False,
        return_footprint=False,
    )  # fmt: skip


FULL_WCS = "reproject, both WCS at each pixel"
WAYS: dict[str, Callable[..., np.ndarray]] = {
    FULL_WCS: _by_full_wcs,
    "reproject, linear between every 32nd pixel (ours)": align,
    "SWarp, Lanczos 3": align_by_swarp,
}


def run(folder: Path, turns: int = 3) -> _report.Rows:
    """Measure each way on the first frame of a folder.

    Returns
    -------
    list of dict
        A row a way: median CPU seconds of the process and those it started, the most memory beyond
        the two images [MiB], and quantiles of the difference. Area and flux are left as they are by
        reproject alone, and kept by the others.
    """
    rows, pixels = [], {}
    with tempfile.TemporaryDirectory() as kept:
        for number, way in enumerate(WAYS):
            file = Path(kept) / f"{number}.npy"
            told = [_measured(way, folder, file) for _ in range(turns)]
            pixels[way] = np.load(file)
            seconds, memory = np.median(told, axis=0)
            rows.append({"way": way, "CPU, s": seconds, "memory, MiB": memory})
    exact = pixels[FULL_WCS]
    noise = float(mad_std(exact, ignore_nan=True))
    for row in rows:
        apart = np.abs(pixels[row["way"]] - exact) / noise
        for share in (0.5, 0.999):
            row[f"{share:.1%} of pixels within, noise"] = float(np.nanquantile(apart, share))
    return rows


def _measured(way: str, folder: Path, file: Path) -> tuple[float, float]:
    """CPU seconds and MiB of one way, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    process = context.Process(target=_one, args=(way, folder, file, told))
    process.start()
    answer = told.get()
    process.join()
    return answer


def _one(way: str, folder: Path, file: Path, told: multiprocessing.Queue) -> None:
    import reproject  # noqa: F401 - what importing it costs is paid once a process

    files = frames_in(folder)[0]
    science, header = read_image(files.science)
    reference, own = read_image(files.reference)
    world, target = world_of(own, files.reference), world_of(header, files.science)
    before, started = _peak(), _seconds()
    aligned = WAYS[way](reference, world, target, science.shape)
    told.put((_seconds() - started, _peak() - before))
    np.save(file, aligned)


def _seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.frame_alignment", description=__doc__
    )
    parser.add_argument("--frames", type=Path, help="folder of frames; simulated if not given")
    parser.add_argument("--turns", type=int, default=3, help="turns, of which the median (3)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = chosen.frames or write_frames(1, made, Settings(seed=77, shape=FULL))
        print(_report.as_markdown("a reference onto a quadrant", run(folder, chosen.turns)))


if __name__ == "__main__":
    main()
