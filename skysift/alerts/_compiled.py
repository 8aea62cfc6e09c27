"""How functions of this room are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile, keeping the machine code on disk where there is a place to keep it.

    Numba keys what it keeps by the date of the function's file: what calls each other stands in
    one file, with the constants it uses.
    """
    try:
        return numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # neither the package, nor the user's cache folder can be written
        return numba.njit(nogil=True)(function)
