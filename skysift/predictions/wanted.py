"""Which images are looked at: all of a folder, or those of a catalog's galaxies."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from skysift.datasets.galaxies.catalog import ID, read_names
from skysift.datasets.galaxies.images import FITS, KINDS, PICTURES, find_images, kind_of

GALAXY, FILE, REASON, PLACE = "galaxy", "file", "reason", "place"
NO_IMAGE, TWICE, NO_ID = "no_image", "id_twice", "no_id"
"""Why there is nothing to look at for a row of a catalog."""

SUFFIXES = {"picture": tuple(PICTURES), "fits": FITS}
HIDDEN = ("_", ".")
"""Names that Spark passes over begin so, of files and of folders."""


@dataclass(frozen=True)
class Wanted:
    """Images to look at.

    Attributes
    ----------
    root : Path
        Folder below which they lie.
    kind : str
        ``picture`` or ``fits``.
    count : int
        How many rows will come of them.
    galaxies : DataFrame or None
        Of a catalog, a row a row of it: ``galaxy``, ``file`` (below `root`; empty without image),
        ``reason`` (empty with one), ``place``. None: all images of that kind below `root`.
    hidden : tuple of str
        Images that are passed over, since their names begin with ``_`` or a dot.
    """

    root: Path
    kind: str
    count: int
    galaxies: pd.DataFrame | None = None
    hidden: tuple[str, ...] = ()

    @property
    def pattern(self) -> str:
        """Glob of their names, in capitals or not, as Hadoop reads it."""
        endings = (
            "".join(f"[{one}{one.upper()}]" if one.isalpha() else one for one in suffix)
            for suffix in SUFFIXES[self.kind]
        )
        return f"*{{{','.join(endings)}}}"


def in_folder(folder: Path, kind: str | None = None) -> Wanted:
    """Choose all images of a folder, and of those in it.

    Parameters
    ----------
    folder : Path
    kind : str, optional
        ``picture`` or ``fits``; what there is, if there is but one.

    Raises
    ------
    FileNotFoundError
        If there is no such folder, or no image in it.
    ValueError
        If pictures and FITS are mixed, which do not look alike.
    """
    _check_kind(kind)
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}")
    found: Counter[str] = Counter()
    hidden = []
    for path in _files(folder):
        one = kind_of(path)
        if one is None or kind not in (None, one):
            continue
        below = path.relative_to(folder)
        if any(part.startswith(HIDDEN) for part in below.parts):
            hidden.append(below.as_posix())
        else:
            found[one] += 1
    if not found:
        known = ", ".join(SUFFIXES[kind] if kind else (*PICTURES, *FITS))
        raise FileNotFoundError(f"no image in {folder}: {known} are read")
    if len(found) > 1:
        raise ValueError(
            f"{folder} holds {found['picture']:,} pictures and {found['fits']:,} FITS images, "
            "which do not look alike: choose with --format picture or --format fits"
        )
    ((only, count),) = found.items()
    return Wanted(folder.resolve(), only, count, hidden=tuple(sorted(hidden)))


def of_catalog(
    catalog: Path,
    images: Path,
    *,
    id_column: str = ID,
    image_column: str | None = None,
    kind: str | None = None,
) -> Wanted:
    """Choose the images of a catalog's galaxies; each row of it becomes a row.

    Parameters
    ----------
    catalog : Path
        CSV, also compressed, or Parquet.
    images : Path
        Folder with the images: where `image_column` says, or under the names of the ids.
    id_column : str
    image_column : str, optional
    kind : str, optional
        As for `in_folder`.

    Raises
    ------
    CatalogError
        If the catalog cannot be read, has no rows, lacks a column, or its ids were rounded.
    FileNotFoundError
        If there is no such folder.
    ValueError
        If there is no image of any, or pictures and FITS are mixed.
    """
    _check_kind(kind)
    names = read_names(catalog, id_column, image_column)
    twice, nameless = names[ID].duplicated(keep=False) & (names[ID] != ""), names[ID] == ""
    found = find_images(images, names[~nameless], kind=kind)
    paths = names[ID].map(found)
    reason = pd.Series("", names.index).mask(paths.isna(), NO_IMAGE)
    reason = reason.mask(twice, TWICE).mask(nameless, NO_ID)
    root = images.absolute().parent  # a catalog may tell images by the folder's name
    below = [
        os.path.relpath(path.absolute(), root) if not why else ""
        for path, why in zip(paths, reason, strict=True)
    ]
    table = pd.DataFrame({GALAXY: names[ID], FILE: below, REASON: reason, PLACE: range(len(names))})
    return Wanted(root, str(kind_of(next(iter(found.values())))), len(table), table)


def _files(folder: Path) -> Iterator[Path]:
    for where, _, names in os.walk(folder):
        for name in names:
            yield Path(where) / name


def _check_kind(kind: str | None) -> None:
    if kind not in (None, *KINDS):
        raise ValueError(f"--format must be picture or fits. Got: {kind!r}")
