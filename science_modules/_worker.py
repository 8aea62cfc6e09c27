"""Make Spark's Python workers quick from one task to the next.

Before each task PySpark has Python look at its import paths anew, and after it collects garbage.
With PySpark itself in a zip file (whose directory Python 3.10 to 3.12 then read again, once for
each package in it) and the half million objects of a deep-learning library in memory, that took
0.4 s a task, three quarters of a worker's time (benchmarks/README.md).
"""

from __future__ import annotations

import gc
import sys
import zipimport
from functools import cache


def settle() -> None:
    """Spare this process both; called at the end of a task, when all that stays is loaded."""
    _freeze()
    for path, finder in list(sys.path_importer_cache.items()):
        if isinstance(finder, zipimport.zipimporter):
            del sys.path_importer_cache[path]  # the next import from there makes it anew


@cache
def _freeze() -> None:
    """Take what is in memory now out of the garbage collector's sight, once a process."""
    gc.collect()
    gc.freeze()
