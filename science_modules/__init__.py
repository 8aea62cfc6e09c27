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

from skysift.science_modules._module import ScienceModule

__all__ = ["ScienceModule", "discover", "get"]


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


def _load(name: str) -> ScienceModule:
    return ScienceModule.from_python(importlib.import_module(f"{__name__}.{name}"))
