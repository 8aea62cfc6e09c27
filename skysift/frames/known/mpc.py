"""Ask the Minor Planet Center what is near a place: near-Earth objects and comets.

The page of its NEOCMTChecker, which is made for people, is read by its columns:
https://www.minorplanetcenter.net/cgi-bin/checkneocmt.cgi
"""

from __future__ import annotations

import html
import math
import re
from dataclasses import dataclass, field

from astropy.time import Time

from skysift.frames.known.answer import Answer, Match, NoAnswerError, motion, offset_between
from skysift.frames.known.sexagesimal import degrees, written
from skysift.frames.known.web import Web

ADDRESS = "https://cgi.minorplanetcenter.net/cgi-bin/neocmtcheck.cgi"

FEWEST = 16_000
"""With fewer objects checked, says the page, the service's own files may have been cut short."""

ROW = re.compile(
    r"""^(?P<name>\S.*?)\s+
    (?P<ra>\d{2}\ \d{2}\ \d{2}\.\d)\ (?P<dec>[+-]\d{2}\ \d{2}\ \d{2})\s+
    (?P<mag>\d{1,2}\.\d)?\s+
    [\d.]+[EW]\s+[\d.]+[NS]\s+
    (?P<east>\d+(\.\d+)?[+-]d?|-)\s+(?P<north>\d+(\.\d+)?[+-]d?|-)\s*
    (?P<rest>.*)$""",
    re.VERBOSE,
)
"""Name, place, V (comets have none), offsets rounded to a tenth of a minute of arc (not used: the
place is better), motions with their sign behind, then how well the orbit is known, and remarks."""

HEADINGS = ("Object designation", "h  m  s")


@dataclass
class MinorPlanetCenter:
    """The service.

    Attributes
    ----------
    address : str
    site : str
        Code of the observatory.
    radius : float
        [arcsec].
    faintest : float
        Of what is named (V); comets are named however faint.
    fewest : int
        Objects that the service must have checked for its answer to count.
    web : Web
    """

    address: str = ADDRESS
    site: str = "I41"
    radius: float = 120.0
    faintest: float = 24.0
    fewest: int = FEWEST
    web: Web = field(default_factory=Web)

    def ask(self, utc: float, ra: float, dec: float) -> Answer:
        """Ask about a place.

        Parameters
        ----------
        utc : float
            Julian date.
        ra, dec : float
            J2000 [deg].

        Raises
        ------
        NoAnswerError
            There was no answer, or one that cannot be understood.
        """
        page = self.web.post(self.address, self._fields(utc, ra, dec))
        return read(page, ra, dec, fewest=self.fewest)

    def _fields(self, utc: float, ra: float, dec: float) -> dict[str, str]:
        midnight = math.floor(utc - 0.5) + 0.5
        year, month, day = Time(midnight, format="jd").strftime("%Y %m %d").split()
        return {
            "year": year,
            "month": month,
            "day": f"{int(day) + min(utc - midnight, 0.99999):.5f}",
            "which": "pos",
            "ra": written(round(ra * 240, 3) % 86400 / 3600, 3, sign=False),
            "decl": written(dec, 2, sign=True),
            "TextArea": "",
            "radius": f"{self.radius / 60:g}",
            "limit": f"{self.faintest:g}",
            "oc": self.site,
            "sort": "d",  # by distance
            "mot": "h",  # arcseconds an hour
            "tmot": "s",  # in each coordinate
            "pdes": "u",  # designations unpacked
            "needed": "f",  # all objects
            "ps": "n",
            "type": "p",
        }


def read(page: str, ra: float, dec: float, *, fewest: int = FEWEST) -> Answer:
    """Read the page about a place [deg].

    Raises
    ------
    NoAnswerError
        The page tells of an error, says neither that there are objects nor that there are none, or
        has a line that cannot be read.
    """
    text = html.unescape(page)
    if "Error from WebCS Script" in text:
        told = re.search(r'error message is "(.*?)"', text, re.DOTALL)
        raise NoAnswerError(f"the service refuses: {told.group(1) if told else 'without a reason'}")
    checked = re.search(r"Number of objects checked\s*=\s*(\d+)", text)
    if checked and int(checked.group(1)) < fewest:
        raise NoAnswerError(
            f"the service checked {checked.group(1)} objects only, fewer than {fewest}"
        )
    if re.search(r"No known minor planets.*?were\s+found", text, re.DOTALL):
        return Answer.of([])
    table = re.search(r"<pre>(.*?)</pre>", text, re.DOTALL | re.IGNORECASE)
    if table is None or HEADINGS[0] not in table.group(1):
        raise NoAnswerError(f"no list of objects: {' '.join(text.split())[:120]!r}")
    lines = [line for line in table.group(1).splitlines() if line.strip()]
    objects = [line for line in lines if not any(heading in line for heading in HEADINGS)]
    return Answer.of([_match(line, ra, dec) for line in objects])


def _match(line: str, ra: float, dec: float) -> Match:
    row = ROW.match(line.strip())
    if row is None:
        raise NoAnswerError(f"a line that cannot be read: {line.strip()!r}")
    place = degrees(row["ra"]) * 15, degrees(row["dec"])
    rate, angle = motion(_signed(row["east"]), _signed(row["north"]))
    return Match(
        name=row["name"].strip(),
        kind=row["rest"].split(maxsplit=1)[0] if row["rest"] else "",
        ra=place[0],
        dec=place[1],
        offset=offset_between(ra, dec, *place),
        mag=float(row["mag"]) if row["mag"] else None,
        error=None,
        rate=rate,
        rate_pa=angle,
    )


def _signed(text: str) -> float | None:
    """``16+`` as 16 and ``3-d``, which is in degrees a day, as -450: arcseconds an hour."""
    if text == "-":
        return None
    size = float(text.rstrip("d")[:-1])
    value = -size if "-" in text else size
    return value * 150 if text.endswith("d") else value
