"""Make a training set of galaxies with votes, and go on where it was stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from skysift import __version__
from skysift.datasets.exclusions import Exclusions
from skysift.datasets.galaxies.catalog import ID, CatalogError, read_catalog
from skysift.datasets.galaxies.images import KINDS, find_images, kind_of
from skysift.datasets.galaxies.index import INDEX, SetIndex
from skysift.datasets.galaxies.layout import Layout
from skysift.datasets.galaxies.shard import Shard, write_shard
from skysift.datasets.manifest import describe, write_manifest
from skysift.models.zoobot.training_set import GALAXIES, MANIFEST, PARTS, SHARDS, TRUTH
from skysift.whole import whole

SHARES = {"train": 0.7, "validation": 0.1, "test": 0.2}
"""Of the galaxies, unless others are asked for."""
PLAN = "plan.json"
SIDES = (8, 1024)
FROM_TRUTH = ("kind",)
"""Columns of a table of truth that go into the set beside true probabilities."""

Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class BuildOptions:
    """How a set is made.

    Attributes
    ----------
    size : int
        Side of the stored images [px].
    shares : mapping of str to float
        Of the galaxies, by part.
    seed : int
        Of the split, and of the order in the shards.
    min_votes : int
        Least number of people who answered the first question; 0 keeps galaxies that nobody has
        looked at yet.
    shard_size : int
        Galaxies in a shard.
    kind : str or None
        ``picture`` or ``fits``: images of the other kind are not looked at.

    Raises
    ------
    ValueError
        If something is out of bounds.
    """

    size: int = 128
    shares: Mapping[str, float] = field(default_factory=lambda: dict(SHARES))
    seed: int = 2
    min_votes: int = 1
    shard_size: int = 4096
    kind: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        least = {"seed": 0, "min_votes": 0, "shard_size": 1}
        for name, low in least.items():
            if getattr(self, name) < low:
                raise ValueError(f"{name} must be {low} or more, got {getattr(self, name)}")
        if not SIDES[0] <= self.size <= SIDES[1]:
            raise ValueError(f"size must be {SIDES[0]} to {SIDES[1]} px, got {self.size}")
        if self.kind not in (None, *KINDS):
            raise ValueError(f"format must be one of {', '.join(KINDS)}; got {self.kind!r}")
        unknown = set(self.shares) - set(PARTS)
        total = sum(self.shares.values())
        if unknown or min(self.shares.values(), default=0) < 0 or abs(total - 1.0) > 1e-6:
            raise ValueError(
                f"shares must be of {', '.join(PARTS)}, none negative, and add up to 1. "
                f"Got: {dict(self.shares)}"
            )

    @property
    def as_dict(self) -> dict[str, Any]:
        """For the manifest."""
        return {**vars(self), "shares": dict(self.shares)}


def build_galaxy_set(
    catalog: Path,
    images: Path,
    output: Path,
    options: BuildOptions,
    *,
    layout: Layout | None = None,
    truth: Path | None = None,
    progress: Progress = lambda read, kept: None,
) -> dict[str, Any]:
    """Build a set, or find the same one there.

    Shards that are there and whole are not written again, so that an interrupted build goes on.

    Parameters
    ----------
    catalog : Path
        See `read_catalog`.
    images : Path
        Folder; see `find_images`.
    output : Path
        Folder to write ``manifest.json``, ``galaxies.parquet``, ``index.sqlite`` and ``shards/``.
    options : BuildOptions
    layout : Layout, optional
        Of the catalog; by default the known one that fits.
    truth : Path, optional
        Parquet with ``id_str`` and true probabilities ``<question>_<answer>_p``.
    progress : callable
        Told the numbers of images read, and of galaxies that have one.

    Returns
    -------
    dict
        The manifest: ``tree``, ``image``, ``galaxies`` by part, ``exclusions``, ``options``,
        ``inputs``, ``files``.

    Raises
    ------
    ValueError
        If the catalog, the images or the truth cannot be used; the message says why.
    FileExistsError
        If the folder holds a set that is made otherwise.
    """
    exclusions = Exclusions()
    table, layout = read_catalog(catalog, layout, exclusions, min_votes=options.min_votes)
    found = find_images(images, table, layout, options.kind)
    with_image = table[ID].isin(found)
    exclusions.add("no_image", table.loc[~with_image, ID], "galaxies")
    table = _with_truth(table[with_image].reset_index(drop=True), truth, layout)
    table["split"] = _split(table[ID], options)
    plan = _claim(output, table, found, layout, options)
    shards = _plan_shards(output, table, found, layout, options)
    if (output / MANIFEST).is_file():
        manifest = json.loads((output / MANIFEST).read_text(encoding="utf-8"))
        if _untouched(output, manifest):
            return manifest
        (output / MANIFEST).unlink()
    table = _write(output, table, shards, exclusions, progress)
    formats = pd.Series([kind_of(found[name]) for name in table[ID]]).value_counts()
    files = [GALAXIES, *(f"{SHARDS}/{shard.path.name}" for shard in shards)]
    manifest = {
        "what": "galaxies with votes",
        "tree": layout.tree.as_table,
        "image": {"side": options.size, "channels": 3, "dtype": "uint8"},
        "galaxies": {part: int((table["split"] == part).sum()) for part in PARTS},
        "formats": {str(name): int(count) for name, count in formats.items()},
        "exclusions": exclusions.as_dict,
        "options": options.as_dict,
        "plan": plan,
        "inputs": {"catalog": {"file": str(catalog), **describe(catalog)}, "images": str(images)},
        "files": {name: describe(output / name) for name in files},
        "skysift": __version__,
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }
    write_manifest(manifest, output / MANIFEST)
    return manifest


def _write(
    output: Path,
    table: pd.DataFrame,
    shards: list[Shard],
    exclusions: Exclusions,
    progress: Progress,
) -> pd.DataFrame:
    """Write shards, table and index; return the galaxies that are in them."""
    rows: list[dict[str, Any]] = []
    read = 0

    def tell(more: int) -> None:
        nonlocal read
        read += more
        progress(read, len(rows))

    for shard in shards:
        written = write_shard(shard, tell)
        for reason, names in written.left_out.items():
            exclusions.add(reason, names, "galaxies")
        rows += [
            {ID: name, "shard": shard.path.name, "place": place}
            for place, name in enumerate(written.ids)
        ]
    if not rows:
        raise CatalogError(f"no image could be read: {exclusions.counts}")
    kept = pd.DataFrame(rows).merge(table, on=ID, how="left", validate="one_to_one")
    with whole(output / GALAXIES) as part:
        kept.drop(columns="place").to_parquet(part, index=False)
    for file in output.glob(f"{INDEX}*"):
        file.unlink()  # of a build that did not end
    index = SetIndex(output / INDEX)
    index.add(kept[[ID, "split", "shard", "place"]].to_dict("records"))
    index.close()
    return kept


def _with_truth(table: pd.DataFrame, truth: Path | None, layout: Layout) -> pd.DataFrame:
    """Add true probabilities."""
    table = table.drop(columns="image")
    if truth is None:
        return table
    known = pd.read_parquet(truth)
    wanted = [f"{column}{TRUTH}" for column in layout.tree.columns]
    lacking = [name for name in (ID, *wanted) if name not in known]
    if lacking:
        raise CatalogError(f"{truth} lacks the columns: {', '.join(lacking)}")
    wanted += [name for name in FROM_TRUTH if name in known]
    known[ID] = known[ID].astype(str)
    unknown = ~table[ID].isin(known[ID])
    if unknown.any():
        raise CatalogError(f"{truth} has nothing of the galaxy {table.loc[unknown, ID].iloc[0]}")
    return table.merge(known[[ID, *wanted]], on=ID, how="left", validate="one_to_one")


def _split(ids: pd.Series, options: BuildOptions) -> list[str]:
    """Part of each galaxy, at random by the seed; the order of the catalog plays no role."""
    rng = np.random.default_rng(options.seed)
    shuffled = rng.permutation(np.sort(ids.to_numpy(str)))
    shares = [options.shares.get(part, 0.0) for part in PARTS]
    ends = np.rint(np.cumsum(shares) * len(shuffled)).astype(int)
    groups = np.split(shuffled, ends[:-1])
    part_of = {
        name: part for part, group in zip(PARTS, groups, strict=True) for name in group.tolist()
    }
    return [part_of[name] for name in ids]


def _plan_shards(
    output: Path,
    table: pd.DataFrame,
    found: Mapping[str, Path],
    layout: Layout,
    options: BuildOptions,
) -> list[Shard]:
    """Cut each part, in random order, into shards: catalogs are sorted by what is in them."""
    columns = [*layout.tree.columns, *layout.tree.totals]
    votes = table.set_index(ID)[columns].to_dict("index")
    (output / SHARDS).mkdir(exist_ok=True)
    shards = []
    for number, part in enumerate(PARTS):
        rng = np.random.default_rng([options.seed, number])
        names = rng.permutation(np.sort(table.loc[table["split"] == part, ID].to_numpy(str)))
        for start in range(0, len(names), options.shard_size):
            ids = tuple(names[start : start + options.shard_size].tolist())
            place = f"s{options.size}_{part}_shard_{start // options.shard_size:05d}.tfrecord"
            shards.append(Shard(output / SHARDS / place, ids, found, votes, options.size))
    return shards


def _claim(
    output: Path,
    table: pd.DataFrame,
    found: Mapping[str, Path],
    layout: Layout,
    options: BuildOptions,
) -> str:
    """Write down what is about to be made, or see that it is what was begun; return its digest."""
    digest = hashlib.sha256(json.dumps([options.as_dict, layout.tree.as_table]).encode())
    for name in sorted(table[ID]):
        stat = found[name].stat()
        digest.update(f"{name}\0{found[name].name}\0{stat.st_size}\n".encode())
    digest.update(pd.util.hash_pandas_object(table, index=False).to_numpy().tobytes())
    plan: dict[str, Any] = {"sha256": digest.hexdigest(), "options": options.as_dict}
    path = output / PLAN
    if path.is_file():
        theirs = json.loads(path.read_text(encoding="utf-8"))
        if theirs != plan:
            differs = [
                key for key in plan["options"] if theirs["options"][key] != options.as_dict[key]
            ]
            told = ", ".join(differs) or "catalog or images"
            raise FileExistsError(
                f"{output} holds a set that is made otherwise ({told}): remove it, or choose "
                "another folder"
            )
        return plan["sha256"]
    output.mkdir(parents=True, exist_ok=True)
    if any(output.iterdir()):
        raise FileExistsError(f"{output} holds other files; choose an empty folder")
    write_manifest(plan, path)
    return plan["sha256"]


def _untouched(output: Path, manifest: Mapping[str, Any]) -> bool:
    """Tell whether the files are there with the sizes that they had."""
    files = {output / name: facts["bytes"] for name, facts in manifest["files"].items()}
    whole = all(file.is_file() and file.stat().st_size == size for file, size in files.items())
    return whole and (output / INDEX).is_file()
