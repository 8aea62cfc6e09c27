"""Verify a set of galaxies: shards, table, index and manifest say the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from skysift.datasets.galaxies.index import INDEX, SetIndex
from skysift.datasets.galaxies.shard import read_shard
from skysift.datasets.manifest import describe
from skysift.models.zoobot.shards import ShardError
from skysift.models.zoobot.training_set import SHARDS, read_galaxy_set


def check_galaxy_set(folder: Path) -> dict[str, Any]:
    """Verify every byte of a set.

    Files have the checksums of the manifest, records theirs; images have the manifest's size; each
    galaxy of the table is in one shard, at the place that the index says, with the votes that the
    table says, and no other galaxy is.

    Parameters
    ----------
    folder : Path
        What `build_galaxy_set` wrote.

    Returns
    -------
    dict
        ``shards``, ``galaxies``: how many were verified.

    Raises
    ------
    ValueError
        If anything disagrees; the message says what. `ShardError` is one.
    FileNotFoundError
        If there is no complete set.
    """
    galaxies = read_galaxy_set(folder)
    for name, facts in galaxies.facts.get("files", {}).items():
        if not (folder / name).is_file():
            raise ShardError(f"{folder / name} is gone: build the set again")
        if describe(folder / name) != facts:
            raise ShardError(f"{folder / name} was changed since the set was built")
    if not (folder / INDEX).is_file():
        raise ShardError(f"{folder / INDEX} is gone: build the set again")
    index = SetIndex(folder / INDEX)
    places = index.shards()
    index.close()
    columns = [*galaxies.tree.columns, *galaxies.tree.totals]
    votes = galaxies.galaxies.set_index("id_str")[columns].to_dict("index")
    side, seen = galaxies.facts["image"]["side"], set()
    for path in galaxies.shards.paths:
        rows = read_shard(path, side)
        ids = [row.pop("id_str") for row in rows]
        if ids != places.get(path.name):
            raise ShardError(f"{path} holds other galaxies than the index says")
        for name, row in zip(ids, rows, strict=True):
            if row != votes.get(name):
                raise ShardError(f"{path}: the votes on {name} are not those of the table")
        seen.update(ids)
    if seen != set(votes):
        missing = sorted(set(votes) - seen) or sorted(seen - set(votes))
        raise ShardError(f"{folder / SHARDS} and the table disagree about {missing[0]}")
    return {"shards": len(galaxies.shards.paths), "galaxies": len(seen)}
