"""One shard of a set: written from images, verified when it is there already."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from skysift.cores import on_cores, usable_cores
from skysift.datasets.galaxies.images import ImageError, read_image
from skysift.datasets.galaxies.records import RecordFile, decode_example, verify
from skysift.datasets.manifest import describe
from skysift.models.zoobot.shards import ID as ID_FEATURE
from skysift.models.zoobot.shards import IMAGE as IMAGE_FEATURE
from skysift.models.zoobot.shards import ShardError
from skysift.whole import whole

AT_ONCE = 64
"""Images in memory."""


@dataclass(frozen=True)
class Shard:
    """A shard that is to be written.

    Attributes
    ----------
    path : Path
    ids : tuple of str
        Whose images go in.
    images : mapping of str to Path
        By id.
    votes : mapping of str to mapping
        By id, votes by column.
    side : int
        Of the images [px].
    """

    path: Path
    ids: tuple[str, ...]
    images: Mapping[str, Path]
    votes: Mapping[str, Mapping[str, int]]
    side: int

    @property
    def account(self) -> Path:
        """Beside it, what was left out, and its checksum."""
        return self.path.with_suffix(".json")


@dataclass(frozen=True)
class Written:
    """A shard that is there: the galaxies in it, and those left out by reason."""

    ids: list[str]
    left_out: dict[str, list[str]]


def write_shard(shard: Shard, progress: Callable[[int], object]) -> Written:
    """Write a shard, unless it is there and whole.

    Images that cannot be used are left out; the file has its name only when it is complete.

    Parameters
    ----------
    shard : Shard
    progress : callable
        Told the number of images read, again and again.
    """
    there = _there(shard)
    if there is not None:
        progress(len(shard.ids))
        return there
    kept: list[str] = []
    left_out: dict[str, list[str]] = {}
    with RecordFile(shard.path) as file:
        for start in range(0, len(shard.ids), AT_ONCE):
            names = shard.ids[start : start + AT_ONCE]
            for name, image in zip(names, _read(shard, names), strict=True):
                if isinstance(image, ImageError):
                    left_out.setdefault(image.reason, []).append(name)
                    continue
                votes = {column: int(count) for column, count in shard.votes[name].items()}
                file.append({IMAGE_FEATURE: image.tobytes(), ID_FEATURE: name.encode(), **votes})
                kept.append(name)
            progress(len(names))
    facts = {"left_out": left_out, **describe(shard.path)}
    with whole(shard.account) as part:
        part.write_text(json.dumps(facts), encoding="utf-8")
    return Written(kept, left_out)


def read_shard(path: Path, side: int) -> list[dict[str, Any]]:
    """Read a shard back: checksums, sizes, ids, votes.

    Returns
    -------
    list of dict
        A record each: ``id_str`` as text, votes by column; not the pixels.

    Raises
    ------
    ShardError
        If it is damaged, or an image has another size.
    """
    rows: list[dict[str, Any]] = []
    for record in verify(path):
        try:
            values: dict[str, Any] = decode_example(record)
            name, pixels = values.pop(ID_FEATURE).decode(), values.pop(IMAGE_FEATURE)
        except (KeyError, ValueError, AttributeError):
            raise ShardError(f"{path} holds a record that is no galaxy") from None
        if len(pixels) != side * side * 3:
            raise ShardError(
                f"{path}: the image of {name} has {len(pixels)} bytes, and {side} × {side} × 3 "
                f"are {side * side * 3}: it is of another size"
            )
        rows.append({"id_str": name, **values})
    return rows


def _there(shard: Shard) -> Written | None:
    """What a shard that was written before holds; None if it must be written."""
    try:
        facts = json.loads(shard.account.read_text(encoding="utf-8"))
        ids = [row["id_str"] for row in read_shard(shard.path, shard.side)]
    except (OSError, ValueError):  # not there, or damaged: ShardError too
        return None
    missing = {name for names in facts["left_out"].values() for name in names}
    return Written(ids, facts["left_out"]) if {*ids, *missing} == set(shard.ids) else None


def _read(shard: Shard, names: Sequence[str]) -> list[np.ndarray | ImageError]:
    def read(name: str) -> np.ndarray | ImageError:
        try:
            return read_image(shard.images[name], shard.side)
        except ImageError as error:
            return error

    return on_cores(read, names, usable_cores())
