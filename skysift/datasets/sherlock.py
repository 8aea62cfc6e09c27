"""What Sherlock knows of the places of alerts, put beside their features.

Sherlock crossmatches a place with the catalogues of the sky and says what it is likely to be
(Young 2023, 10.5281/zenodo.8038057). Lasair answers for it over the network, so it is asked beside
the stream, never in it: each object once, at the place of its first alert, the answer kept on disk.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import numpy as np
import pandas as pd

from skysift.datasets.lasair_calls import Caller, LimitError, NoAnswerError
from skysift.datasets.sherlock_answers import Answer, Answers

log = logging.getLogger(__name__)

TOKEN = "LASAIR_TOKEN"
"""Environment variable with the token of a Lasair account."""

THREADS = 4

GIVE_UP = 8
"""So many objects without an answer one after another, and the others are not asked."""

MATCHED, NO_MATCH, FAILED = "matched", "no_match", "failed"

NOT_NEW = ("AGN", "VS")
"""Classes that the published assistant drops: active nuclei and variable stars, known as such."""

KNOWN_VARIABLE = "known_variable"
"""Status of an alert of one of these: it is kept, and nobody is asked about it."""

COLUMNS = ("sherlock_class", "sherlock_status")
"""What is added to a table; ``sep_arcsec`` is there already."""

Progress = Callable[[int, int], object]


def read_token(file: Path | None = None) -> str | None:
    """Read the token of a Lasair account from a file, or else from the environment.

    Returns
    -------
    str or None
        None if there is none.

    Raises
    ------
    ValueError
        If the file is empty, or the token cannot be one.
    """
    given = file.read_text(encoding="utf-8") if file else os.environ.get(TOKEN, "")
    token = given.strip()
    if file and not token:
        raise ValueError(f"{file} is empty: it should hold the token of a Lasair account")
    if not token.isprintable() or " " in token:
        raise ValueError(f"the token in {file or TOKEN} must be one word")
    return token or None


class Sherlock:
    """Answers about objects, out of a file or from Lasair.

    Parameters
    ----------
    answers : Path
        SQLite file of what was answered before.
    caller : Caller, optional
        Who asks; without one only the file answers.
    threads : int
        Calls at a time, at most.
    """

    def __init__(
        self, answers: Path, caller: Caller | None = None, *, threads: int = THREADS
    ) -> None:
        self._path = answers
        self._answers = Answers(answers)
        self._caller = caller
        self._threads = threads

    def look_up(
        self, places: pd.DataFrame, progress: Progress = lambda done, total: None
    ) -> dict[str, Answer]:
        """Find out what Sherlock makes of objects.

        Parameters
        ----------
        places : DataFrame
            Index: object. ``ra``, ``dec``: deg.
        progress : callable
            Told how many are answered, of how many.

        Returns
        -------
        dict of str to Answer
            By object; those that got no answer are not in it, and are asked again next time.

        Raises
        ------
        RefusedError
            If Lasair does not know the token.
        ValueError
            If something must be asked and there is nobody to ask.
        """
        found = self._answers.get(places.index)
        unknown = places[~places.index.isin(list(found)) & np.isfinite(places).all(axis=1)]
        progress(len(found), len(places))
        if len(unknown):
            for name, answer in self._ask(unknown):
                found[name] = answer
                self._answers.put(name, answer, *unknown.loc[name, ["ra", "dec"]].tolist())
                progress(len(found), len(places))
        return found

    def _ask(self, places: pd.DataFrame) -> Iterator[tuple[str, Answer]]:
        """Yield answers as they come; stop where going on would be in vain."""
        if self._caller is None:
            raise ValueError(
                f"{self._path} knows nothing of {len(places):,} objects. Set {TOKEN} to the token "
                "of a Lasair account, or name a file with it, and they are asked about"
            )
        in_a_row = silent = 0
        with _asking(self._caller, self._threads, places) as futures:
            for future in as_completed(futures):
                try:
                    answer = future.result()
                except LimitError as error:
                    left = len(places) - sum(f.done() for f in futures)
                    log.warning("Lasair: %s %d objects are left for another time", error, left)
                    return
                except NoAnswerError as error:
                    in_a_row, silent = in_a_row + 1, silent + 1
                    log.warning("Sherlock did not answer for %s: %s", futures[future], error)
                    if in_a_row == GIVE_UP:
                        log.warning("Sherlock did not answer %d times: it is left alone", silent)
                        return
                else:
                    in_a_row = 0
                    yield futures[future], answer

    def close(self) -> None:
        """Close the file."""
        self._answers.close()


@contextmanager
def _asking(
    caller: Caller, threads: int, places: pd.DataFrame
) -> Iterator[dict[Future[Answer], str]]:
    """Ask in threads; whatever happens, none goes on behind the block."""
    pool, stop = ThreadPoolExecutor(threads, thread_name_prefix="sherlock"), Event()
    try:
        rows = zip(places.index, places["ra"], places["dec"], strict=True)
        yield {pool.submit(caller.ask, float(ra), float(dec), stop): name for name, ra, dec in rows}
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def with_sherlock(
    table: pd.DataFrame, sherlock: Sherlock, progress: Progress = lambda done, total: None
) -> pd.DataFrame:
    """Put Sherlock's answers into a table of features.

    Parameters
    ----------
    table : DataFrame
        From `feature_table`. Only rows whose ``status`` is ``ok`` are asked about.
    sherlock : Sherlock
    progress : callable
        As in `Sherlock.look_up`.

    Returns
    -------
    DataFrame
        The same rows. ``sep_arcsec`` is the distance to Sherlock's match, null where it has none.
        ``sherlock_class`` is its verdict. ``sherlock_status`` tells ``matched``, ``no_match`` (it
        has looked, and there is nothing) and ``failed`` (nobody knows) apart, and is null where
        nobody asked. What it knows as an active nucleus or a variable star has the ``status``
        ``known_variable``.

    Raises
    ------
    RefusedError, ValueError
        As `Sherlock.look_up`.
    """
    asked = table[table["status"] == "ok"]
    places = asked.drop_duplicates("objectId").set_index("objectId")[["ra", "dec"]]
    found = sherlock.look_up(places, progress)
    answers = asked["objectId"].map(found)
    known = answers.dropna()
    kind = known.map(lambda answer: answer.classification)
    separation = known.map(lambda answer: answer.separation).astype(np.float64)
    status = pd.Series(FAILED, index=asked.index)
    status[known.index] = np.where(separation.isna(), NO_MATCH, MATCHED)
    filled = table.assign(
        sep_arcsec=separation.reindex(table.index),
        sherlock_class=kind.reindex(table.index).astype("string"),
        sherlock_status=status.reindex(table.index).astype("string"),
    )
    filled.loc[filled["sherlock_class"].isin(NOT_NEW), "status"] = KNOWN_VARIABLE
    return filled
