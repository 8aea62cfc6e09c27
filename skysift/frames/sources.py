"""Which frames are asked for: what a folder holds, what a list names, of a night or a window."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from skysift.alerts.frame_name import CCDS, QUADRANTS, SCIENCE, FrameName
from skysift.frames.twilight import in_twilight

JULIAN_1970 = 2440587.5
SETTLE_SECONDS = 5.0
"""A science frame in a watched folder is looked at once it has lain unchanged for so long."""

_EXPOSURE = re.compile(r"ztf_\d{14}_\d{6}_z[gri]")


@dataclass(frozen=True)
class Window:
    """Which frames are wanted, by the time at which they were taken.

    Attributes
    ----------
    start, end : float
        Julian dates between which the shutter must have opened, UTC.
    twilight : bool
        Only frames taken in twilight.
    """

    start: float = -math.inf
    end: float = math.inf
    twilight: bool = False

    def of(self, frames: Iterable[str]) -> list[str]:
        """Choose frames by their ids."""
        return [frame for frame in frames if self._has(FrameName.parse(frame).jd)]

    def _has(self, jd: float) -> bool:
        return self.start <= jd < self.end and (not self.twilight or in_twilight(jd))


def night(text: str) -> Window:
    """Make the window of a night, YYYYMMDD: its date, UTC; no night of Palomar has two.

    Raises
    ------
    ValueError
        If it is no date.
    """
    start = julian_date(text)
    return Window(start, start + 1.0)


def julian_date(text: str) -> float:
    """Read a time: ``YYYYMMDD``, or ISO 8601 such as ``2024-05-03T04:30``, in UTC.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> julian_date("20240503"), julian_date("2024-05-03T12:00")
    (2460433.5, 2460434.0)
    """
    iso = f"{text[:4]}-{text[4:6]}-{text[6:]}" if re.fullmatch(r"\d{8}", text) else text
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        raise ValueError(
            f"{text!r} is no time: write YYYYMMDD, or e.g. 2024-05-03T04:30 (UTC)"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment.timestamp() / 86400 + JULIAN_1970


def in_folder(folder: Path, *, settle: float = 0.0) -> list[str]:
    """List the frames in a folder laid out as ZTF's archive, by their ids.

    Parameters
    ----------
    folder : Path
        Has ``sci/YYYY/MMDD/ffffff/<id>_sciimg.fits``.
    settle : float
        Leave out those whose science frame was written within so many seconds.
    """
    latest = time.time() - settle
    end = f"_{SCIENCE}"
    found = []
    for path in folder.glob(f"sci/*/*/*/*{end}"):
        if not settle or path.stat().st_mtime <= latest:
            found.append(path.name.removesuffix(end))
    return sorted(frame for frame in found if _is_id(frame))


def in_list(path: Path) -> list[str]:
    """List the frames that a file names: an id a line, or an exposure for all of its quadrants.

    What follows a # is a comment.

    Raises
    ------
    ValueError
        Naming the line that is neither.
    """
    found: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        try:
            found += list(_frames(text))
        except ValueError as error:
            raise ValueError(f"{path}, line {number}: {error}") from None
    return list(dict.fromkeys(found))


def _frames(text: str) -> Iterator[str]:
    if _EXPOSURE.fullmatch(text):
        for ccd in range(1, CCDS + 1):
            for quadrant in range(1, QUADRANTS + 1):
                yield FrameName.parse(f"{text}_c{ccd:02d}_o_q{quadrant}").id
    else:
        yield FrameName.parse(text).id


def _is_id(text: str) -> bool:
    try:
        FrameName.parse(text)
    except ValueError:
        return False
    return True
