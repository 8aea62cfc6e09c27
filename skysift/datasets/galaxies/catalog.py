"""Read a catalog of votes, whatever its layout, into columns called as in the tree."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from skysift.datasets.exclusions import Exclusions
from skysift.datasets.galaxies.layout import Layout, find_layout

ID, IMAGE = "id_str", "image"
ROUNDED = re.compile(r"\d+(\.\d+)?[eE]\+?\d+|\d+\.0")
"""What a spreadsheet or a detour over floats makes of a long id."""
NO_FILE = re.compile(r"[/\\\x00]|^\.\.?$")
"""What no id can hold that names a file."""


class CatalogError(ValueError):
    """A catalog cannot be read; the message says what is wrong with it."""


def read_catalog(
    path: Path, layout: Layout | None, exclusions: Exclusions, *, min_votes: int = 1
) -> tuple[pd.DataFrame, Layout]:
    """Read a catalog of votes.

    Parameters
    ----------
    path : Path
        CSV, also compressed (.gz), or Parquet.
    layout : Layout or None
        That which fits, if None.
    exclusions : Exclusions
        Told which rows are left out: those without id, with an id that is there twice (all of
        them: who knows which is right), not among what the layout keeps, or with too few votes.
    min_votes : int
        Least number of people who answered the first question; 0 keeps galaxies that nobody has
        looked at yet.

    Returns
    -------
    table : DataFrame
        ``id_str`` text, ``image`` text (where it should lie, or empty), votes and totals int64.
    layout : Layout
        What it was read as.

    Raises
    ------
    CatalogError
        If the file cannot be read, lacks columns, ids were rounded, or votes are no counts.
    LayoutError
        If no layout is given and none fits.
    """
    columns = _columns(path)
    layout = layout or find_layout(columns)
    lacking = layout.lacking(columns)
    if lacking:
        raise CatalogError(f"{path} lacks the columns: {', '.join(lacking)}")
    table = _rows(path, layout)
    ids = _ids(table[layout.id], path)
    votes = pd.DataFrame(
        {name: _counts(table[column], column, path) for name, column in layout.vote_columns.items()}
    )
    for question in layout.tree.questions:
        votes[question.total] = votes[list(question.columns)].sum(axis=1)
    image = (
        table[layout.image_column].astype(str) if layout.image_column else pd.Series("", ids.index)
    )
    found = pd.concat([ids.rename(ID), image.rename(IMAGE), votes], axis=1)
    chosen = _chosen(found, table, layout, exclusions, min_votes)
    if not chosen.any():
        told = ", ".join(f"{count:,} {reason}" for reason, count in exclusions.counts.items())
        raise CatalogError(f"{path} has no galaxy that could be learned from: {told or 'no rows'}")
    return found[chosen].reset_index(drop=True), layout


def read_names(path: Path, id_column: str = ID, image_column: str | None = None) -> pd.DataFrame:
    """Read whose images a catalog names, votes or none; all rows, in their order.

    Parameters
    ----------
    path : Path
        CSV, also compressed (.gz), or Parquet.
    id_column : str
    image_column : str, optional
        Says where an image lies.

    Returns
    -------
    DataFrame
        ``id_str`` text, empty without id; ``image`` text, empty without column.

    Raises
    ------
    CatalogError
        If the file cannot be read, has no rows, lacks a column, or ids were rounded.
    """
    wanted, there = [id_column, *([image_column] if image_column else [])], _columns(path)
    lacking = [name for name in wanted if name not in there]
    if lacking:
        told = ", ".join(there[:8]) + (", …" if len(there) > 8 else "")
        raise CatalogError(f"{path} lacks the columns: {', '.join(lacking)}; it has: {told}")
    try:
        if path.suffix == ".parquet":
            table = pd.read_parquet(path, columns=wanted)
        else:
            table = pd.read_csv(path, usecols=wanted, dtype=str)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise CatalogError(f"{path} cannot be read as a catalog: {error}") from None
    if table.empty:
        raise CatalogError(f"{path} has no rows")
    places = table[image_column].fillna("").astype(str) if image_column else ""
    return pd.DataFrame({ID: _ids(table[id_column], path), IMAGE: places}, table.index)


def _columns(path: Path) -> list[str]:
    try:
        if path.suffix == ".parquet":
            return list(pq.read_schema(path).names)
        return list(pd.read_csv(path, nrows=0).columns)
    except FileNotFoundError:
        raise
    except (OSError, ValueError, pa.ArrowException) as error:
        raise CatalogError(f"{path} cannot be read as a catalog: {error}") from None


def _rows(path: Path, layout: Layout) -> pd.DataFrame:
    """The columns that are needed; ids as text from the start."""
    wanted = {layout.id, *layout.vote_columns.values(), *layout.keep}
    wanted |= {layout.image_column} if layout.image_column else set()
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path, columns=sorted(wanted))
        text = {layout.id: str, layout.image_column: str, **dict.fromkeys(layout.keep, str)}
        return pd.read_csv(path, usecols=lambda name: name in wanted, dtype=text,
                           keep_default_na=True, low_memory=False)  # fmt: skip
    except (OSError, ValueError, pa.ArrowException) as error:
        raise CatalogError(f"{path} cannot be read as a catalog: {error}") from None


def _ids(column: pd.Series, path: Path) -> pd.Series:
    """Ids as text; missing ones are empty."""
    if pd.api.types.is_float_dtype(column):
        raise CatalogError(
            f"{path}: the ids in {column.name} are floats, which lose digits of long ids: save "
            "them as text or whole numbers"
        )
    ids = column.astype("string").fillna("").str.strip().astype(object)
    rounded = ids[ids.map(lambda name: ROUNDED.fullmatch(name) is not None)]
    if len(rounded):
        raise CatalogError(
            f"{path}: the id {rounded.iloc[0]} in {column.name} was rounded, by a spreadsheet "
            "perhaps: take the ids from the original"
        )
    unsafe = ids[ids.map(lambda name: NO_FILE.search(name) is not None)]
    if len(unsafe):
        raise CatalogError(f"{path}: the id {unsafe.iloc[0]!r} can name no file")
    return ids


def _counts(column: pd.Series, name: str, path: Path) -> pd.Series:
    """Votes as whole numbers; where nobody was asked, 0."""
    numbers = pd.to_numeric(column, errors="coerce")
    lost = numbers.isna() & column.notna()
    if lost.any():
        raise CatalogError(f"{path}: {column[lost].iloc[0]!r} in {name} is no number of votes")
    numbers = numbers.fillna(0.0).to_numpy(float)
    if not np.isfinite(numbers).all() or (numbers < 0).any():
        raise CatalogError(f"{path}: {name} holds numbers below 0 or infinite ones: no votes")
    if (numbers % 1.0 != 0.0).any():
        raise CatalogError(
            f"{path}: {name} holds fractions of votes ({numbers[numbers % 1 != 0][0]:g}): counts "
            "are needed"
        )
    return pd.Series(numbers.astype(np.int64), column.index)


def _chosen(
    found: pd.DataFrame,
    table: pd.DataFrame,
    layout: Layout,
    exclusions: Exclusions,
    min_votes: int,
) -> pd.Series:
    """Rows that are wanted, (n,) of bool; the others are noted."""
    left = pd.Series(True, found.index)

    def leave_out(reason: str, which: pd.Series) -> None:
        exclusions.add(reason, found.loc[left & which, ID], "galaxies")
        left[which] = False

    leave_out("no_id", found[ID] == "")
    for column, values in layout.keep.items():
        leave_out(f"other_{column}", ~table[column].astype(str).isin(values))
    leave_out("id_twice", found[ID].duplicated(keep=False) & left)
    first = layout.tree.questions[0].total
    leave_out("no_votes", (found[first] == 0) & (min_votes > 0))
    leave_out("few_votes", found[first] < min_votes)
    return left
