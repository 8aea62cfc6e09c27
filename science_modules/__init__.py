"""Science modules: what puts a score, a status and a version beside each alert.

A file here is its registration. It holds a pure function ``score`` and says what that function
answers in ``OUTPUTS``; everything a broker, the job, the docs or the command line need is derived
from those two. `discover` finds them all.

The signature is the declaration: positional parameters of ``score`` are alert columns, by their
names in `skysift.alerts.columns`; keyword-only parameters are settings with defaults.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from skysift.science_modules._module import ScienceModule

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["ScienceModule", "annotate", "discover", "get"]


def discover() -> dict[str, ScienceModule]:
    """Find every science module in this folder.

    Returns
    -------
    dict of str to ScienceModule
        By name, sorted. Importing them loads neither Spark nor a deep-learning library.
    """
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    return {name: _load(name) for name in names}


def get(name: str) -> ScienceModule:
    """Return one science module by name.

    Raises
    ------
    KeyError
        If there is no such module; the message lists those there are.
    """
    known = discover()
    if name not in known:
        raise KeyError(f"no science module {name!r}; there are: {', '.join(known)}")
    return known[name]


def annotate(
    alerts: DataFrame,
    modules: Sequence[str],
    *,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
) -> DataFrame:
    """Add modules' struct columns to a Spark DataFrame; see `_udf.annotate`."""
    from skysift.science_modules import _udf  # Spark only where it is asked for

    return _udf.annotate(alerts, modules, settings=settings)


def _load(name: str) -> ScienceModule:
    return ScienceModule.from_python(importlib.import_module(f"{__name__}.{name}"))
