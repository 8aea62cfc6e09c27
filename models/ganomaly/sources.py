"""Where images are: a folder as GANomaly's users have it, any other folder, or one file.

As published, a folder holds ``train/0.normal``, ``test/0.normal`` and ``test/1.abnormal``; other
names of classes will do, and classes may be empty but for the one that is learned from.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from skysift.models.ganomaly.image_files import (
    is_image_file,
    is_stack,
    read_image,
    read_stack,
    stack_length,
)
from skysift.models.ganomaly.inputs import ImageError

PARTS = ("train", "test")

NORMAL = re.compile(r"(\d+[._ -]*)?normal", re.IGNORECASE)
"""Name of the class that is learned from."""

LABEL_COLUMN = "label"
"""Of a table of stamps: the class, by name; or 0 for normal and 1 for abnormal."""


@dataclass(frozen=True)
class Found:
    """An image as it was found.

    Attributes
    ----------
    name : str
        Path below the folder, or as a table calls it.
    label : str
        Its class; empty where there are none.
    image : ndarray or ImageError
        As it was stored, (h, w) or (h, w, c).
    """

    name: str
    label: str
    image: np.ndarray | ImageError


class Images(Protocol):
    """Whatever gives images; a `Source`, or one whose images are changed on the way."""

    def images(self, channels: int) -> Iterator[Found]:
        """Read all images, always in the same order."""

    def again(self, names: Collection[str], channels: int) -> dict[str, np.ndarray]:
        """Read some images again, by name."""

    def pieces(self, size: int) -> list[Images]:
        """Cut into parts of at most so many images, in their order."""


class Source:
    """Images of a folder or a file, or of a part of it.

    Parameters
    ----------
    path : path-like
    part : str, optional
        ``train`` or ``test``, of a folder that has them; others are one part, whatever is asked.

    Raises
    ------
    FileNotFoundError
        If there is nothing at `path`, or no image in it.
    """

    def __init__(self, path: str | os.PathLike[str], part: str | None = None) -> None:
        self.path = Path(path)
        if not self.path.exists():
            raise FileNotFoundError(f"there is no {self.path}: a folder of images is needed")
        parted = any((self.path / name).is_dir() for name in PARTS)
        self.root = self.path / part if parted and part else self.path
        if not self.root.is_dir() and parted:
            raise FileNotFoundError(f"there is no {self.root}: {self.path} has no part {part!r}")
        self.files = self._find()
        self._rows: range | None = None
        if not self.files:
            raise FileNotFoundError(
                f"no image in {self.root}: {_kinds()} are read{_empty(self.root)}"
            )

    def images(self, channels: int) -> Iterator[Found]:
        """Read all images, in the order of their names.

        Parameters
        ----------
        channels : int
            As many as are wanted; see `read_image`.
        """
        return self._images(channels)

    def pieces(self, size: int) -> list[Images]:
        """Cut into parts, in their order.

        Parameters
        ----------
        size : int
            Images of a part, at most.

        Raises
        ------
        ValueError
            If a table has no images.
        """
        parts: list[Images] = []
        single: list[Path] = []
        for file in self.files:
            if not is_stack(file):
                single.append(file)
                if len(single) < size:
                    continue
            if single:
                parts.append(self._part(single))
                single = []
            if is_stack(file):
                length = stack_length(file)
                parts += [
                    self._part([file], range(start, min(start + size, length)))
                    for start in range(0, length, size)
                ]
        return [*parts, self._part(single)] if single else parts

    def _part(self, files: list[Path], rows: range | None = None) -> Source:
        part = copy(self)
        # whoever reads it may stand elsewhere
        part.path, part.root = self.path.absolute(), self.root.absolute()
        part.files, part._rows = [file.absolute() for file in files], rows
        return part

    def _images(self, channels: int, wanted: Collection[str] | None = None) -> Iterator[Found]:
        """Read images; of files with one image, only those that are wanted."""
        for file in self.files:
            label, name = self._label(file), self._name(file)
            if is_stack(file):
                for one, image, row in read_stack(file, channels, self._rows):
                    yield Found(one, _label_of(row, label), image)
                continue
            if wanted is not None and name not in wanted:
                continue
            try:
                image = read_image(file, channels)
            except ImageError as error:
                yield Found(name, label, error)
            else:
                yield Found(name, label, image)

    def again(self, names: Collection[str], channels: int) -> dict[str, np.ndarray]:
        """Read some images again.

        Parameters
        ----------
        names : collection of str
            As `images` calls them.
        channels : int

        Returns
        -------
        dict of str to ndarray
            Those that could be read; of several with one name, the first.
        """
        wanted = set(names)
        found: dict[str, np.ndarray] = {}
        for one in self._images(channels, wanted):
            if one.name in wanted and isinstance(one.image, np.ndarray):
                found.setdefault(one.name, one.image)
        return found

    def _find(self) -> list[Path]:
        if self.root.is_file():
            return [self.root]
        return sorted(
            file for file in self.root.rglob("*") if file.is_file() and is_image_file(file)
        )

    def _name(self, file: Path) -> str:
        return file.relative_to(self.path).as_posix() if self.path.is_dir() else file.name

    def _label(self, file: Path) -> str:
        """Return the folder that a file lies in, below the parts; empty for the topmost."""
        inner = file.relative_to(self.root).parts[:-1] if self.root.is_dir() else ()
        named = [part for part in inner if part not in PARTS]
        return named[0] if named else ""


def is_normal(labels: np.ndarray) -> np.ndarray:
    """Tell which images are of the class that is learned from, (n,) of bool.

    Parameters
    ----------
    labels : ndarray (n,) of str
        ``0.normal``, ``normal``, ``0`` and nothing at all are normal.
    """
    return np.array([not name or name == "0" or bool(NORMAL.fullmatch(name)) for name in labels],
                    bool)  # fmt: skip


def _label_of(row: dict, otherwise: str) -> str:
    label = row.get(LABEL_COLUMN)
    return otherwise if label is None else str(label)


def _kinds() -> str:
    return "PNG, JPEG, TIFF, BMP, WebP, .npy, FITS and .parquet"


def _empty(folder: Path) -> str:
    """Name the empty folders, if that is what is wrong."""
    empty = sorted(one.name for one in folder.glob("*") if one.is_dir()) if folder.is_dir() else []
    return f"; it has only empty folders: {', '.join(empty)}" if empty else ""
