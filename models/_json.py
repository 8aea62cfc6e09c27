"""Reports as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """Turn NumPy's numbers into Python's, and what is not finite into None.

    Examples
    --------
    >>> plain({1: np.float32(0.5), "b": [np.nan, (np.int64(2),)]})
    {'1': 0.5, 'b': [None, [2]]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value


def write_json(path: Path, report: Any) -> None:
    """Write what `plain` returned.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    text = json.dumps(report, indent=2, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
