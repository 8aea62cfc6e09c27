"""What is known of objects near a detection, whoever was asked: our orbits, the MPC, SkyBoT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from skysift.frames.known.answer import FAILED, MATCHED, NONE, Answer
from skysift.frames.table import KNOWN_STATUSES

NOT_ASKED = KNOWN_STATUSES[-1]

SERVICES = {"mpc": "the Minor Planet Center", "skybot": "SkyBoT"}
"""Services by the end of their column ``x_match_*``, in words."""


@dataclass(frozen=True)
class Near:
    """A known object near a detection.

    Attributes
    ----------
    name : str
    offset : float
        Of the detection from its predicted place, arcsec.
    source : str
        Who predicted it.
    """

    name: str
    offset: float
    source: str


def status(row: Mapping[str, Any]) -> str:
    """Tell what all who were asked say together: first of ``matched``, ``failed``, ``none``.

    Parameters
    ----------
    row : mapping
        Of `table.DETECTIONS`.

    Returns
    -------
    str
        One of `table.KNOWN_STATUSES`.
    """
    said = {row["known_status"], *(answer.status for answer in answers(row).values())}
    return next((word for word in (MATCHED, FAILED, NONE) if word in said), NOT_ASKED)


def nearest(row: Mapping[str, Any]) -> Near | None:
    """Return the nearest known object that anybody names; None if nobody does."""
    near = [
        Near(answer.matches[0].name, answer.matches[0].offset, SERVICES[name])
        for name, answer in answers(row).items()
        if answer.matches
    ]
    if row["known_status"] == MATCHED:
        near.append(Near(row["known_name"], row["known_offset"], row["known_source"]))
    return min(near, key=lambda one: one.offset, default=None)


def in_words(row: Mapping[str, Any]) -> str:
    """Say it in a sentence, the same at each time."""
    near = nearest(row)
    if near is not None:
        return (
            f"Nearest known object: {near.name}, {near.offset:.1f}″ from where {near.source} has it"
        )
    return {
        NONE: "No known object is near it",
        FAILED: "Whether a known object is near it could not be told",
    }.get(status(row), "Nobody was asked about known objects near it")


def tables(row: Mapping[str, Any]) -> dict[str, Any]:
    """Gather all that was answered, as JSON can hold it."""
    return {
        "candid": row["candid"],
        "jd": row["jd"],
        "orbits": {
            name.removeprefix("known_"): value
            for name, value in row.items()
            if name.startswith("known_")
        },
        **{name: asdict(answer) for name, answer in answers(row).items()},
    }


def published(row: Mapping[str, Any]) -> dict[str, Any]:
    """Name the nearest objects of the services as Tails annotates them."""
    said = answers(row)
    data: dict[str, Any] = {}
    if "mpc" in said and said["mpc"].matches:
        match = said["mpc"].matches[0]
        data |= {
            "mpc_nearest_id": match.name,
            "mpc_nearest_offset_arcsec": match.offset,
            "mpc_nearest_orbit": match.kind,
        }
    if "skybot" in said and said["skybot"].matches:
        match = said["skybot"].matches[0]
        data |= {
            "imcce_nearest_id": match.name,
            "imcce_nearest_offset_arcsec": match.offset,
            "imcce_nearest_Vmag": match.mag,
        }
    return data


def answers(row: Mapping[str, Any]) -> dict[str, Answer]:
    """Read what services said, by their names; those that were not asked are left out.

    Raises
    ------
    ValueError
        If it is none of their answers; names detection and column.
    """
    told = {name: row[f"x_match_{name}"] for name in SERVICES}
    try:
        return {name: Answer.read(text) for name, text in told.items() if text is not None}
    except (KeyError, TypeError, ValueError):
        raise ValueError(f"{row['candid']}: x_match_mpc or x_match_skybot is no answer") from None
