"""Where libdeflate's functions are in memory, for compiled code to call them."""

from __future__ import annotations

import ctypes
from functools import cache

import deflate
import numpy as np

FUNCTIONS = (
    "libdeflate_alloc_decompressor",
    "libdeflate_gzip_decompress_ex",
    "libdeflate_free_decompressor",
)


@cache
def addresses(names: tuple[str, ...] = FUNCTIONS) -> np.ndarray | None:
    """Look the functions up in the library that the ``deflate`` package brings.

    Returns
    -------
    ndarray, int64, or None
        An address each; None where this build of the package does not show them, or addresses
        and sizes are no 64-bit integers.
    """
    if ctypes.sizeof(ctypes.c_size_t) != np.dtype(np.int64).itemsize:
        return None
    extension = getattr(deflate, "_deflate", None)
    try:
        library = ctypes.CDLL(extension.__file__)  # type: ignore[union-attr]
        found = [ctypes.cast(library[name], ctypes.c_void_p).value for name in names]
    except (AttributeError, OSError, TypeError):
        return None
    return np.array(found, dtype=np.int64)
