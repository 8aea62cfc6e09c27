"""Read a decision tree from its TOML file."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from skysift.galaxy_zoo.question import Question
from skysift.galaxy_zoo.tree import Tree

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).with_name("trees")

TREES = tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))
"""Trees that are known by name."""

KEYS = {"name", "text", "answers", "parent", "after"}


class TreeError(ValueError):
    """A file describes no decision tree."""


def read_tree(name: str | Path) -> Tree:
    """Read a tree.

    Parameters
    ----------
    name : str or Path
        One of `TREES`, or a TOML file: ``title``, and a table ``[[questions]]`` for each question
        with ``name``, ``text``, ``answers`` and, unless everybody is asked, ``parent`` and
        ``after``, the answers of the parent that lead to it.

    Raises
    ------
    TreeError
        If there is no such tree, or the file describes none; the message says what is wrong.

    Examples
    --------
    >>> tree = read_tree("gz2")
    >>> tree["bar"].parent, tree["bar"].answers
    ('disk-edge-on', ('yes', 'no'))
    >>> len(tree.columns)
    30
    """
    file = FOLDER / f"{name}.toml" if str(name) in TREES else Path(name)
    if not file.is_file():
        raise TreeError(f"no decision tree {str(name)!r}: give a TOML file or {', '.join(TREES)}")
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:  # not TOML, or not text
        raise TreeError(f"{file} cannot be read as TOML: {error}") from None
    try:
        return tree_of(file.stem, table)
    except TreeError as error:
        raise TreeError(f"{file}: {error}") from None


def tree_of(name: str, table: Mapping[str, Any]) -> Tree:
    """Make a tree of what its file holds; `Tree.as_table` gives it back.

    Raises
    ------
    TreeError
        If the table describes no tree.
    """
    entries = table.get("questions")
    if not isinstance(entries, list) or not entries:
        raise TreeError("there is no table [[questions]]")
    known: dict[str, Question] = {}
    for number, entry in enumerate(entries, 1):
        question = _question(entry, number)
        _check(question, known)
        known[question.name] = question
    return Tree(name, str(table.get("title", name)), tuple(known.values()))


def _question(entry: Any, number: int) -> Question:
    if not isinstance(entry, Mapping) or not _is_word(entry.get("name")):
        raise TreeError(f"question {number} needs a name, without underscore. Got: {entry!r}")
    name = entry["name"]
    unknown = set(entry) - KEYS
    if unknown:
        raise TreeError(f"{name}: no key {min(unknown)!r} is known. Known: {', '.join(KEYS)}")
    answers: Any = entry.get("answers")
    after = entry.get("after", [])
    if not _are_words(answers) or len(answers) < 2:
        raise TreeError(f"{name}: answers must be two or more texts. Got: {answers!r}")
    if not _are_words(after):
        raise TreeError(f"{name}: after must be a list of answers. Got: {after!r}")
    return Question(
        name, str(entry.get("text", name)), tuple(answers), entry.get("parent"), tuple(after)
    )


def _check(question: Question, known: Mapping[str, Question]) -> None:
    """Hold a question against those before it."""
    name, parent = question.name, question.parent
    if name in known:
        raise TreeError(f"{name}: there are two questions of that name")
    if "total" in question.answers:
        raise TreeError(f"{name}: no answer can be 'total', which is the column of its sum")
    if (parent is None) != (not question.after):
        raise TreeError(f"{name}: parent and after go together")
    if parent is None:
        return
    if parent not in known:
        told = ", ".join(known) or "none"
        raise TreeError(f"{name}: its parent {parent!r} is none of those before it: {told}")
    strange = set(question.after) - set(known[parent].answers)
    if strange:
        told = ", ".join(known[parent].answers)
        raise TreeError(f"{name}: {min(strange)!r} is no answer of {parent}: {told}")


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and value != "" and "_" not in value


def _are_words(values: Any) -> bool:
    """Texts, no two the same."""
    return (
        isinstance(values, list)
        and all(isinstance(value, str) and value for value in values)
        and len(set(values)) == len(values)
    )
