"""What a survey frame is called and where its files lie: ZTF's names, its archive's folders."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

FILTERS = ("zg", "zr", "zi")
"""Filters as file names have them; ZTF's `fid` is the place in this list, counted from one."""

CCDS, QUADRANTS = 16, 4

DAY_ZERO = 1721424.5
"""Julian date at which the day with the ordinal 0 begins."""

SCIENCE, DIFFERENCE, REFERENCE = "sciimg.fits", "scimrefdiffimg.fits.fz", "refimg.fits"
"""Ends of the files' names."""

SHAPE = "ztf_<YYYYMMDDffffff>_<field>_<zg|zr|zi>_c<01..16>_o_q<1..4>"
_ID = re.compile(r"ztf_(\d{8})(\d{6})_(\d{6})_([a-z]{2})_c(\d{2})_o_q(\d)")


@dataclass(frozen=True)
class FrameName:
    """One quadrant of one exposure.

    Attributes
    ----------
    jd : float
        Julian date at which the shutter opened (UTC).
    field : int
        Number of the survey's field.
    fid : int
        Filter: 1 g, 2 r, 3 i.
    ccd : int
        Detector, 1 to 16.
    quadrant : int
        Readout channel of the detector, 1 to 4.
    """

    jd: float
    field: int
    fid: int
    ccd: int
    quadrant: int

    @classmethod
    def parse(cls, text: str) -> FrameName:
        """Read an id.

        It tells the time to a millionth of a day, 0.09 s; `jd` is the middle of that.

        Raises
        ------
        ValueError
            Saying what is wrong with it.

        Examples
        --------
        >>> name = FrameName.parse("ztf_20191014495961_000570_zr_c05_o_q3")
        >>> name.field, name.filter, name.ccd, name.quadrant, f"{name.jd:.7f}"
        (570, 'zr', 5, 3, '2458770.9959615')
        """
        parts = _ID.fullmatch(text)
        if parts is None:
            raise ValueError(f"{text!r} is no id of a frame: it should read {SHAPE}")
        night, ticks, field, band, ccd, quadrant = parts.groups()
        try:
            day = date(int(night[:4]), int(night[4:6]), int(night[6:])).toordinal() + DAY_ZERO
        except ValueError:
            raise ValueError(f"{text!r} is no id of a frame: {night} is no date") from None
        if band not in FILTERS:
            raise ValueError(
                f"{text!r} is no id of a frame: the filter must be {', '.join(FILTERS)}, not {band}"
            )
        for what, number, most in (("detector", ccd, CCDS), ("quadrant", quadrant, QUADRANTS)):
            if not 1 <= int(number) <= most:
                raise ValueError(
                    f"{text!r} is no id of a frame: the {what} must be 1 to {most}, not {number}"
                )
        jd = day + (int(ticks) + 0.5) / 1e6
        return cls(jd, int(field), FILTERS.index(band) + 1, int(ccd), int(quadrant))

    @property
    def filter(self) -> str:
        """``zg``, ``zr`` or ``zi``."""
        return FILTERS[self.fid - 1]

    @property
    def stamp(self) -> tuple[str, str, str]:
        """Year, month with day, and millionths of the day, as the archive's folders have them."""
        ordinal, fraction = divmod(self.jd - DAY_ZERO, 1.0)
        day = date.fromordinal(int(ordinal))
        return f"{day.year:04d}", f"{day.month:02d}{day.day:02d}", f"{int(fraction * 1e6):06d}"

    @property
    def night(self) -> str:
        """``YYYYMMDD``: the night's date, UTC; no night of Palomar has two."""
        year, day, _ = self.stamp
        return year + day

    @property
    def exposure(self) -> str:
        """``ztf_<YYYYMMDDffffff>_<field>_<filter>``: what all quadrants of an exposure share."""
        return f"ztf_{''.join(self.stamp)}_{self.field:06d}_{self.filter}"

    @property
    def id(self) -> str:
        """``ztf_<YYYYMMDDffffff>_<field>_<filter>_c<ccd>_o_q<quadrant>``."""
        return f"{self.exposure}_c{self.ccd:02d}_o_q{self.quadrant}"

    @property
    def science(self) -> PurePosixPath:
        """``sci/<YYYY>/<MMDD>/<ffffff>/<id>_sciimg.fits``."""
        return PurePosixPath("sci", *self.stamp) / f"{self.id}_{SCIENCE}"

    @property
    def difference(self) -> PurePosixPath:
        """``sci/<YYYY>/<MMDD>/<ffffff>/<id>_scimrefdiffimg.fits.fz``."""
        return PurePosixPath("sci", *self.stamp) / f"{self.id}_{DIFFERENCE}"

    @property
    def reference(self) -> PurePosixPath:
        """``ref/<fff>/field<field>/<filter>/ccd<NN>/q<N>/ztf_<field>_<filter>_…_refimg.fits``."""
        field, place = f"{self.field:06d}", f"c{self.ccd:02d}_q{self.quadrant}"
        folder = PurePosixPath("ref", field[:3], f"field{field}", self.filter)
        name = f"ztf_{field}_{self.filter}_{place}_{REFERENCE}"
        return folder / f"ccd{self.ccd:02d}" / f"q{self.quadrant}" / name
