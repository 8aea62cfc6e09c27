"""Host images of a set: pictures of all its objects in one array, with an index."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from skysift import __version__
from skysift.datasets.exclusions import Exclusions
from skysift.datasets.image_file import ImageFile
from skysift.datasets.manifest import describe, write_manifest
from skysift.datasets.pictures import BlankError, PictureError, find_pictures, read_picture
from skysift.models.btsbot.hosts import IMAGES, INDEX
from skysift.models.btsbot.training_set import read_set

Progress = Callable[[int, int], object]

UNREADABLE, BLANK, REPEATED = "host_unreadable", "host_blank", "host_repeated"
NO_OBJECT, NO_PICTURE = "host_of_no_object", "host_no_picture"


def add_hosts(
    folder: Path, output: Path, *, progress: Progress = lambda read, kept: None
) -> dict[str, Any]:
    """Add host images to a training set that is there, or make them for scoring in Python.

    Done again with the same pictures, it makes the same images.

    Parameters
    ----------
    folder : Path
        Of pictures, see `find_pictures`.
    output : Path
        Folder of a training set, ours or the published one, whose objects are wanted; one without
        a set gets all pictures.
    progress : callable
        Told, every so often, the numbers of pictures read and kept so far.

    Returns
    -------
    dict
        See `build_hosts`.

    Raises
    ------
    FileExistsError
        If there are host images of other pictures already.
    FileNotFoundError
        If there are no pictures.
    ValueError
        If no picture is of an object of the set, or none can be used.
    """
    pictures = find_pictures(folder.resolve())
    if (output / INDEX).is_file():
        there = json.loads((output / INDEX).read_text(encoding="utf-8"))["pictures"]
        if there != pictures.facts:
            raise FileExistsError(
                f"{output} holds host images of other pictures, {there['pictures']:,} in "
                f"{there['file']}: remove {INDEX} and {IMAGES} there, or choose another folder"
            )
    try:
        objects = np.unique(read_set(output).group)
    except FileNotFoundError:
        objects = np.array(list(pictures.files))
    output.mkdir(parents=True, exist_ok=True)
    return build_hosts(folder.resolve(), output, objects, progress=progress)


def build_hosts(
    folder: Path,
    output: Path,
    objects: Iterable[str],
    *,
    progress: Progress = lambda read, kept: None,
) -> dict[str, Any]:
    """Read the pictures of objects and write them as `skysift.models.btsbot.hosts` reads them.

    What cannot be used is left out and counted. The index is written last.

    Parameters
    ----------
    folder : Path
        Of pictures, see `find_pictures`.
    output : Path
        Folder; gets ``hosts.npy`` and ``hosts.json``, which replace what is there.
    objects : iterable of str
        The objectIds that are wanted.
    progress : callable

    Returns
    -------
    dict
        ``pictures`` (``file``, ``pictures``, ``bytes``), ``with`` and ``without`` (objects that
        have an image and that have none), ``exclusions``, ``sha256`` and ``bytes`` of the images,
        ``skysift``, ``created``.

    Raises
    ------
    FileNotFoundError
        If there are no pictures.
    ValueError
        If no picture is of one of the objects, or none can be used.
    """
    pictures = find_pictures(folder)
    objects = list(objects)
    wanted = pictures.of(objects)
    exclusions = Exclusions()
    exclusions.add(NO_PICTURE, (file.name for file in pictures.others), "files")
    exclusions.add(REPEATED, (file.name for file in pictures.repeated), "files")
    exclusions.add(NO_OBJECT, sorted(pictures.files.keys() - wanted.keys()), "files")
    (output / INDEX).unlink(missing_ok=True)
    names = []
    with ImageFile(output / IMAGES, np.uint8) as images:
        for number, (name, file) in enumerate(wanted.items(), start=1):
            try:
                images.append(read_picture(file)[None])
                names.append(name)
            except BlankError:
                exclusions.add(BLANK, [file.name], "files")
            except PictureError as error:
                exclusions.add(UNREADABLE, [f"{file.name}: {error}"], "files")
            progress(number, len(names))
        if not names:
            raise ValueError(f"no host image in {folder} can be used: {_told(exclusions)}")
    facts = {
        "pictures": pictures.facts,
        "with": len(names),
        "without": len(objects) - len(names),
        "exclusions": exclusions.as_dict,
        **describe(output / IMAGES),
        "skysift": __version__,
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }
    write_manifest({**facts, "objects": names}, output / INDEX)
    return facts


def _told(exclusions: Exclusions) -> str:
    """Say why nothing is left, with an example each."""
    return "; ".join(
        f"{entry['count']} {reason}, such as {entry['examples'][0]}"
        for reason, entry in exclusions.as_dict.items()
        if reason in (BLANK, UNREADABLE)
    )
