"""Ask SkyBoT (IMCCE, Berthier et al. 2006) what is near a place: planets, minor planets, comets.

https://ssp.imcce.fr/webservices/skybot/
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field

from skysift.frames.known.answer import Answer, Match, NoAnswerError, motion, offset_between
from skysift.frames.known.sexagesimal import degrees
from skysift.frames.known.web import Web

ADDRESS = "https://ssp.imcce.fr/webservices/skybot/api/conesearch.php"

NOTHING = "No solar system object was found"
"""SkyBoT says so with the status of an error; it is an answer."""

UNNUMBERED = ("Comet", "Interstellar Object", "Planet", "Satellite")
"""Classes whose number, if they have one, is not that of a minor planet."""


@dataclass
class SkyBot:
    """The service.

    Attributes
    ----------
    address : str
    site : str
        Code of the observatory.
    radius : float
        [arcsec].
    error : float
        Objects whose place is less certain than this are not named; 120 is the most [arcsec].
    web : Web
    """

    address: str = ADDRESS
    site: str = "I41"
    radius: float = 120.0
    error: float = 120.0
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
        return read(self.web.get(self.address, self._fields(utc, ra, dec)), ra, dec)

    def _fields(self, utc: float, ra: float, dec: float) -> dict[str, str]:
        return {
            "-ra": f"{ra:.6f}",
            "-dec": f"{dec:.6f}",
            "-rd": f"{self.radius / 3600:.6f}",
            "-ep": f"{utc:.7f}",
            "-loc": self.site,
            "-filter": f"{self.error:g}",
            "-objFilter": "111",  # minor planets, planets, comets
            "-refsys": "EQJ2000",
            "-output": "all",
            "-mime": "votable",
            "-from": "skysift",
        }


def read(page: str, ra: float, dec: float) -> Answer:
    """Read SkyBoT's VOTable about a place [deg].

    Raises
    ------
    NoAnswerError
        SkyBoT tells of an error, or the page is no such table.
    """
    try:
        root = ElementTree.fromstring(page)
    except ElementTree.ParseError:
        if NOTHING in page:
            return Answer.of([])
        raise NoAnswerError(f"no VOTable: {' '.join(page.split())[:120]!r}") from None
    statuses = [each for each in _all(root, "INFO") if each.get("name") == "QUERY_STATUS"]
    for status in statuses:
        told = " ".join("".join(status.itertext()).split())
        if NOTHING in told:
            return Answer.of([])
        if status.get("value") != "OK":
            raise NoAnswerError(f"SkyBoT: {told or status.get('value')}")
    if not statuses:
        raise NoAnswerError("a table without the status of the query")
    names = [each.get("ID", "") for each in _all(root, "FIELD")]
    rows = [["".join(cell.itertext()) for cell in _all(row, "TD")] for row in _all(root, "TR")]
    return Answer.of([_match(dict(zip(names, row, strict=False)), ra, dec) for row in rows])


def _match(row: dict[str, str], ra: float, dec: float) -> Match:
    try:
        place = degrees(row["ra"]) * 15, degrees(row["de"])
        name, number = row["name"].strip(), row["num"].strip()
    except (KeyError, ValueError) as error:
        raise NoAnswerError(f"a row that cannot be read ({error}): {row}") from None
    kind = row.get("class", "").partition(">")[0].strip()
    rate, angle = motion(_number(row, "dracosdec"), _number(row, "ddec"))
    return Match(
        name=f"({number}) {name}" if number.isdigit() and kind not in UNNUMBERED else name,
        kind=row.get("class", "").strip(),
        ra=place[0],
        dec=place[1],
        offset=offset_between(ra, dec, *place),
        mag=_number(row, "magV"),
        error=_number(row, "errpos"),
        rate=rate,
        rate_pa=angle,
    )


def _number(row: dict[str, str], name: str) -> float | None:
    """A cell as number; None where it is none."""
    try:
        value = float(row[name])
    except (KeyError, ValueError):
        return None
    return value if abs(value) < 1e30 else None


def _all(root: ElementTree.Element, tag: str) -> list[ElementTree.Element]:
    """Elements of a name, whatever their namespace."""
    return [each for each in root.iter() if each.tag.rpartition("}")[2] == tag]
