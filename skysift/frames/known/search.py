"""Everything that is known of detections: what files say, then what services say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from skysift.frames.known.answer import FAILED, MATCHED, NONE
from skysift.frames.known.catalogue import Catalogue
from skysift.frames.known.columns import with_column
from skysift.frames.known.matching import RADIUS, match_table
from skysift.frames.known.online import Service, answered, check_table

KNOWN = {
    "known_status": pa.string(),
    "known_name": pa.string(),
    "known_offset": pa.float32(),
    "known_mag": pa.float32(),
    "known_source": pa.string(),
}


@dataclass
class KnownSearch:
    """Fills in what is known of objects near detections; asks again only where there is no answer.

    Attributes
    ----------
    catalogue : Catalogue or None
        Orbits; None asks no file.
    services : mapping
        Services on the web by their names, see `skysift.frames.known.online`.
    radius : float
        [arcsec].
    """

    catalogue: Catalogue | None = None
    services: Mapping[str, Service] = field(default_factory=dict)
    radius: float = RADIUS

    def __call__(self, table: pa.Table) -> pa.Table:
        """Fill in ``known_*`` and ``x_match_*``.

        Parameters
        ----------
        table : pyarrow.Table (n,)
            With the columns of `skysift.frames.table.DETECTIONS`.

        Returns
        -------
        pyarrow.Table (n,)
            In the same order. The nearest object of the files goes before that of a service; the
            status is ``failed`` if anybody who was asked has no answer, and nobody named an object.
        """
        table = check_table(self._offline(table), self.services)
        rows = [_together(row) for row in table.select([*KNOWN, *_asked()]).to_pylist()]
        for name, kind in KNOWN.items():
            table = with_column(table, name, pa.array([row[name] for row in rows], kind))
        return table

    def _offline(self, table: pa.Table) -> pa.Table:
        """Ask the files about detections that nobody has answered yet."""
        done = pc.is_in(table["known_status"], pa.array([MATCHED, NONE]))
        places = pa.array(range(table.num_rows))
        some = match_table(
            table.filter(pc.invert(done)), self.catalogue, radius=self.radius
        ).append_column("row", places.filter(pc.invert(done)))
        others = table.filter(done).append_column("row", places.filter(done))
        return pa.concat_tables([others, some]).sort_by("row").drop_columns("row")


def _asked() -> list[str]:
    return ["x_match_mpc", "x_match_skybot"]


def _together(row: dict) -> dict:
    """What files and services say, as one."""
    answers = {name.removeprefix("x_match_"): answered(row[name]) for name in _asked()}
    told = {name: answer for name, answer in answers.items() if answer is not None}
    known = {name: row[name] for name in KNOWN}
    if known["known_status"] == MATCHED or not told:
        return known
    named = [(answer.matches[0].offset, name) for name, answer in told.items() if answer.matches]
    if named:
        source = min(named)[1]
        match = told[source].matches[0]
        return {
            "known_status": MATCHED,
            "known_name": match.name,
            "known_offset": match.offset,
            "known_mag": match.mag,
            "known_source": source,
        }
    statuses = {known["known_status"], *(answer.status for answer in told.values())}
    return {**known, "known_status": FAILED if FAILED in statuses else NONE}
