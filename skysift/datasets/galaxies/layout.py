"""How a catalog of votes is laid out: which column is what."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from skysift.galaxy_zoo import Tree, read_tree
from skysift.models._settings import check_keys, nearest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).with_name("layouts")

LAYOUTS = tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))
"""Layouts that are known by name."""

KEYS = ("tree", "id", "image", "image_column", "keep", "votes")


class LayoutError(ValueError):
    """A layout cannot be read, or no known one fits."""


@dataclass(frozen=True)
class Layout:
    """Columns of a catalog.

    Attributes
    ----------
    tree : Tree
        What was asked.
    id : str
        Column of the galaxies' ids, which are text.
    image : str
        Where an image lies in the folder of images, without suffix: ``{id}`` is the id, ``{id:.6}``
        its first six characters. Empty: an image has the id's name, wherever it lies.
    image_column : str
        Column that says where instead; empty for none.
    votes : mapping of str to str
        By column of the tree, the catalog's; those left out are called as in the tree.
    keep : mapping of str to list of str
        By column, the values of rows that are wanted.
    """

    tree: Tree
    id: str
    image: str = ""
    image_column: str = ""
    votes: Mapping[str, str] = field(default_factory=dict)
    keep: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def vote_columns(self) -> dict[str, str]:
        """By column of the tree, the catalog's."""
        return {column: self.votes.get(column, column) for column in self.tree.columns}

    def lacking(self, columns: Iterable[str]) -> list[str]:
        """Return the columns that a catalog with `columns` lacks."""
        needed = [self.id, *self.vote_columns.values(), *self.keep]
        needed += [self.image_column] if self.image_column else []
        there = set(columns)
        return [name for name in needed if name not in there]

    def with_options(self, **changes: Any) -> Layout:
        """Change what is not None."""
        return replace(self, **{key: value for key, value in changes.items() if value is not None})


def read_layout(name: str | Path) -> Layout:
    """Read a layout.

    Parameters
    ----------
    name : str or Path
        One of `LAYOUTS`, or a TOML file with ``tree``, ``id`` and what else `Layout` has.

    Raises
    ------
    LayoutError
        If there is none, or it makes no sense; the message says why.
    """
    file = FOLDER / f"{name}.toml" if str(name) in LAYOUTS else Path(name)
    if not file.is_file():
        raise LayoutError(f"no layout {str(name)!r}: give a TOML file or {', '.join(LAYOUTS)}")
    try:
        return _layout(tomllib.loads(file.read_text(encoding="utf-8")), file)
    except ValueError as error:
        raise LayoutError(f"{file}: {error}") from None


def choose_layout(
    name: str | Path | None,
    tree: str | Path | None = None,
    id: str | None = None,
    image_column: str | None = None,
) -> Layout | None:
    """Put a layout together: one that is named, changed; or one of a tree and a column of ids.

    Parameters
    ----------
    name : str or Path, optional
        See `read_layout`.
    tree : str or Path, optional
        Instead of the layout's.
    id, image_column : str, optional
        Instead of the layout's columns; without layout, ids are in ``id_str``.

    Returns
    -------
    Layout or None
        None if nothing is said at all.

    Raises
    ------
    LayoutError
        If neither layout nor tree is given, and something else is.
    """
    if name is None and tree is None:
        if id is None and image_column is None:
            return None
        raise LayoutError("columns alone are no layout: give --layout, or --tree, with them")
    known = read_tree(tree) if tree is not None else None
    if name is None:
        assert known is not None
        return Layout(known, id or "id_str", image_column=image_column or "")
    return read_layout(name).with_options(tree=known, id=id, image_column=image_column)


def find_layout(columns: Iterable[str]) -> Layout:
    """Find the known layout that a catalog with these columns has.

    Raises
    ------
    LayoutError
        If there is none; the message says which comes nearest, and what it lacks.
    """
    columns = list(columns)
    known = {name: read_layout(name) for name in LAYOUTS}
    lacking = {name: layout.lacking(columns) for name, layout in known.items()}
    fitting = [name for name in LAYOUTS if not lacking[name]]
    if fitting:  # the one that takes most of the columns
        return known[max(fitting, key=lambda name: len(known[name].tree.columns))]
    near = min(LAYOUTS, key=lambda name: len(lacking[name]))
    told = ", ".join(lacking[near][:3])
    more = f" and {len(lacking[near]) - 3} more" if len(lacking[near]) > 3 else ""
    raise LayoutError(
        f"no known layout has these columns; the nearest, {near}, lacks {told}{more}. Describe "
        "yours in a TOML file: --layout FILE"
    )


def _layout(table: Mapping[str, Any], file: Path) -> Layout:
    check_keys(table, KEYS, "the layout")
    for key in ("tree", "id"):
        if not isinstance(table.get(key), str):
            raise LayoutError(f"{key} must be a text. Got: {table.get(key)!r}")
    name = table["tree"]
    beside = file.parent / name
    tree = read_tree(beside if beside.is_file() else name)
    votes, keep = table.get("votes", {}), table.get("keep", {})
    strange = [column for column in votes if column not in tree.columns]
    if strange:
        raise LayoutError(
            f"votes: no answer of the tree {tree.name} is called {strange[0]!r}"
            f"{nearest(strange[0], tree.columns)}"
        )
    image = str(table.get("image", ""))
    try:
        image.format(id="x")
    except (KeyError, IndexError, ValueError):
        raise LayoutError(f"image may hold {{id}} and {{id:.6}} alone. Got: {image!r}") from None
    kept = {column: [str(value) for value in values] for column, values in keep.items()}
    return Layout(tree, table["id"], image, str(table.get("image_column", "")), dict(votes), kept)
