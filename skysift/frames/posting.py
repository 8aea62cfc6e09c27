"""From a night's detections to what is posted of them on SkyPortal.

What Tails posts, by its names, and our columns beside: a candidate, an annotation, three
thumbnails, and comments with the panel, the known objects near it and where the frames are. The
names of objects follow from what was seen where: a detection is the same object at any time.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from skysift.adapters.skyportal.posts import (
    KINDS,
    Annotation,
    Attachment,
    Candidate,
    Comment,
    Post,
    Thumbnail,
)
from skysift.adapters.skyportal.sink import CONTENT, Outcome, Sink, told
from skysift.frames import nearby
from skysift.frames.table import DETECTIONS
from skysift.frames.thumbnail import thumbnails

ORIGIN = "tails:twilight"
"""Of the annotation; people's scanning pages sort and filter by it."""

PUBLISHED = (
    "candid", "jd", "datestr", "x", "y", "ra", "dec", "radecstr", "tails_v", "sci_ipac_url",
    "dif_ipac_url",
)  # fmt: skip
"""Columns that Tails annotates; ``score`` is `p`."""

OURS = (
    "exptime", "filter", "field", "ccdid", "qid", "x_err", "y_err", "radec_err", "mag", "size",
    "magap", "sigmagap", "magap10", "sigmagap10", "magcoma", "sigmagcoma", "coma_radius",
    "limmagap", "maglim", "seeing", "known_status", "known_name", "known_offset", "known_mag",
    "known_source", "tracklet", "rate", "rate_pa",
)  # fmt: skip
"""Columns that we add."""

NEEDED = ("jd", "ra", "dec", "cutouts")
"""Columns without which a detection cannot be posted."""

SAME = 30.0
"""Arcsec from its predicted place within which a detection is taken for a known object. Objects are
searched for within more; near the ecliptic an asteroid is nearly always."""

LEDGER = "skyportal"
"""Folder in that of a night: what each server has taken."""

CELL = 3
"""Decimals of the degrees that name an object: a detection is another one 3.6 arcsec away."""

LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
UNIX_EPOCH = 2440587.5
"""Julian date of 1970-01-01 00:00."""


@dataclass(frozen=True)
class Choice:
    """Which detections are posted.

    Attributes
    ----------
    min_score : float
        Least `p`.
    unknown_only : bool
        Leave out what lies where a known object is predicted, see `SAME`.
    limit : int or None
        So many at most, the best first.
    """

    min_score: float = 0.5
    unknown_only: bool = False
    limit: int | None = None


def chosen(night: Path, choice: Choice) -> list[dict[str, Any]]:
    """Read the detections of a night that are to be posted.

    Parameters
    ----------
    night : Path
        Folder of ``skysift frames``, with ``detections.parquet``.
    choice : Choice

    Returns
    -------
    list of dict
        Rows of `table.DETECTIONS`, the best first. What is not known is None.

    Raises
    ------
    ValueError
        If the folder is none of a night, or its table lacks a column; names it.
    """
    file = night / "detections.parquet"
    if not file.is_file():
        raise ValueError(f"{night} has no detections.parquet: it is no night of `skysift frames`")
    try:
        rows = pq.read_table(file, columns=DETECTIONS.names).to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"{file} is no table of detections: {error}") from None
    rows = [row for row in map(_tidy, rows) if _passes(row, choice)]
    rows.sort(key=lambda row: (-row["p"], row["candid"]))
    return rows[: choice.limit]


def post_night(rows: Iterable[Mapping[str, Any]], night: Path, sink: Sink) -> Iterator[Outcome]:
    """Post detections; what the server has by the ledger is not drawn again.

    Those of simulated frames go to no server but one on this machine. They, and those that cannot
    be put together, are told at the end.

    Parameters
    ----------
    rows : iterable of mapping
        See `chosen`.
    night : Path
    sink : Sink

    Yields
    ------
    Outcome
        One a detection.

    Raises
    ------
    ValueError
        See `Sink.post`.
    """
    broken: list[Outcome] = []
    yield from sink.post(posts(_of_the_sky(rows, sink, broken), night, broken))
    yield from broken


def _of_the_sky(
    rows: Iterable[Mapping[str, Any]], sink: Sink, broken: list[Outcome]
) -> Iterator[Mapping[str, Any]]:
    for row in rows:
        if row["simulated"] and not sink.here:
            why = "its frame is simulated: it may be posted to a server on this machine only"
            broken.append(Outcome("", row["candid"], failed={CONTENT: why}))
        else:
            yield row


def posts(rows: Iterable[Mapping[str, Any]], night: Path, broken: list[Outcome]) -> Iterator[Post]:
    """Make the posts of detections, one after another.

    Parameters
    ----------
    rows : iterable of mapping
        See `chosen`.
    night : Path
    broken : list of Outcome
        Gets those whose row or frame does not say enough.
    """
    for row in rows:
        try:
            yield make_post(row, night)
        except (OSError, ValueError) as error:
            broken.append(Outcome("", row["candid"], failed={CONTENT: told(error)}))


def make_post(row: Mapping[str, Any], night: Path) -> Post:
    """Put together what is posted of a detection; its pictures are drawn when they are sent.

    Parameters
    ----------
    row : mapping
        Of `table.DETECTIONS`.
    night : Path
        The frame's folder lies in it, with the detection's triplet and panel.

    Raises
    ------
    OSError, ValueError
        If the frame does not say when it was searched, or the row has no place or score.
    """
    lacking = [name for name in NEEDED if row[name] is None]
    if lacking:
        raise ValueError(f"{row['candid']}: its row has no {', '.join(lacking)}")
    folder = night / row["id"]
    drawn = cache(partial(thumbnails, folder / row["cutouts"]))
    return Post(
        object_id(row),
        Candidate(row["ra"], row["dec"], row["p"], _searched_at(folder), row["candid"]),
        (Annotation(ORIGIN, annotation_data(row)),),
        tuple(Thumbnail(kind, partial(_one_of, drawn, kind)) for kind in KINDS),
        tuple(_comments(row, folder)),
    )


def _one_of(drawn: Callable[[], Mapping[str, bytes]], kind: str) -> bytes:
    return drawn()[kind]


def object_id(row: Mapping[str, Any]) -> str:
    """Name a detection's object, by night, frame and place.

    Its number within the frame is left out: it is another one when the frame is searched again.

    Examples
    --------
    >>> row = {"id": "ztf_20210622123456_000600_zr_c05_o_q2", "jd": 2459387.9}
    >>> object_id({**row, "ra": 270.1234, "dec": 30.5})
    'ZTF20210622_pd3skxbb'
    """
    ra, dec = round(row["ra"], CELL) % 360, round(row["dec"], CELL) + 0.0  # -0.0 is 0.0
    place = f"{ra:.{CELL}f} {dec:.{CELL}f}"
    digest = hashlib.sha256(f"{row['id']} {place}".encode()).digest()
    seen = datetime(1970, 1, 1) + timedelta(days=row["jd"] - UNIX_EPOCH)
    return f"ZTF{seen:%Y%m%d}_" + "".join(LETTERS[byte % 32] for byte in digest[:8])


def annotation_data(row: Mapping[str, Any]) -> dict[str, Any]:
    """Choose what the annotation says; what is not known is left out."""
    data = {
        "candid": row["candid"],
        "score": row["p"],
        **{name: row[name] for name in (*PUBLISHED[1:], *OURS)},
        **nearby.published(row),
    }
    return {name: value for name, value in data.items() if value is not None}


def _comments(row: Mapping[str, Any], folder: Path) -> Iterator[Comment]:
    """Write the comments. Their texts tell them apart, so they are the same at each run."""
    if row["panel"] is not None:
        panel = Attachment(row["panel"], (folder / row["panel"]).read_bytes)
        yield Comment(f"Science frame, reference and difference of {row['id']}", panel)
    if nearby.status(row) != nearby.NOT_ASKED:
        yield Comment(
            nearby.in_words(row),
            Attachment(f"{row['candid']}_known.json", partial(_known, row)),
        )
    links = {"science": row["sci_ipac_url"], "difference": row["dif_ipac_url"]}
    shown = ", ".join(f"[{name}]({url})" for name, url in links.items() if url is not None)
    if shown:
        yield Comment(f"Frames at IPAC: {shown}")


def _known(row: Mapping[str, Any]) -> bytes:
    tables = nearby.tables(row)
    return json.dumps(tables, indent=1, allow_nan=False, ensure_ascii=False).encode()


def _passes(row: Mapping[str, Any], choice: Choice) -> bool:
    if row["p"] is None or row["p"] < choice.min_score:
        return False
    near = nearby.nearest(row) if choice.unknown_only else None
    return near is None or near.offset > SAME


def _tidy(row: dict[str, Any]) -> dict[str, Any]:
    """Turn NaN into None, and what was float32 into the shortest number that stands for it."""
    return {name: _value(value, DETECTIONS.field(name).type) for name, value in row.items()}


def _value(value: Any, kind: pa.DataType) -> Any:
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return float(str(np.float32(value))) if kind == pa.float32() else value
    return value


def _searched_at(folder: Path) -> datetime:
    """Tell when a frame was searched: when its detections passed.

    Raises
    ------
    OSError, ValueError
        If the frame's account is missing or does not say.
    """
    file = folder / "frame.json"
    try:
        searched = datetime.fromisoformat(json.loads(file.read_text(encoding="utf-8"))["searched"])
    except (KeyError, TypeError, ValueError):
        raise ValueError(f"{file} does not say when the frame was searched") from None
    return searched
