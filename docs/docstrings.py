"""Read what a numpydoc docstring says of a function and of its parameters."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable
from typing import Any

_SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}\n", flags=re.MULTILINE)
_ENTRY = re.compile(r"^(\S.*)\n((?:(?: .*)?(?:\n|\Z))*)", flags=re.MULTILINE)


def lead(function: Callable[..., Any]) -> str:
    """Return the text before the first section, as Markdown.

    >>> print(lead(described))
    Find what the docstring says of each parameter, as Markdown in one line.
    """
    return _markdown(sections(function)[""])


def described(function: Callable[..., Any]) -> dict[str, str]:
    """Find what the docstring says of each parameter, as Markdown in one line.

    Parameters
    ----------
    function : callable
        Its docstring is in numpydoc's form. Parameters described together
        (``low, high : float``) get the same text.

    Returns
    -------
    dict of str to str
        By name of the parameter.

    Examples
    --------
    >>> print(described(described)["function"][:47])
    Its docstring is in numpydoc's form. Parameters
    """
    found = {}
    for head, body in _ENTRY.findall(sections(function).get("Parameters", "")):
        text = _markdown(" ".join(textwrap.dedent(body).split()))
        names, _, _ = head.partition(" : ")
        found.update({name.strip(): text for name in names.split(",")})
    return found


def sections(function: Callable[..., Any]) -> dict[str, str]:
    """Split a docstring by its underlined titles; what comes first is ``""``."""
    first, *rest = _SECTION.split(inspect.getdoc(function) or "")
    return {"": first.strip(), **dict(zip(rest[::2], rest[1::2], strict=True))}


def _markdown(text: str) -> str:
    return text.replace("``", "`")
