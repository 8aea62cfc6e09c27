"""Weights on disk: a file and a JSON sidecar that says what it is.

The file is ``.keras``, or ``.skops`` for scikit-learn's models; the sidecar has its stem. It holds
the file's sha256, the version, what was learned from, how it wants its inputs, and its metrics.
Nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

SUFFIX = ".keras"


class WeightsError(ValueError):
    """Weights are missing, damaged, or not what they are said to be."""


@dataclass(frozen=True)
class Weights:
    """A verified weights file.

    Attributes
    ----------
    path : Path
        The weights file, resolved.
    sha256 : str
        Of the file as it is on disk; equal to what the sidecar says.
    facts : mapping
        The sidecar's content.
    """

    path: Path
    sha256: str
    facts: Mapping[str, Any]


def read_weights(path: str | os.PathLike[str], suffix: str = SUFFIX) -> Weights:
    """Find weights and check them against their sidecar.

    Parameters
    ----------
    path : path-like
        A weights file, or a folder that holds exactly one.
    suffix : str
        Of the file's name.

    Raises
    ------
    WeightsError
        If there is no such file, no sidecar, or the sha256 differs.
    """
    file = _locate(Path(path), suffix).resolve()
    facts = _read_sidecar(sidecar_path(file))
    digest = sha256_of(file)
    if facts.get("sha256") != digest:
        raise WeightsError(
            f"{file} is damaged or was replaced: its sha256 is {digest}, "
            f"its sidecar says {facts.get('sha256')}. Import or train the weights again."
        )
    return Weights(file, digest, facts)


def write_sidecar(path: Path, facts: Mapping[str, Any]) -> Path:
    """Write the sidecar of a weights file, adding the file's sha256.

    Parameters
    ----------
    path : Path
        The weights file, already written.
    facts : mapping
        What JSON can hold.

    Returns
    -------
    Path
        The sidecar.
    """
    sidecar = sidecar_path(path)
    text = json.dumps({"sha256": sha256_of(path), **facts}, indent=2, allow_nan=False)
    sidecar.write_text(text + "\n", encoding="utf-8")
    return sidecar


def sidecar_path(path: Path) -> Path:
    """Return where the sidecar of a weights file is."""
    return path.with_suffix(".json")


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file; hashed again only when the file has changed."""
    stat = path.stat()
    return _sha256(path, stat.st_mtime_ns, stat.st_size, stat.st_ino)


@lru_cache(maxsize=64)
def _sha256(path: Path, *_changes: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _locate(path: Path, suffix: str) -> Path:
    if path.is_file() and path.suffix == suffix:
        return path
    if not path.is_dir():
        raise WeightsError(f"no weights at {path}: a {suffix} file or a folder with one is needed")
    found = sorted(path.glob(f"*{suffix}"))
    if len(found) != 1:
        names = ", ".join(file.name for file in found) or "none"
        raise WeightsError(f"{path} must hold exactly one {suffix} file; found: {names}")
    return found[0]


def _read_sidecar(path: Path) -> dict[str, Any]:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WeightsError(
            f"no sidecar {path}: weights are used only with the JSON file that "
            "`skysift train` or `skysift models import` writes beside them"
        ) from None
    except ValueError as error:
        raise WeightsError(f"sidecar {path} is not JSON: {error}") from None
    if not isinstance(facts, dict):
        raise WeightsError(f"sidecar {path} must hold a JSON object")
    return facts


Key = tuple[Callable[..., Any], Path, str]

_loaded: dict[Key, Any] = {}
_asked: dict[tuple[Callable[..., Any], str], Key] = {}
_lock = threading.Lock()


def load_once(
    path: str | os.PathLike[str], build: Callable[[Weights], T], suffix: str = SUFFIX
) -> T:
    """Build something from weights once per process, and again only if the file changes.

    What a path led to before is forgotten then: a job may run through many rounds of labels.

    Parameters
    ----------
    path, suffix
        As in `read_weights`.
    build : callable
        ``build(weights)``; called under a lock.
    """
    weights = read_weights(path, suffix)
    key = (build, weights.path, weights.sha256)
    with _lock:
        if key not in _loaded:
            _loaded[key] = build(weights)
        before = _asked.get((build, os.fspath(path)))
        _asked[build, os.fspath(path)] = key
        if before is not None and before not in _asked.values():
            del _loaded[before]
        return _loaded[key]
