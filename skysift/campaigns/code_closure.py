"""The files of skysift that some of its modules need: so much and no more goes with a model."""

from __future__ import annotations

import ast
import importlib.util
import shutil
from collections.abc import Iterable
from pathlib import Path

PACKAGE = "skysift"
DATA = ("*.toml",)
"""Files that go with the modules of a folder."""


def closure(modules: Iterable[str]) -> dict[str, Path]:
    """Find every module of skysift that these import, here or within a function.

    Parameters
    ----------
    modules : iterable of str

    Returns
    -------
    dict of str to Path
        File of each by name, the packages that hold them among them.
    """
    found: dict[str, Path] = {}
    waiting = [part for name in modules for part in _with_parents(name)]
    while waiting:
        name = waiting.pop()
        if name not in found and (path := _file(name)) is not None:
            found[name] = path
            waiting += [part for used in _imported(path) for part in _with_parents(used)]
    return dict(sorted(found.items()))


def copy_closure(modules: Iterable[str], folder: Path) -> None:
    """Copy the closure of modules into a folder, as a package that can be imported from there."""
    for name, path in closure(modules).items():
        parts = name.split(".")
        place = (
            folder.joinpath(*parts) if path.name == "__init__.py" else folder.joinpath(*parts[:-1])
        )
        place.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place / path.name)
        for pattern in DATA if path.name == "__init__.py" else ():
            for data in path.parent.glob(pattern):
                shutil.copyfile(data, place / data.name)


def _with_parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts) + 1)]


def _file(name: str) -> Path | None:
    """Return the file of a module; None for a name that a module only holds."""
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:  # it is looked for in what is no package
        return None
    return Path(spec.origin) if spec is not None and spec.origin else None


def _imported(path: Path) -> set[str]:
    """Name what a file imports from skysift: modules, and names that may be modules."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in found if name.split(".")[0] == PACKAGE}
