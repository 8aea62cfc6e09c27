"""Where the files of a frame lie: ZTF's names, in the folders of its public archive."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from astropy.time import Time

FILTERS = ("zg", "zr", "zi")
"""Filters as file names have them; ZTF's `fid` is the place in this list, counted from one."""


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

    @property
    def filter(self) -> str:
        """``zg``, ``zr`` or ``zi``."""
        return FILTERS[self.fid - 1]

    @property
    def stamp(self) -> tuple[str, str, str]:
        """Year, month with day, and millionths of the day, as the archive's folders have them."""
        day, fraction = divmod(self.jd - 0.5, 1.0)
        date = Time(day + 0.5, format="jd", scale="utc").strftime("%Y%m%d")
        return date[:4], date[4:], f"{int(fraction * 1e6):06d}"

    @property
    def id(self) -> str:
        """``ztf_<YYYYMMDDffffff>_<field>_<filter>_c<ccd>_o_q<quadrant>``."""
        when = "".join(self.stamp)
        return f"ztf_{when}_{self.field:06d}_{self.filter}_c{self.ccd:02d}_o_q{self.quadrant}"

    @property
    def science(self) -> PurePosixPath:
        """``sci/<YYYY>/<MMDD>/<ffffff>/<id>_sciimg.fits``."""
        return self._exposure / f"{self.id}_sciimg.fits"

    @property
    def difference(self) -> PurePosixPath:
        """``sci/<YYYY>/<MMDD>/<ffffff>/<id>_scimrefdiffimg.fits.fz``."""
        return self._exposure / f"{self.id}_scimrefdiffimg.fits.fz"

    @property
    def reference(self) -> PurePosixPath:
        """``ref/<fff>/field<field>/<filter>/ccd<NN>/q<N>/ztf_<field>_<filter>_…_refimg.fits``."""
        field, place = f"{self.field:06d}", f"c{self.ccd:02d}_q{self.quadrant}"
        folder = PurePosixPath("ref", field[:3], f"field{field}", self.filter)
        name = f"ztf_{field}_{self.filter}_{place}_refimg.fits"
        return folder / f"ccd{self.ccd:02d}" / f"q{self.quadrant}" / name

    @property
    def _exposure(self) -> PurePosixPath:
        return PurePosixPath("sci", *self.stamp)
