"""From what a person gives to a room that is open, and to who may come in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import OperationalError

from skysift.active_learning.ledger import Ledger
from skysift.marshal.alert_folder import AlertFolder
from skysift.marshal.candidates import EVERYTHING, NEWEST, Candidates
from skysift.marshal.pictures import Pictures
from skysift.marshal.room import CANDIDATES, Room

LABELS = "labels.db"
"""Ledger beside the candidates, unless another is named."""


def open_room(
    folders: Sequence[Path],
    *,
    ledger: str | None = None,
    campaign: str = CANDIDATES,
    alerts: Sequence[Path] = (),
    pictures: Path | None = None,
    rank: str = NEWEST,
) -> Room:
    """Read what alerts there are, and open the ledger.

    Parameters
    ----------
    folders : sequence of Path
        With candidates.
    ledger : str, optional
        File or database URL. By default `LABELS` in the first folder.
    campaign : str
        What labels of the candidates are for.
    alerts : sequence of Path
        With the alerts that learning campaigns ask about.
    pictures : Path, optional
        Folder of pictures of what is no alert.
    rank : str
        Order of the candidates.

    Raises
    ------
    FileNotFoundError
        If there is nothing at a path, or no ledger where there should be one.
    ValueError
        If nothing is given, no module has such a score, or the database cannot be opened.
    """
    if not folders and ledger is None:
        raise ValueError(
            "there is nothing to label: give a folder with candidates (a sink of `skysift run`), "
            "or the --ledger of a learning campaign"
        )
    if not folders and "://" not in str(ledger) and not Path(str(ledger)).exists():
        raise FileNotFoundError(f"there is no ledger at {ledger}: has a model asked yet?")
    shown, more = ([AlertFolder(path) for path in paths] for paths in (folders, alerts))
    for folder in (*shown, *more):
        folder.refresh()  # so that nobody waits for it at the page
    candidates = Candidates(shown, more)
    _check_rank(candidates, rank)
    where = ledger if ledger is not None else str(_beside(folders[0]))
    return Room(_open_ledger(where), candidates, Pictures(pictures), campaign, rank)


def _beside(path: Path) -> Path:
    return (path if path.is_dir() else path.parent) / LABELS


def _check_rank(candidates: Candidates, rank: str) -> None:
    """Refuse a rank that nothing has; where nothing is there yet, it may come."""
    known = candidates.ranks(EVERYTHING)
    if rank not in known and candidates.topics():
        raise ValueError(f"no candidate has {rank!r}; they can be ordered by: {', '.join(known)}")


def _open_ledger(where: str) -> Ledger:
    try:
        return Ledger(where)
    except OperationalError as error:
        raise ValueError(f"cannot open the ledger {where}: {error.orig}") from None
