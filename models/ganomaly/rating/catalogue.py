"""What is known of images besides their pixels: a table, and whose galaxy an image shows."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

KEYS = ("filename", "galaxy")
"""Columns that a table may be joined by, the first that it has."""

SET, GALAXY = "set", "galaxy"


class Catalogue:
    """A table with a row an image, or a row a galaxy.

    Parameters
    ----------
    path : path-like
        CSV or Parquet. ``filename`` (as in the table of scores; or its last part, with or without
        suffix) or, without that, ``galaxy`` says which images a row is of; ``set`` says of which
        set, if there is such a column.

    Raises
    ------
    ValueError
        If it is no such table, or names an image twice.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.table = _read(self.path)
        self.key = next((key for key in KEYS if key in self.table), "")
        if not self.key:
            raise ValueError(
                f"{path} needs a column filename or galaxy to be joined by. Columns: "
                f"{', '.join(map(str, self.table.columns))}"
            )
        self._places = self._index()

    @property
    def columns(self) -> list[str]:
        """Numeric columns, which scores can be compared with."""
        return [
            str(name)
            for name in self.table.select_dtypes("number").columns
            if name not in (*KEYS, SET)
        ]

    def join(self, sets: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        """Put the columns of the table beside images.

        Parameters
        ----------
        sets : mapping of str to DataFrame
            Of each set, ``filename`` and ``galaxy``.

        Returns
        -------
        dict of str to DataFrame
            With `columns`, NaN for images that are not in the table; and with ``galaxy``, where it
            is joined by ``filename`` and has one.

        Raises
        ------
        ValueError
            If no image is in the table, a column's name is taken, or a row would be of two sets.
        """
        places = {name: self._rows(name, table) for name, table in sets.items()}
        self._check(places)
        return {name: self._with(table, places[name]) for name, table in sets.items()}

    def _index(self) -> dict[tuple[str, str], int]:
        of = self.table[SET].astype(str) if SET in self.table else [""] * len(self.table)
        names = list(zip(of, self.table[self.key].astype(str), strict=True))
        places = {name: place for place, name in enumerate(names)}
        if len(places) < len(names):
            twice = next(name for place, name in enumerate(names) if places[name] != place)
            raise ValueError(f"{self.path} has {twice[1]!r} in more than one row")
        return places

    def _rows(self, name: str, table: pd.DataFrame) -> np.ndarray:
        """Return the row of each image; -1 for those without."""
        of = name if SET in self.table else ""
        if self.key == GALAXY:
            return np.array([self._places.get((of, one), -1) for one in table[GALAXY]], int)
        places = np.full(len(table), -1)
        for shorten in (str, _last, _stem):
            short = [shorten(one) for one in table["filename"]]
            found = np.array([self._places.get((of, one), -1) for one in short], int)
            new = (places < 0) & (found >= 0)
            repeated = pd.Series(short)[new].duplicated()
            if shorten is not str and repeated.any():
                one = pd.Series(short)[new][repeated].iloc[0]
                raise ValueError(
                    f"{self.path} has {one!r}, but several images of {name} are called so: give "
                    "their paths below the folder"
                )
            places[new] = found[new]
        return places

    def _check(self, places: Mapping[str, np.ndarray]) -> None:
        if not any((rows >= 0).any() for rows in places.values()):
            raise ValueError(
                f"no image is in {self.path}: its column {self.key!r} begins with "
                f"{', '.join(repr(one) for one in self.table[self.key].astype(str)[:3])}"
            )
        if self.key == GALAXY:
            return  # one galaxy, simulated in several ways
        used: dict[int, str] = {}
        for name, rows in places.items():
            for row in np.unique(rows[rows >= 0]):
                if used.setdefault(int(row), name) != name:
                    raise ValueError(
                        f"{self.path} has {self.table[self.key].iloc[row]!r}, and so have both "
                        f"{used[int(row)]} and {name}: add a column {SET!r} that says which"
                    )

    def _with(self, table: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
        taken = [name for name in self.columns if name in table]
        if taken:
            raise ValueError(f"{self.path} has a column {taken[0]!r}, which ours are called too")
        joined = self.table[self.columns].astype(np.float64).reindex(rows).set_axis(table.index)
        answer = pd.concat([table, joined], axis=1)
        if self.key != GALAXY and GALAXY in self.table:
            named = self.table[GALAXY].astype(str).reindex(rows).set_axis(table.index)
            answer[GALAXY] = named.where(rows >= 0, table[GALAXY])
        return answer


def galaxies_of(names: pd.Series, pattern: str | None) -> np.ndarray:
    """Say which galaxy each image is of.

    Parameters
    ----------
    names : Series of str
    pattern : str or None
        A regular expression; what its first group matches in an image's name, or all that it
        matches, names the galaxy. Other images are galaxies of their own, and so are all with None.

    Returns
    -------
    ndarray (n,) of object

    Raises
    ------
    ValueError
        If it is no regular expression.

    Examples
    --------
    >>> names = pd.Series(["AGN_g7.08e11_00.png", "AGN_g7.08e11_01.png", "12.png"])
    >>> galaxies_of(names, r"_(.+)_\\d+\\.png$")
    array(['g7.08e11', 'g7.08e11', '12.png'], dtype=object)
    """
    if pattern is None:
        return names.to_numpy(object)
    try:
        find = re.compile(pattern).search
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
    found = [find(name) for name in names]
    return np.array(
        [name if one is None else one[1 if one.re.groups else 0] or name
         for name, one in zip(names, found, strict=True)], object
    )  # fmt: skip


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise FileNotFoundError(f"there is no {path}: a CSV or Parquet table is needed")
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise ValueError(f"{path} must be a .csv or .parquet file")
    try:
        if path.suffix.lower() == ".csv":  # names that are numbers keep their zeros
            return pd.read_csv(path, dtype=dict.fromkeys((*KEYS, SET), str))
        return pd.read_parquet(path)
    except (ValueError, OSError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from None


def _last(name: str) -> str:
    return PurePosixPath(name).name


def _stem(name: str) -> str:
    return PurePosixPath(name).stem
