"""N alerts as columns, whatever they came in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from skysift.alerts._recipes import read_column
from skysift.alerts.columns import COLUMNS, column, missing
from skysift.alerts.light_curve import LightCurve, ReferenceSources
from skysift.alerts.signature import full_name, required_columns
from skysift.alerts.source import Source
from skysift.alerts.stamps import Stamps

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

ModuleColumn = dict[str, np.ndarray]
"""What a science module says of n alerts: its outputs, ``status`` and ``version``, each (n,)."""

ColumnValues = np.ndarray | LightCurve | ReferenceSources | Stamps | ModuleColumn


class MissingColumnError(LookupError):
    """A column is asked for that these alerts do not have.

    Attributes
    ----------
    column : str
    needed_by : str or None
        The function that asks for it.
    """

    def __init__(self, column: str, reason: str, needed_by: str | None = None) -> None:
        self.column, self.reason, self.needed_by = column, reason, needed_by
        who = f"{needed_by} needs" if needed_by else "no"
        super().__init__(f"{who} column {column!r}, which these alerts do not have: {reason}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by its arguments, as workers must."""
        return type(self), (self.column, self.reason, self.needed_by)


class AlertBatch:
    """N alerts of one survey, as columns named in `skysift.alerts.columns`.

    A column is read when it is first asked for, and once only.

    Parameters
    ----------
    source : Source
        Decoded packets or a table.

    Attributes
    ----------
    survey : str
        ``ztf`` or ``lsst``.
    """

    def __init__(self, source: Source) -> None:
        self.survey = source.survey
        self._source = source
        self._values: dict[str, ColumnValues] = {}

    @classmethod
    def from_table(cls, table: pa.Table, survey: str = "auto") -> AlertBatch:
        """Take the rows of an Arrow table; see `skysift.alerts.tables.TableAlerts`."""
        from skysift.alerts.tables import TableAlerts

        return cls(TableAlerts(table, survey))

    @classmethod
    def from_pandas(cls, frame: pd.DataFrame, survey: str = "auto") -> AlertBatch:
        """Take the rows of a pandas frame, in the layouts that `from_table` knows.

        Structs are dicts, lists are lists or arrays. The batch keeps the order of the rows and
        forgets their index.
        """
        from skysift.alerts.tables import from_pandas

        return cls(from_pandas(frame, survey))

    def __len__(self) -> int:
        """Count the alerts."""
        return len(self._source)

    def has(self, name: str) -> bool:
        """Tell whether `column` would answer."""
        return name in self._values or (name in COLUMNS and not self.missing([name]))

    def missing(self, names: Iterable[str]) -> list[str]:
        """Return those names, of columns or of attached modules, that `column` would refuse."""
        asked = [name for name in names if name not in self._values]
        unknown = [name for name in asked if name not in COLUMNS]
        known = [name for name in asked if name in COLUMNS]
        return unknown + list(missing(known, self.survey, self._source.has))

    def column(self, name: str) -> Any:
        """Return a column.

        Returns
        -------
        ndarray (n,)
            float64 for numbers and booleans, NaN where null; int64 for identifiers, 0 where null;
            object for texts, None where null. ``lc_features_g`` and ``lc_features_r`` are (n, 6).
        LightCurve, ReferenceSources, Stamps
            For ``light_curve``, ``reference_sources`` and ``stamps``.
        dict of str to ndarray (n,)
            For the struct of a science module that was attached.

        Raises
        ------
        MissingColumnError
            If these alerts do not have it.
        """
        if name not in self._values:
            self._values[name] = self._read(name)
        return self._values[name]

    def _read(self, name: str) -> ColumnValues:
        if name not in COLUMNS:
            raise MissingColumnError(
                name, "it is no alert column, and no science module of that name has run"
            )
        lacking = missing([name], self.survey, self._source.has)
        if name in lacking:
            raise MissingColumnError(name, lacking[name])
        return read_column(column(name), self._source)

    def attach(self, name: str, values: Mapping[str, np.ndarray]) -> None:
        """Add what a science module says, as the column `name`.

        Raises
        ------
        ValueError
            If `name` is taken by an alert column, or an array has not one value an alert.
        """
        if name in COLUMNS:
            raise ValueError(f"a module cannot be named {name!r}: an alert column is")
        for key, array in values.items():
            if np.shape(array) != (len(self),):
                raise ValueError(
                    f"{name}.{key} has shape {np.shape(array)}; it must be ({len(self)},), "
                    "one value an alert"
                )
        self._values[name] = dict(values)

    def call(self, func: Callable[..., Any], **settings: Any) -> Any:
        """Call a filter or a module's ``score`` on the columns that its signature names.

        Parameters
        ----------
        func : callable
            ``func(column, …, *, setting=default, …)``.
        **settings
            Settings that differ from the defaults.

        Raises
        ------
        MissingColumnError
            Naming column and function, if these alerts lack one.
        """
        return func(*(self._needed(name, func) for name in required_columns(func)), **settings)

    def _needed(self, name: str, func: Callable[..., Any]) -> Any:
        try:
            return self.column(name)
        except MissingColumnError as error:
            raise MissingColumnError(name, error.reason, full_name(func)) from None
