"""What is learned from: the usable normal images of a source, prepared, and what was left out.

Images are read once, made what the network takes and kept in one array on disk, half as large as in
memory of the network's own numbers; what is 8-bit in the source loses nothing that way.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from skysift.models.ganomaly.artefacts import artefact
from skysift.models.ganomaly.config import InputsConfig
from skysift.models.ganomaly.inputs import ImageError, prepare
from skysift.models.ganomaly.sources import Found, Source, is_normal

KEPT_AS = np.float16

AT_ONCE = 1024
"""Images that are hashed at a time."""


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Images that a network learns from.

    Attributes
    ----------
    pixels : ndarray (n, side, side, channels), float16
        In [-1, 1]; may lie on disk.
    names : ndarray (n,) of str
    left_out : mapping of str to str
        Why, by the name of the image: a word of `ImageError.reason`, a colon, a sentence.
    others : int
        Images of other classes, which are not learned from either.
    """

    pixels: np.ndarray
    names: np.ndarray
    left_out: Mapping[str, str]
    others: int

    def __len__(self) -> int:
        """Count the images."""
        return len(self.pixels)

    @property
    def reasons(self) -> dict[str, int]:
        """How many were left out, by the word."""
        return dict(Counter(reason.partition(":")[0] for reason in self.left_out.values()))

    @property
    def sha256(self) -> str:
        """Of all pixels, in their order: which images a network learned from."""
        digest = hashlib.sha256(repr(self.pixels.shape).encode())
        for start in range(0, len(self.pixels), AT_ONCE):
            digest.update(np.ascontiguousarray(self.pixels[start : start + AT_ONCE]).data)
        return digest.hexdigest()

    def parted(self, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Part the images, by their names alone: so a part stays what it is when the set grows.

        Returns
        -------
        learned, held : ndarray of int64
            Rows to learn from, and about `share` of all to hold back.
        """
        key = [hashlib.sha256(f"{seed}/{name}".encode()).digest()[:8] for name in self.names]
        place = np.array([int.from_bytes(one, "big") / 2**64 for one in key])
        return np.flatnonzero(place >= share), np.flatnonzero(place < share)


def prepared(found: Found, inputs: InputsConfig) -> np.ndarray:
    """Make an image that was found what a network takes.

    Raises
    ------
    ImageError
        If it cannot be used.
    """
    if isinstance(found.image, ImageError):
        raise found.image
    return prepare(found.image, side=inputs.side, channels=inputs.channels, scale=inputs.scale)


def read_training_set(
    folder: str | os.PathLike[str],
    inputs: InputsConfig,
    store: Path,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> ImageSet:
    """Read the normal images of the train part of a folder.

    Parameters
    ----------
    folder : path-like
        See `Source`.
    inputs : InputsConfig
    store : Path
        File for the prepared images; replaced.
    progress : callable, optional
        Called with the numbers of images read and kept.

    Returns
    -------
    ImageSet

    Raises
    ------
    FileNotFoundError
        If there is no image.
    ValueError
        If none of them can be learned from; it says why, for the first of each reason.
    """
    source = Source(folder, "train")
    names: list[str] = []
    left_out: dict[str, str] = {}
    others = 0

    def usable() -> Iterator[np.ndarray]:
        nonlocal others
        for read, found in enumerate(source.images(inputs.channels), start=1):
            if not is_normal(np.array([found.label]))[0]:
                others += 1
                continue
            try:
                image = _sound(prepared(found, inputs))
            except ImageError as error:
                left_out[found.name] = f"{error.reason}: {error}"
            else:
                names.append(found.name)
                yield image
            if progress:
                progress(read, len(names))

    count = _write(store, usable())
    if not count:
        raise ValueError(_nothing(source, left_out, others))
    pixels = np.memmap(
        store, KEPT_AS, "r", shape=(count, inputs.side, inputs.side, inputs.channels)
    )
    return ImageSet(pixels, np.array(names), left_out, others)


def _sound(image: np.ndarray) -> np.ndarray:
    """Refuse what is no observation."""
    wrong = artefact(image)
    if wrong == "blank":
        raise ImageError("blank", "there is nothing on it")
    if wrong:
        raise ImageError(wrong, "an edge goes through it from side to side")
    return image


def _write(store: Path, images: Iterator[np.ndarray]) -> int:
    """Write images one after the other; return how many there were."""
    count = 0
    with store.open("wb") as file:
        for image in images:
            file.write(image.astype(KEPT_AS).tobytes())
            count += 1
    return count


def _nothing(source: Source, left_out: Mapping[str, str], others: int) -> str:
    """Say why there is nothing to learn from."""
    if not left_out:
        return (
            f"there is no normal image in {source.root}, but {others:,} of other classes: images "
            "to learn from lie in a folder called normal or 0.normal, or in none"
        )
    first = {reason.partition(":")[0]: f"{name} ({reason})" for name, reason in left_out.items()}
    return (
        f"none of the {len(left_out):,} images in {source.root} can be learned from. For example: "
        f"{'; '.join(first.values())}"
    )
