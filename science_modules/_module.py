"""What the framework knows of a science module, all of it read off its Python file."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from skysift.alerts.batch import AlertBatch, MissingColumnError
from skysift.alerts.columns import COLUMNS
from skysift.alerts.signature import required_columns, settings

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

DECLARATION = ("score", "OUTPUTS", "SURVEYS")
"""What the file of a science module must hold."""

OK = "ok"
MODULE_ERROR = "module_error"
"""Status of a batch whose module raised: the job goes on, the log has the traceback."""


@dataclass(frozen=True)
class ScienceModule:
    """One module: its pure function and what is declared about it.

    Attributes
    ----------
    name : str
        Name of the module, and of the struct column it adds.
    score : callable
        ``score(column, …, *, setting=default, …)`` → mapping of outputs, ``status``, ``version``.
    outputs : mapping of str to str
        Output names and their SQL types, without ``status`` and ``version``.
    surveys : tuple of str
        Surveys whose alerts hold what the module needs.
    own_prepare : callable, optional
        ``prepare(*, setting, …)`` of the file: checks settings before a job starts.
    default : bool
        Whether a job runs it without being asked: False where the file says ``DEFAULT = False``.
    """

    name: str
    score: Callable[..., Mapping[str, Any]]
    outputs: Mapping[str, str]
    surveys: tuple[str, ...]
    own_prepare: Callable[..., None] | None = None
    default: bool = True

    @classmethod
    def from_python(cls, module: ModuleType) -> ScienceModule:
        """Read a science module off its imported Python file.

        Raises
        ------
        TypeError
            If the file lacks a part of the declaration, or takes a name that is taken.
        """
        name = module.__name__.rpartition(".")[2]
        lacking = [part for part in DECLARATION if not getattr(module, part, None)]
        if lacking or not inspect.getdoc(module.score):
            told = ", ".join(lacking) or "a docstring of score"
            raise TypeError(f"science_modules/{name}.py must declare itself; it lacks: {told}")
        if name in COLUMNS:
            raise TypeError(
                f"science_modules/{name}.py: an alert column is called {name!r} already"
            )
        return cls(
            name,
            module.score,
            dict(module.OUTPUTS),
            tuple(module.SURVEYS),
            getattr(module, "prepare", None),
            getattr(module, "DEFAULT", True),
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """Alert columns it needs, in order."""
        return required_columns(self.score)

    @property
    def settings(self) -> dict[str, Any]:
        """Settings it takes, with their defaults."""
        return settings(self.score)

    @property
    def summary(self) -> str:
        """First line of its docstring."""
        return inspect.getdoc(self.score).splitlines()[0]  # type: ignore[union-attr]

    @property
    def ddl(self) -> str:
        """SQL type of the struct column it adds."""
        fields = {**self.outputs, "status": "string", "version": "string"}
        return "struct<" + ", ".join(f"{name}: {kind}" for name, kind in fields.items()) + ">"

    def check_settings(self, given: Mapping[str, Any]) -> None:
        """Refuse settings the module does not have.

        Raises
        ------
        ValueError
            Naming the setting and listing those there are.
        """
        for name in given:
            if name not in self.settings:
                known = ", ".join(self.settings) or "none"
                raise ValueError(f"module {self.name} has no setting {name!r}; it has: {known}")

    def prepare(self, **given: Any) -> None:
        """Check the settings before a job starts, as far as the module knows how to.

        Raises
        ------
        ValueError
            If a setting is unknown, or the module's own ``prepare`` refuses one: weights that are
            missing or damaged, say.
        """
        self.check_settings(given)
        if self.own_prepare is not None:
            self.own_prepare(**{**self.settings, **given})

    def annotate(self, batch: AlertBatch, **given: Any) -> dict[str, np.ndarray]:
        """Score a batch and attach the result to it as the column `name`.

        Whatever the module does, every alert gets a status: if it raises, the whole batch gets
        ``module_error`` and null scores, and the traceback is logged. Infinite or absurd numbers in
        one alert make NumPy warn of nothing: they are what statuses are for.

        Parameters
        ----------
        batch : AlertBatch
            N alerts.
        **given
            Settings that differ from the defaults.

        Returns
        -------
        dict of str to ndarray (N,)
            The outputs, ``status`` and ``version``.

        Raises
        ------
        ValueError
            If a setting is unknown.
        """
        self.check_settings(given)
        try:
            with np.errstate(all="ignore"):
                columns = self._complete(batch.call(self.score, **given), len(batch))
        except Exception:
            log.exception("module %s failed on a batch of %d alerts", self.name, len(batch))
            columns = self._failed(len(batch))
        batch.attach(self.name, columns)
        return columns

    def for_pandas(self, frame: pd.DataFrame, **given: Any) -> pd.DataFrame:
        """Score the alerts of a pandas frame (a broker's rows), keeping its index.

        Parameters
        ----------
        frame : DataFrame
            N alerts, in any layout that `AlertBatch.from_pandas` knows.

        Returns
        -------
        DataFrame
            N rows, the index of `frame`; the outputs, ``status`` and ``version``.

        Raises
        ------
        MissingColumnError
            If `frame` lacks a column that the module needs; names both.
        ValueError
            If a setting is unknown.
        """
        import pandas as pd

        batch = AlertBatch.from_pandas(frame)
        self._check_columns(batch)
        return pd.DataFrame(self.annotate(batch, **given), index=frame.index)

    def _check_columns(self, batch: AlertBatch) -> None:
        for name in batch.missing(self.columns):
            try:
                batch.column(name)
            except MissingColumnError as error:
                raise MissingColumnError(name, error.reason, f"module {self.name}") from None

    def _complete(self, result: Mapping[str, Any], n: int) -> dict[str, np.ndarray]:
        """Null every output where the status is not ok, whatever the module left there."""
        status = np.asarray(result["status"], dtype=object)
        columns = {name: _column(result[name], kind) for name, kind in self.outputs.items()}
        for name, values in columns.items():
            if values.shape != (n,) or status.shape != (n,):
                raise ValueError(f"{self.name}.{name} has shape {values.shape} for {n} alerts")
            columns[name] = _nulled(values, status != OK)
        columns["status"] = status
        columns["version"] = np.full(n, result["version"], dtype=object)
        return columns

    def _failed(self, n: int) -> dict[str, np.ndarray]:
        columns = {
            name: np.full(n, np.nan if kind in ("float", "double") else None)
            for name, kind in self.outputs.items()
        }
        columns["status"] = np.full(n, MODULE_ERROR, dtype=object)
        columns["version"] = np.full(n, None, dtype=object)
        return columns


def _column(values: Any, kind: str) -> np.ndarray:
    """Make a column; of arrays, objects: one row (d,) each."""
    array = np.asarray(values)
    if not kind.startswith("array") or array.ndim == 1:
        return array
    rows = np.empty(len(array), dtype=object)
    for i, row in enumerate(array):
        rows[i] = row
    return rows


def _nulled(values: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Put nulls in: NaN among real numbers; None among all else, which NumPy must hold as objects.

    A None put into an array of booleans would become False, into one of texts ``"None"``.
    """
    if values.dtype.kind == "f":
        return np.where(where, np.nan, values).astype(values.dtype)
    objects = values.astype(object)
    objects[where] = None
    return objects
