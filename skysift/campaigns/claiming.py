"""A folder of one simulation: the same command goes on in it, another one is refused."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from skysift.whole import whole

FACTS = "simulation.json"
"""In the folder: what it holds."""


def claim(save: Path, asked: Mapping[str, Any], *, free: Collection[str] = ()) -> None:
    """Write down what the folder is of, or see that it is of the same.

    Parameters
    ----------
    save : Path
        Made if it is not there.
    asked : mapping
        What decides the simulation, as JSON can hold it.
    free : collection of str
        What may differ.

    Raises
    ------
    ValueError
        If the folder is of another simulation; it names what differs.
    FileExistsError
        If it holds something else.
    """
    ours: dict[str, Any] = json.loads(json.dumps(dict(asked)))
    path = save / FACTS
    if path.is_file():
        theirs = json.loads(path.read_text(encoding="utf-8"))
        differs = [name for name in ours if name not in free and theirs.get(name) != ours[name]]
        if differs:
            told = ", ".join(f"{name} {theirs.get(name)!r}" for name in differs)
            raise ValueError(f"{save} holds another simulation, with {told}: choose another folder")
        return
    save.mkdir(parents=True, exist_ok=True)
    if any(save.iterdir()):
        raise FileExistsError(f"{save} holds other files; choose an empty folder")
    with whole(path) as part:
        part.write_text(json.dumps(ours, indent=1) + "\n", encoding="utf-8")
