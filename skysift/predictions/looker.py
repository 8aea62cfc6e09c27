"""What a Spark worker does: bytes of images in, rows of what a network says of them out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from skysift.datasets.galaxies.images import ImageError, read_image
from skysift.galaxy_zoo import Tree, tree_of
from skysift.models import zoobot
from skysift.models.zoobot.scorer import PASSES
from skysift.predictions.table import Row, rows_of, schema_of
from skysift.predictions.wanted import FILE, GALAXY, PLACE, REASON
from skysift.science_modules._worker import settle

PATH, CONTENT = "path", "content"
"""Columns of Spark's source of binary files."""


@dataclass(frozen=True)
class Looker:
    """Looks at images; made on the driver, pickled, and at home in every worker.

    Attributes
    ----------
    weights : tuple of str
        Of one network, or of several that are asked as one. Loaded once a process.
    root : str
        Folder below which files are named.
    side : int
        Of the images that the networks take [px].
    questions : mapping
        Their tree, as `Tree.as_table`.
    passes, views : int
        See `Scorer.passes`.
    keep : bool
        Rows hold what each pass said.
    """

    weights: tuple[str, ...]
    root: str
    side: int
    questions: Any
    passes: int = PASSES
    views: int = 1
    keep: bool = False

    @property
    def tree(self) -> Tree:
        """The questions that are answered."""
        return tree_of(self.questions["name"], self.questions)

    @property
    def schema(self) -> pa.Schema:
        """Of the rows."""
        return schema_of(self.tree, self.keep)

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Look at batches of files that Spark has read, or of names to be read here."""
        network = self._network()
        for batch in batches:
            rows = [self._read(one) for one in batch.to_pylist()]
            sound = np.array([row.image is not None for row in rows], bool)
            told = None
            if sound.any():
                images = np.stack([row.image for row in rows if row.image is not None])
                told = network.passes(images, self.passes, views=self.views)
            yield rows_of(rows, sound, told, self.tree, network.version, self.keep)
        settle()

    def _network(self) -> Any:
        if len(self.weights) == 1:
            return zoobot.load(self.weights[0])
        return zoobot.load_ensemble(self.weights)

    def _read(self, one: dict[str, Any]) -> Row:
        """Read one image; what is wrong with it becomes its status."""
        if CONTENT in one:
            path = Path(one[PATH].removeprefix("file:"))
            file = path.relative_to(self.root).as_posix()
            row = Row(stem(path.name), file)
        else:
            row = Row(one[GALAXY], one[FILE], one[PLACE])
            if one[REASON]:
                return row.failed(one[REASON], "")
            path = Path(self.root) / one[FILE]
        try:
            return row.seen(read_image(path, self.side, one.get(CONTENT)))
        except ImageError as error:
            return row.failed(error.reason, str(error).replace(f"{self.root}/", ""))


def look_with(
    weights: Sequence[Path],
    root: Path,
    *,
    passes: int = PASSES,
    views: int = 1,
    keep: bool = False,
) -> Looker:
    """Make a looker, after a look at the weights' sidecars; no network is loaded.

    Raises
    ------
    WeightsError
        If weights are not there or damaged.
    ValueError
        If networks differ in what they answer or take, or take other images than those of a set.
    """
    facts = [zoobot.check_weights(one) for one in weights]
    if not facts:
        raise ValueError("give --weights: a network is needed")
    if any(one["labels"] != facts[0]["labels"] for one in facts):
        raise ValueError("networks of an ensemble must answer the same questions")
    kinds = {(one["network"]["settings"]["stored"], one["network"]["settings"]["channels"])
             for one in facts}  # fmt: skip
    if len(kinds) > 1:
        raise ValueError("networks of an ensemble must take images of one size")
    ((side, channels),) = kinds
    if channels != 3:
        raise ValueError(f"{weights[0]} takes images of {channels} channels; pictures have 3")
    paths = tuple(str(Path(one).resolve()) for one in weights)
    return Looker(paths, str(root), side, facts[0]["tree"], passes, views, keep)


def stem(name: str) -> str:
    """Name of a file without what says that it is an image.

    >>> stem("J0131.12.fits.gz"), stem("5877.png")
    ('J0131.12', '5877')
    """
    whole = name[: -len(".gz")] if name.lower().endswith((".fits.gz",)) else name
    whole = whole[: -len(".fz")] if whole.lower().endswith(".fits.fz") else whole
    return whole.rpartition(".")[0] or whole
