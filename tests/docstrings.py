"""Reading docstrings, and running the examples in them."""

from __future__ import annotations

import doctest
import re
import sys
from collections.abc import Callable
from typing import Any

DOCTEST_FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def sections(text: str) -> dict[str, str]:
    """Split a numpydoc docstring by its underlined titles; what comes first is ''."""
    parts = re.split(r"^(\w[\w ]*)\n-{3,}$", text, flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def parameters(section: str) -> dict[str, str]:
    """Read the descriptions of a ``Parameters`` section, by name."""
    entries = re.findall(r"^(\S.*?)(?: : .*)?\n((?:[ \t]+.*\n?|\n)*)", section + "\n", re.MULTILINE)
    return {name.strip(): text.strip() for names, text in entries for name in names.split(",")}


def examples_of(function: Callable[..., Any]) -> list[doctest.DocTest]:
    """Find the examples of a function."""
    scope = dict(vars(sys.modules[function.__module__]))
    return doctest.DocTestFinder(recurse=False).find(function, function.__name__, globs=scope)


def run_examples(function: Callable[..., Any]) -> str:
    """Run the examples of a function; return what is wrong with them."""
    report: list[str] = []
    for test in examples_of(function):
        doctest.DocTestRunner(optionflags=DOCTEST_FLAGS).run(test, out=report.append)
    return "".join(report)
