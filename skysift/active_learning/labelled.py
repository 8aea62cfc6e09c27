"""What a pool's rows are labelled with, as far as the ledger knows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from skysift.active_learning.learner import Model
from skysift.active_learning.pool import Pool
from skysift.active_learning.reconcile import reconcile
from skysift.active_learning.records import Answer


@dataclass(frozen=True)
class Labelled:
    """Rows of a pool with their labels, in the order of asking.

    Attributes
    ----------
    rows : ndarray (n,), int64
        Of the pool.
    answers : ndarray (n,), object
        The reconciled label of each row's object.
    rounds : ndarray (n,), int64
        In which each row was first asked about.
    absent : int
        Labelled items that the pool does not hold.
    """

    rows: np.ndarray
    answers: np.ndarray
    rounds: np.ndarray
    absent: int

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.rows)

    def where(self, mask: np.ndarray) -> Labelled:
        """Return some of the rows."""
        return Labelled(self.rows[mask], self.answers[mask], self.rounds[mask], self.absent)


def labelled_rows(
    pool: Pool, answers: Iterable[Answer], *, rule: str, unused: Collection[str] = ()
) -> Labelled:
    """Find the rows that were asked about and whose objects have a label.

    Parameters
    ----------
    pool : Pool
    answers : iterable of Answer
        Those that stand.
    rule : str
        How answers about one object are reconciled.
    unused : collection of str
        Choices to leave out.

    Returns
    -------
    Labelled
    """
    answers = [answer for answer in answers if not answer.skipped]
    label_of = reconcile(answers, rule)
    asked = {answer.question.item: answer.question for answer in reversed(answers)}
    taught = sorted(
        (question for question in asked.values() if _teaches(label_of, question.object, unused)),
        key=lambda question: question.id,
    )
    rows = pool.rows_of([question.item for question in taught])
    labels = np.empty(len(taught), dtype=object)
    labels[:] = [label_of[question.object] for question in taught]
    rounds = np.array([question.round for question in taught], dtype=np.int64)
    here = rows >= 0
    return Labelled(rows[here], labels[here], rounds[here], int((~here).sum()))


def ids_table(pool: Pool, labelled: Labelled, held_out: np.ndarray) -> pd.DataFrame:
    """Tabulate what was learned from and judged on.

    Parameters
    ----------
    pool : Pool
    labelled : Labelled
    held_out : ndarray (len(labelled),), bool

    Returns
    -------
    DataFrame
        ``item``, ``object``, ``part`` (train or held_out), ``answer`` (a choice as it is, other
        labels as JSON), ``round``.
    """
    return pd.DataFrame(
        {
            "item": pool.items[labelled.rows],
            "object": pool.objects[labelled.rows],
            "part": np.where(held_out, "held_out", "train"),
            "answer": [_as_text(answer) for answer in labelled.answers],
            "round": labelled.rounds,
        }
    )


def predictions_table(pool: Pool, labelled: Labelled, model: Model) -> pd.DataFrame:
    """Tabulate what a model says of labelled rows: what every curve can be drawn from.

    Parameters
    ----------
    pool : Pool
    labelled : Labelled
        At least one row.
    model : Model

    Returns
    -------
    DataFrame
        ``item``, ``object``, ``answer`` as in `ids_table`; a column of probabilities for each of
        the model's classes, ``p_CLASS``.
    """
    predicted = model.predict(pool.features[labelled.rows])
    return pd.DataFrame(
        {
            "item": pool.items[labelled.rows],
            "object": pool.objects[labelled.rows],
            "answer": [_as_text(answer) for answer in labelled.answers],
            **{f"p_{name}": predicted[:, j] for j, name in enumerate(model.classes)},
        }
    )


def data_hash(pool: Pool, labelled: Labelled) -> str:
    """Return a sha256 of the rows' names, features and labels, in the order of asking."""
    sha256 = hashlib.sha256()
    features = np.ascontiguousarray(pool.features[labelled.rows])
    names = [pool.items[labelled.rows].tolist(), [_as_text(a) for a in labelled.answers]]
    about = [*names, str(features.dtype), features.shape]
    sha256.update(json.dumps(about).encode())
    plain = features if features.dtype.kind != "O" else np.array(features.astype(str))
    sha256.update(plain.tobytes())
    return sha256.hexdigest()


def _teaches(label_of: Mapping[str, Any], name: str, unused: Collection[str]) -> bool:
    label = label_of.get(name)
    return label is not None and not (isinstance(label, str) and label in unused)


def _as_text(answer: Any) -> str:
    return answer if isinstance(answer, str) else json.dumps(answer, sort_keys=True)
