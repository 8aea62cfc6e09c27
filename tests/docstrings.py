"""Running the examples in docstrings."""

from __future__ import annotations

import doctest
import sys
from collections.abc import Callable
from typing import Any

DOCTEST_FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


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
