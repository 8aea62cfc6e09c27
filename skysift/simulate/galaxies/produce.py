"""Simulate galaxies into a folder: in several processes, and on from where it was stopped."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image

from skysift import __version__
from skysift.cores import usable_cores
from skysift.galaxy_zoo import Tree, read_tree
from skysift.simulate.galaxies.galaxy import Galaxy, make_galaxies
from skysift.simulate.galaxies.settings import Settings

BLOCK = 250
"""Galaxies of a folder of pictures, and of a piece of work."""
LIBRARIES = ("galsim", "numba", "numpy", "pillow", "scipy")
"""Whose versions the manifest names: another one may change a byte."""
VOTES, TRUTH, MANIFEST = "votes.csv", "truth.parquet", "manifest.json"


def write_galaxies(
    count: int,
    output: str | Path,
    settings: Settings,
    *,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Path:
    """Simulate galaxies into a folder, leaving those that are there already.

    The same settings write the same bytes, whatever the number of processes and however often the
    work was stopped; more galaxies begin with the same ones.

    Parameters
    ----------
    count : int
        Galaxies wanted, 1 or more.
    output : path
        Folder to write into; made if need be. The package says what lies where in it.
    settings : Settings
    workers : int, optional
        Processes; by default one for each core that may be used. A script that asks for more than
        one needs the usual ``if __name__ == "__main__":``.
    progress : callable, optional
        Called with the number of galaxies that are there, after each block.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ValueError
        If `count` is less than one, or the folder holds galaxies of other settings.
    FileExistsError
        If the folder holds something else.
    """
    if count < 1:
        raise ValueError(f"count must be 1 or more, got {count}")
    folder = Path(output)
    _claim(folder, settings)
    blocks = range(-(-count // BLOCK))
    done = 0
    work = partial(_make_block, settings, folder, count)
    for made in _in_processes(work, blocks, workers or min(usable_cores(), len(blocks))):
        done += made
        if progress is not None:
            progress(done)
    _write_tables(folder, blocks, count, read_tree(settings.tree))
    return folder


def _make_block(settings: Settings, folder: Path, count: int, block: int) -> int:
    """Make the galaxies of a block unless they are there; return how many were wanted."""
    numbers = range(block * BLOCK, min((block + 1) * BLOCK, count))
    table = _block_file(folder, block)
    if table.is_file() and len(pd.read_parquet(table, columns=["id_str"])) >= len(numbers):
        return len(numbers)
    pictures = folder / "images" / f"{block:04d}"
    pictures.mkdir(parents=True, exist_ok=True)
    tree, rows = read_tree(settings.tree), []
    for galaxy in make_galaxies(settings, numbers):
        path = pictures / f"{galaxy.id_str}.png"
        Image.fromarray(galaxy.picture).save(path, compress_level=4)
        rows.append(_row(galaxy, path.relative_to(folder), tree))
    part = table.with_name(f".{table.name}.partial")
    part.parent.mkdir(exist_ok=True)
    pd.DataFrame(rows).to_parquet(part, index=False)
    part.replace(table)
    return len(numbers)


def _row(galaxy: Galaxy, image: Path, tree: Tree) -> dict[str, Any]:
    votes = dict(zip(tree.columns, galaxy.votes.tolist(), strict=True))
    shares = zip(tree.columns, galaxy.shares.tolist(), strict=True)
    view = {"pixel": galaxy.view.pixel, "fwhm": galaxy.view.fwhm}
    return {
        "id_str": galaxy.id_str,
        "image": image.as_posix(),
        **votes,
        **{q.total: sum(votes[column] for column in q.columns) for q in tree.questions},
        **asdict(galaxy.structure),
        **view,
        **{f"seen_{name}": value for name, value in asdict(galaxy.seen).items()},
        **{f"{column}_p": share for column, share in shares},
    }


def _block_file(folder: Path, block: int) -> Path:
    return folder / "blocks" / f"{block:04d}.parquet"


def _write_tables(folder: Path, blocks: Iterable[int], count: int, tree: Tree) -> None:
    parts = [pd.read_parquet(_block_file(folder, block)) for block in blocks]
    table = pd.concat(parts, ignore_index=True).iloc[:count]
    votes = ["id_str", "image", *tree.columns, *tree.totals]
    truth = ["id_str", *(name for name in table.columns if name not in votes)]
    _whole(folder / VOTES, lambda path: table[votes].to_csv(path, index=False))
    _whole(folder / TRUTH, lambda path: table[truth].to_parquet(path, index=False))


def _in_processes(work: Callable[[int], int], blocks: Iterable[int], workers: int) -> Iterator[int]:
    """Results as they come; in this process alone for one worker."""
    if workers == 1:
        yield from map(work, blocks)
        return
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    try:
        for future in as_completed([pool.submit(work, block) for block in blocks]):
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _claim(folder: Path, settings: Settings) -> None:
    """Write the manifest, or see that the one there says the same."""
    path = folder / MANIFEST
    ours = json.loads(json.dumps(asdict(settings)))
    if path.is_file():
        theirs = json.loads(path.read_text(encoding="utf-8")).get("settings", {})
        if theirs != ours:
            told = {name: theirs.get(name) for name in ours if theirs.get(name) != ours[name]}
            raise ValueError(f"{folder} holds other galaxies ({told}); choose another folder")
        return
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} holds other files; choose an empty folder")
    versions = {name: version(name) for name in LIBRARIES}
    manifest = {
        "what": "simulated galaxies with votes",
        "settings": ours,
        "versions": {"skysift": __version__, **versions},
    }
    text = json.dumps(manifest, indent=2) + "\n"
    _whole(path, lambda part: Path(part).write_text(text, encoding="utf-8"))


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file that is there whole or not at all."""
    part = path.with_name(f".{path.name}.partial")
    write(part)
    os.replace(part, path)
