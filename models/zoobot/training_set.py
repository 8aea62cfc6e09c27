"""A set of galaxies with votes: who they are and what people said; images stay on disk.

A folder with ``manifest.json``, ``galaxies.parquet``, a row a galaxy, and ``shards/``, TFRecord
files with an image a record. The manifest holds ``tree``, the name of a decision tree or a table
like its file, and ``image``: ``side`` and ``channels`` of the stored images, and ``dtype``,
``uint8`` (0 to 255) or ``float32`` (0 to 1).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from skysift.galaxy_zoo import Tree, read_tree, tree_of
from skysift.models.zoobot.shards import Shards

MANIFEST, GALAXIES, SHARDS = "manifest.json", "galaxies.parquet", "shards"

PARTS = ("train", "validation", "test")

COLUMNS = ("id_str", "split")
"""Of ``galaxies.parquet``, beside votes ``<question>_<answer>`` and ``<question>_total``: the
galaxy, a text; and the part, one of `PARTS`. Simulated ones have ``<question>_<answer>_p`` too, the
true probability of the answer among those who are asked."""

TRUTH = "_p"
"""Ends the name of a column of true probabilities."""

PIXELS = ("uint8", "float32")


@dataclass(frozen=True, eq=False)
class GalaxySet:
    """Galaxies, or some of them, with their images left on disk.

    Attributes
    ----------
    folder : Path
    galaxies : DataFrame
        With `COLUMNS` and the votes.
    tree : Tree
        What was asked.
    shards : Shards
        The images.
    facts : mapping
        The manifest.
    """

    folder: Path
    galaxies: pd.DataFrame
    tree: Tree
    shards: Shards
    facts: Mapping[str, Any]

    def __len__(self) -> int:
        """Count the galaxies."""
        return len(self.galaxies)

    @property
    def ids(self) -> np.ndarray:
        """Of the galaxies, (n,) of str."""
        return self.galaxies["id_str"].to_numpy(object)

    def images(self, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Read images of some rows of `galaxies`, (n, side, side, channels), as they are stored.

        Raises
        ------
        ShardError
            If one is missing or damaged.
        """
        return self.shards.images(list(self.ids[rows]))

    def part(self, name: str) -> GalaxySet:
        """Choose the galaxies of a part.

        Raises
        ------
        ValueError
            If there is no such part.
        """
        if name not in PARTS:
            raise ValueError(f"there is no part {name!r}; there are: {', '.join(PARTS)}")
        return self.where((self.galaxies["split"] == name).to_numpy(bool))

    def where(self, chosen: np.ndarray) -> GalaxySet:
        """Choose galaxies, by a mask (n,) of bool or by rows in another order."""
        return replace(self, galaxies=self.galaxies.iloc[chosen].reset_index(drop=True))


def read_galaxy_set(folder: str | os.PathLike[str]) -> GalaxySet:
    """Open a training set; the images stay on disk.

    Parameters
    ----------
    folder : path-like
        What `skysift data build zoobot` wrote.

    Raises
    ------
    FileNotFoundError
        If the folder holds no complete set.
    ValueError
        If the manifest or the table lacks something, or a galaxy is there twice.
    """
    folder = Path(folder)
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise FileNotFoundError(
            f"there is no complete set of galaxies in {folder}: it has no {MANIFEST}. Build one "
            "with `skysift data build zoobot`"
        )
    facts = json.loads(manifest.read_text(encoding="utf-8"))
    tree, shards = _tree(facts, manifest), _shards(facts, manifest)
    galaxies = pd.read_parquet(folder / GALAXIES)
    _check(galaxies, tree, folder / GALAXIES)
    return GalaxySet(folder, galaxies, tree, shards, facts)


def _tree(facts: Mapping[str, Any], manifest: Path) -> Tree:
    tree = facts.get("tree")
    if isinstance(tree, str):
        return read_tree(tree)
    if isinstance(tree, Mapping):
        return tree_of(str(tree.get("name", "own")), tree)
    raise ValueError(f"{manifest} names no decision tree: its tree is {tree!r}")


def _shards(facts: Mapping[str, Any], manifest: Path) -> Shards:
    image = facts.get("image")
    image = image if isinstance(image, Mapping) else {}
    side, channels, dtype = (image.get(key) for key in ("side", "channels", "dtype"))
    if not (isinstance(side, int) and isinstance(channels, int) and dtype in PIXELS):
        raise ValueError(
            f"{manifest}: image must hold side, channels and dtype ({' or '.join(PIXELS)}). "
            f"Got: {facts.get('image')!r}"
        )
    paths = sorted((manifest.parent / SHARDS).glob("*.tfrecord"))
    return Shards(paths, (side, side, channels), dtype)


def _check(galaxies: pd.DataFrame, tree: Tree, path: Path) -> None:
    lacking = [name for name in (*COLUMNS, *tree.columns) if name not in galaxies]
    if lacking:
        raise ValueError(f"{path} lacks: {', '.join(lacking)}")
    if not all(isinstance(galaxy, str) for galaxy in galaxies["id_str"]):
        raise ValueError(f"{path}: id_str must be text, or long ids lose their last digits")
    twice = galaxies["id_str"].duplicated()
    if twice.any():
        raise ValueError(f"{path}: {galaxies['id_str'][twice].iloc[0]} is there twice")
