"""Rounds: folders that are written once, whole, and never changed.

A round is prepared in a hidden folder and renamed when it is finished. One that dies leaves the
round before it as the latest, and a half-written folder, which the next attempt throws away.
"""

from __future__ import annotations

import fcntl
import json
import math
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pandas as pd

from skysift.active_learning._files import digest
from skysift.whole import flush

MANIFEST = "round.json"
IDS = "ids.csv"
MODEL = "model"

_NAME = re.compile(r"round_(\d{4,})")
_DRAFT = ".draft"


class RoundError(RuntimeError):
    """A round cannot be read or written; the message says why."""


@dataclass(frozen=True)
class Round:
    """A finished round.

    Attributes
    ----------
    number : int
        From 0.
    folder : Path
        Holds ``round.json``, ``ids.csv``, the folder ``model`` and whatever else was put there.
    parameters, metrics : dict
        A metric that was not a number, since there was nothing to judge say, is not there.
    created : datetime
        UTC.
    files : dict of str to str
        sha256 of each file, by its path in the folder.
    """

    number: int
    folder: Path
    parameters: dict[str, Any]
    metrics: dict[str, float]
    created: datetime
    files: dict[str, str]

    @property
    def model(self) -> Path:
        """Folder of the model's files."""
        return self.folder / MODEL

    @property
    def ids(self) -> pd.DataFrame:
        """What was learned from and judged on; all columns text."""
        return pd.read_csv(self.folder / IDS, dtype=str, keep_default_na=False)

    @classmethod
    def read(cls, folder: Path) -> Round:
        """Read a round, and check that its files are as they were written.

        Raises
        ------
        RoundError
            If a file is missing or changed.
        """
        try:
            facts = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError) as problem:
            raise RoundError(f"{folder} is no round: {problem}") from None
        for name, sha256 in facts["files"].items():
            path = folder / name
            if not path.is_file() or digest(path) != sha256:
                what = "was changed after the round was finished" if path.exists() else "is gone"
                raise RoundError(f"{path} {what}; restore it, or remove {folder.name} to redo it")
        created = datetime.fromisoformat(facts.pop("created"))
        return cls(folder=folder, created=created, **facts)


class Draft:
    """A round that is being made.

    Attributes
    ----------
    number : int
    folder, model : Path
        Whatever is put into the folder becomes part of the round, and so does its folder `model`.
    parameters : dict
    """

    def __init__(self, number: int, folder: Path, parameters: Mapping[str, Any]) -> None:
        self.number = number
        self.folder = folder
        self.parameters = dict(parameters)
        self.model = folder / MODEL
        self.model.mkdir(parents=True)

    def finish(self, metrics: Mapping[str, float], ids: pd.DataFrame) -> Round:
        """Write the round down, for good.

        Parameters
        ----------
        metrics : mapping of str to float
        ids : DataFrame
            What was learned from and judged on.
        """
        ids.to_csv(self.folder / IDS, index=False)
        paths = sorted(path for path in self.folder.rglob("*") if path.is_file())
        facts = {
            "number": self.number,
            "created": datetime.now(timezone.utc).isoformat(),
            "parameters": self.parameters,
            "metrics": {name: float(v) for name, v in metrics.items() if math.isfinite(v)},
            "files": {path.relative_to(self.folder).as_posix(): digest(path) for path in paths},
        }
        manifest = self.folder / MANIFEST
        manifest.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
        for path in [*paths, manifest]:
            path.chmod(0o444)
            flush(path)
        return self._publish()

    def _publish(self) -> Round:
        for folder in (path for path in self.folder.rglob("*") if path.is_dir()):
            flush(folder)
        flush(self.folder)
        target = self.folder.parent / f"round_{self.number:04d}"
        self.folder.rename(target)
        flush(target.parent)
        return Round.read(target)


class Rounds:
    """The rounds of one campaign, in one folder.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def numbers(self) -> list[int]:
        """List the finished rounds."""
        found = (_NAME.fullmatch(path.name) for path in self.folder.iterdir())
        return sorted(int(name[1]) for name in found if name)

    def get(self, number: int) -> Round:
        """Read a finished round.

        Raises
        ------
        RoundError
            If it is not there, or was changed.
        """
        folder = self.folder / f"round_{number:04d}"
        if not folder.is_dir():
            there = ", ".join(map(str, self.numbers())) or "none"
            raise RoundError(f"there is no round {number} in {self.folder}. Finished: {there}")
        return Round.read(folder)

    def latest(self) -> Round | None:
        """Read the last finished round; None before the first.

        Raises
        ------
        RoundError
            If it was changed.
        """
        numbers = self.numbers()
        return self.get(numbers[-1]) if numbers else None

    def next_number(self) -> int:
        """Number the round to come."""
        return max(self.numbers(), default=-1) + 1

    def history(self) -> pd.DataFrame:
        """Tabulate the finished rounds: the learning curve.

        Returns
        -------
        DataFrame
            One row a round: ``round``, ``created``, the parameters that are single numbers, and the
            metrics.

        Raises
        ------
        RoundError
            If one was changed.
        """
        return pd.DataFrame(
            [
                {
                    "round": done.number,
                    "created": done.created,
                    **{k: v for k, v in done.parameters.items() if isinstance(v, (int, float))},
                    **done.metrics,
                }
                for done in map(self.get, self.numbers())
            ]
        )

    @contextmanager
    def start(self, parameters: Mapping[str, Any]) -> Iterator[Draft]:
        """Begin the next round.

        Parameters
        ----------
        parameters : mapping
            What JSON can hold.

        Raises
        ------
        RoundError
            If another process is making a round in this folder.
        """
        with self._alone():
            draft = self.folder / _DRAFT
            shutil.rmtree(draft, ignore_errors=True)
            yield Draft(self.next_number(), draft, parameters)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep others out; the lock goes with the process, however it ends."""
        with (self.folder / ".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RoundError(f"another process is making a round in {self.folder}") from None
            yield
