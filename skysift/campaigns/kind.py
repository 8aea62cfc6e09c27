"""What a model brings to be taught by people: a table of functions, as its folder's `KIND`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from skysift.active_learning.learner import Learner
from skysift.active_learning.loop import Acquisition
from skysift.active_learning.pool import Pool
from skysift.active_learning.questions import AnyForm
from skysift.alerts.batch import AlertBatch

if TYPE_CHECKING:
    from skysift.campaigns.replaying import Contest


class NotEnoughLabelsError(ValueError):
    """The labels so far teach the model nothing; the message says what is lacking."""


class RowsError(ValueError):
    """No alert can be made a row of now, whichever it is; the message says what to mend."""


Tell = Callable[[str, int, int], None]
"""``tell(stage, done, of)``, called as long work proceeds."""


@dataclass(frozen=True)
class Collected:
    """Counts of a collection.

    Attributes
    ----------
    frames : int
        Looked into.
    detections : int
        In those whose detections the pool did not have yet.
    new : int
        Of these, places that the pool did not know.
    known : int
        Objects of the whole pool whose answer is known without asking.
    """

    frames: int
    detections: int
    new: int
    known: int


@dataclass(frozen=True)
class Rows:
    """How alerts become rows of a pool.

    Attributes
    ----------
    survey : str
    columns : tuple of str
        Alert columns that are asked for.
    make : callable
        ``make(batch, settings) -> DataFrame``: ``candid``, ``objectId``, ``jd``, ``status`` (ok, or
        why there is nothing to learn from), and columns of numbers or of text. It raises
        `RowsError` for what is not the alerts' fault.
    """

    survey: str
    columns: tuple[str, ...]
    make: Callable[[AlertBatch, Any], pd.DataFrame]


@dataclass(frozen=True)
class Tools:
    """Verbs that a model has of its own; a verb that it lacks is not offered.

    Attributes
    ----------
    collect : callable, optional
        ``collect(source, pool, asked, tell) -> Collected``: for ``collect``; folders of what was
        found and of the pool, and what is asked for by name: ``weights`` and ``threshold``.
    contest : callable, optional
        ``contest(train, train_labels, validation, validation_labels, settings) -> Contest``, four
        paths of tables: for ``replay``.
    score : callable, optional
        ``score(source, weights, progress) -> DataFrame``: for ``score``.
    export : callable, optional
        ``export(weights, output)``: for ``export``.
    simulate : callable, optional
        ``simulate(asked, save, tell) -> dict``: for ``simulate``; what is asked for by name, the
        folder to go on in, and a `Tell`.
    """

    collect: Callable[[Path, Path, Mapping[str, Any], Tell], Collected] | None = None
    contest: Callable[[Path, Path, Path, Path, Any], Contest] | None = None
    score: Callable[[Path, Path | None, Callable[[int], object]], pd.DataFrame] | None = None
    export: Callable[[Path | None, Path], None] | None = None
    simulate: Callable[[Mapping[str, Any], Path, Tell], dict[str, Any]] | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of campaign.

    Attributes
    ----------
    name : str
        The model's; also of its table in a campaign's file.
    doc : str
        What is learned, in a line.
    settings : type
        Dataclass of that table; each field's metadata holds ``doc``, and what
        `skysift.models._settings.from_table` checks.
    form : callable
        ``form(settings) -> Choice, Votes or Marks``: what people are asked.
    unused : callable
        ``unused(settings) -> tuple``: answers that teach this model nothing.
    read_pool : callable
        ``read_pool(path, settings) -> Pool``: what can be asked about.
    learner : callable
        ``learner(pool, background, settings) -> Learner``; `background`, bool (n,), tells the rows
        of objects that are not held out.
    rows : Rows, optional
        For ``listen``.
    describe : callable, optional
        ``describe(batch) -> str``: one alert, for somebody who cannot see it.
    write_pictures : callable, optional
        ``write_pictures(pool, items, folder)``: pictures ``ITEM.png`` of what is no alert.
    remember : callable, optional
        ``remember(pool, acquisition)``: keeps beside the pool how much each row was worth asking
        about; the ledger only knows which were.
    tools : Tools
    """

    name: str
    doc: str
    settings: type
    form: Callable[[Any], AnyForm]
    unused: Callable[[Any], tuple[str, ...]]
    read_pool: Callable[[Path, Any], Pool]
    learner: Callable[[Pool, np.ndarray, Any], Learner]
    rows: Rows | None = None
    describe: Callable[[AlertBatch], str] | None = None
    write_pictures: Callable[[Pool, Sequence[str], Path], None] | None = None
    remember: Callable[[Pool, Acquisition], None] | None = None
    tools: Tools = Tools()

    @property
    def filled_by(self) -> str | None:
        """The verb that fills a pool; None where pools are made elsewhere."""
        if self.rows is not None:
            return "listen"
        return None if self.tools.collect is None else "collect"
