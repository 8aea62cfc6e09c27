"""Many files from one set of settings: a folder of their own, and work in several processes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from skysift import __version__
from skysift.whole import whole

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R")

MANIFEST = "manifest.json"


def claim(
    folder: Path, settings: DataclassInstance, *, things: str, about: str, libraries: Iterable[str]
) -> None:
    """Write the manifest, or see that the one there says the same.

    Parameters
    ----------
    folder : Path
        Made if need be.
    settings : dataclass
        Of numbers and texts.
    things : str
        What the folder is to hold, in a word.
    about : str
        The same in a sentence, for the manifest.
    libraries : iterable of str
        Whose versions the manifest names.

    Raises
    ------
    ValueError
        If the folder holds things of other settings.
    FileExistsError
        If it holds something else.
    """
    path = folder / MANIFEST
    ours = json.loads(json.dumps(asdict(settings)))
    if path.is_file():
        theirs = json.loads(path.read_text(encoding="utf-8")).get("settings", {})
        if theirs != ours:
            told = {name: theirs.get(name) for name in ours if theirs.get(name) != ours[name]}
            raise ValueError(f"{folder} holds other {things} ({told}); choose another folder")
        return
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} holds other files; choose an empty folder")
    versions = {name: version(name) for name in libraries}
    manifest = {
        "what": about,
        "settings": ours,
        "versions": {"skysift": __version__, **versions},
    }
    with whole(path) as part:
        part.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def in_processes(work: Callable[[int], R], pieces: Iterable[int], workers: int) -> Iterator[R]:
    """Give results as they come; with one worker from this process, in order.

    Parameters
    ----------
    work : callable
        That another process can be given: a function of a module, or a `partial` of one.
    pieces : iterable of int
        What it is called with.
    workers : int
    """
    if workers == 1:
        yield from map(work, pieces)
        return
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    try:
        for future in as_completed([pool.submit(work, piece) for piece in pieces]):
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
