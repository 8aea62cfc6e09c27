"""Colour images of hosts: what deep surveys saw long before, where the alert is.

References
----------
Rehemtulla et al. 2025, arXiv 2512.11957: colour cutouts of the Legacy Surveys or Pan-STARRS, 63
pixels of 1 arcsec wide.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from skysift.models.btsbot.inputs import SIDE

IMAGES, INDEX = "hosts.npy", "hosts.json"
"""In the folder of a training set: the images, and whose they are."""

COLOURS = 3

CHANNELS = COLOURS + 1
"""Red, green, blue, and whether there is an image at all."""


@dataclass(frozen=True, eq=False)
class Hosts:
    """Host images by object, left on disk.

    Attributes
    ----------
    objects : sequence of str
        The objectId of each image.
    pictures : ndarray (m, 63, 63, 3), uint8
        Red, green, blue; often a read-only memory map.
    facts : mapping
        What the index says besides: ``sha256`` of the images, where they are from, and what could
        not be read.
    """

    objects: list[str]
    pictures: np.ndarray
    facts: Mapping[str, Any]

    def __post_init__(self) -> None:
        expected = (len(self.objects), SIDE, SIDE, COLOURS)
        if self.pictures.shape != expected or self.pictures.dtype != np.uint8:
            raise ValueError(
                f"host images must be uint8 {expected}, as their index says. Got: "
                f"{self.pictures.dtype} {self.pictures.shape}; build them again"
            )

    def __len__(self) -> int:
        """Count the images."""
        return len(self.objects)

    def images(self, objects: Iterable[str]) -> np.ndarray:
        """Return the images of objects, as networks take them.

        Parameters
        ----------
        objects : iterable of str
            n objectIds; known or not, and as often as there are alerts.

        Returns
        -------
        ndarray (n, 63, 63, 4), float32
            Red, green, blue in [0, 1], and 1 throughout where there is an image; zeros where there
            is none.
        """
        rows = np.array([self._row.get(name, -1) for name in objects], dtype=np.int64)
        known = np.flatnonzero(rows >= 0)
        images = np.zeros((len(rows), SIDE, SIDE, CHANNELS), np.float32)
        images[known, :, :, :COLOURS] = self.pictures[rows[known]] / np.float32(255)
        images[known, :, :, COLOURS] = 1
        return images

    @cached_property
    def _row(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self.objects)}


def read_hosts(folder: str | os.PathLike[str]) -> Hosts:
    """Open host images; they stay on disk.

    Parameters
    ----------
    folder : path-like
        What `skysift data build hosts` or ``skysift data build btsbot --hosts`` wrote.

    Raises
    ------
    FileNotFoundError
        If the folder holds none.
    ValueError
        If images and index do not fit together.
    """
    folder = Path(folder)
    if not (folder / INDEX).is_file():
        raise FileNotFoundError(
            f"there are no host images in {folder}: `skysift data build hosts` makes them"
        )
    facts = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    return Hosts(facts.pop("objects"), np.load(folder / IMAGES, mmap_mode="r"), facts)
