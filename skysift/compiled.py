"""How loops over pixels and bytes are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba

Function = Callable[..., Any]

ANY_ORDER = {"reassoc", "contract", "nsz"}
"""What vector units need to sum numbers side by side. NaN and infinity keep their meaning."""


def compiled(function: Function) -> Function:
    """Compile, keeping the machine code on disk where there is a place to keep it.

    Numba keys what it keeps by the date of the function's file: what calls each other stands in
    one file, with the constants it uses.
    """
    return _kept(function)


def compiled_in_any_order(function: Function) -> Function:
    """Compile as `compiled`, for sums whose terms may be added in any order.

    A sum still does not depend on anything but its terms: the order is that of the machine code.
    """
    return _kept(function, fastmath=ANY_ORDER, error_model="numpy")


def _kept(function: Function, **options: Any) -> Function:
    try:
        return numba.njit(cache=True, nogil=True, **options)(function)
    except RuntimeError:  # neither the package, nor the user's cache folder can be written
        return numba.njit(nogil=True, **options)(function)
