"""Simulate galaxies into a folder: in several processes, and on from where it was stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image

from skysift.cores import usable_cores
from skysift.galaxy_zoo import Tree, read_tree
from skysift.simulate.galaxies.galaxy import Galaxy, make_galaxies
from skysift.simulate.galaxies.settings import Settings
from skysift.simulate.producing import claim, in_processes
from skysift.whole import whole

BLOCK = 250
"""Galaxies of a folder of pictures, and of a piece of work."""
LIBRARIES = ("galsim", "numba", "numpy", "pillow", "scipy")
"""Whose versions the manifest names: another one may change a byte."""
VOTES, TRUTH = "votes.csv", "truth.parquet"


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
    claim(
        folder, settings,
        things="galaxies", about="simulated galaxies with votes", libraries=LIBRARIES,
    )  # fmt: skip
    blocks = range(-(-count // BLOCK))
    done = 0
    work = partial(_make_block, settings, folder, count)
    for made in in_processes(work, blocks, workers or min(usable_cores(), len(blocks))):
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
    table.parent.mkdir(exist_ok=True)
    with whole(table) as part:
        pd.DataFrame(rows).to_parquet(part, index=False)
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
    with whole(folder / VOTES) as part:
        table[votes].to_csv(part, index=False)
    with whole(folder / TRUTH) as part:
        table[truth].to_parquet(part, index=False)
