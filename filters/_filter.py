"""What the framework knows of a filter, all of it read off its Python file and its stanza."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from skysift.alerts.batch import AlertBatch, MissingColumnError
from skysift.alerts.columns import COLUMNS
from skysift.alerts.signature import required_columns, settings

if TYPE_CHECKING:
    import pandas as pd

KAFKA_TOPIC = re.compile(r"[a-zA-Z0-9._-]{1,249}")


class FilterError(RuntimeError):
    """A filter failed on a batch, or did not answer one truth value an alert."""


@dataclass(frozen=True)
class Filter:
    """One filter: its function and what is declared about it.

    Attributes
    ----------
    name : str
        Name of the filter.
    function : callable
        ``function(column, …, *, setting=default, …)`` → truth value of each alert.
    topic : str
        Name of its topic, with ``{survey}`` where the survey's name goes.
    max_per_night : int or None
        Number of alerts after which its topic takes no more in a night; None is no cap.
    order_by : str or None
        Output of a science module, as ``vra.rank``: its topic takes the night's best by it, as far
        as a stream can know them. None takes the first to come.
    settings : mapping of str to object
        Settings in force: the function's defaults, with what the stanza changes.
    """

    name: str
    function: Callable[..., Any]
    topic: str
    max_per_night: int | None = None
    order_by: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_python(cls, module: ModuleType) -> Filter:
        """Read a filter off its imported Python file.

        Raises
        ------
        TypeError
            If the file holds no function of its own name, or the function no docstring.
        """
        name = module.__name__.rpartition(".")[2]
        function = getattr(module, name, None)
        if not callable(function) or not inspect.getdoc(function):
            raise TypeError(f"filters/{name}.py must define a function {name} with a docstring")
        return cls(name, function, f"skysift_{name}_{{survey}}", settings=settings(function))

    @property
    def columns(self) -> tuple[str, ...]:
        """Alert columns it needs, in order."""
        return required_columns(self.function)

    @property
    def summary(self) -> str:
        """First line of its docstring."""
        return inspect.getdoc(self.function).splitlines()[0]  # type: ignore[union-attr]

    def topic_for(self, survey: str) -> str:
        """Name the topic that its alerts of one survey go to.

        Raises
        ------
        ValueError
            If the template gives no name that Kafka allows.
        """
        try:
            topic = self.topic.format(survey=survey)
        except (LookupError, ValueError):
            topic = ""
        if not KAFKA_TOPIC.fullmatch(topic) or topic in (".", ".."):
            raise ValueError(
                f"filter {self.name}: topic {self.topic!r} must be letters, digits, '.', '_', '-' "
                "and {survey}"
            )
        return topic

    def with_settings(self, given: Mapping[str, Any]) -> Filter:
        """Return the filter with some settings changed.

        Raises
        ------
        ValueError
            Naming the filter, the setting, and what was expected of it.
        """
        for name, value in given.items():
            if name not in self.settings:
                known = ", ".join(self.settings) or "none"
                raise ValueError(f"filter {self.name} has no setting {name!r}; it has: {known}")
            _check_type(f"filter {self.name}: setting {name}", value, self.settings[name])
        return replace(self, settings={**self.settings, **given})

    def select(self, batch: AlertBatch) -> np.ndarray:
        """Tell which alerts of a batch to keep.

        Parameters
        ----------
        batch : AlertBatch
            N alerts, with the structs of the science modules it asks for attached.

        Returns
        -------
        ndarray (N,), bool

        Raises
        ------
        MissingColumnError
            If the batch lacks a column; names the column and the filter.
        FilterError
            If the filter raised, or did not answer N truth values.
        """
        try:
            # What is not a number makes no predicate true; NumPy need not warn of it.
            with np.errstate(all="ignore"):
                kept = np.asarray(batch.call(self.function, **self.settings))
        except MissingColumnError:
            raise
        except Exception as error:
            raise FilterError(
                f"filter {self.name} failed on {len(batch)} alerts: {error!r}"
            ) from error
        if kept.dtype != bool or kept.shape != (len(batch),):
            raise FilterError(
                f"filter {self.name} must answer {len(batch)} truth values; "
                f"got {kept.dtype} of shape {kept.shape}"
            )
        return kept

    def for_pandas(self, frame: pd.DataFrame) -> pd.Series:
        """Tell which alerts of a pandas frame to keep, on the frame's own index.

        Parameters
        ----------
        frame : DataFrame
            N alerts, in any layout that `AlertBatch.from_pandas` knows. A module's struct stands
            in it as a column of mappings (``btsbot``), as a group of columns (``("btsbot",
            "score")``), or flattened (``btsbot.score``).

        Returns
        -------
        Series of bool (N,)
            True for the alerts to keep.

        Raises
        ------
        MissingColumnError, FilterError
            See `select`.
        """
        import pandas as pd

        batch = AlertBatch.from_pandas(frame)
        for name in self.columns:
            struct = None if name in COLUMNS else _struct(frame, name)
            if struct is not None:
                batch.attach(name, struct)
        return pd.Series(self.select(batch), index=frame.index, name=self.name)


def _struct(frame: pd.DataFrame, name: str) -> dict[str, np.ndarray] | None:
    """Take a module's struct out of a frame, however it is nested there; None if it is not."""
    import pandas as pd

    prefix = f"{name}."
    if name not in frame:
        fields = frame[[c for c in frame.columns if str(c).startswith(prefix)]]
        fields = fields.rename(columns=lambda c: c.removeprefix(prefix))
    elif isinstance(frame[name], pd.DataFrame):
        fields = frame[name]
    else:
        fields = pd.DataFrame([_mapping(row) for row in frame[name]])
    return {str(key): values.to_numpy() for key, values in fields.items()} or None


def _mapping(row: Any) -> Mapping[str, Any]:
    """Read one struct: a mapping, a Spark ``Row``, or null."""
    if hasattr(row, "asDict"):
        return row.asDict()
    return row if isinstance(row, Mapping) else {}


def _check_type(what: str, value: Any, default: Any) -> None:
    """Refuse a value of another kind than the default's; a whole number may stand for a real."""
    if default is None:
        return
    allowed = (int, float) if isinstance(default, float) else type(default)
    if not isinstance(value, allowed) or isinstance(value, bool) != isinstance(default, bool):
        raise ValueError(
            f"{what} must be {type(default).__name__}, like {default!r}; got {value!r}"
        )
