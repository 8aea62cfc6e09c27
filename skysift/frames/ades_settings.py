"""Who reports to the Minor Planet Center, with what: the head of an ADES report."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class ReportError(ValueError):
    """The settings of a report say too little, or something that ADES does not take."""


@dataclass(frozen=True)
class Telescope:
    """What it was seen with: by default what made ZTF's frames (Dekany et al. 2020).

    Attributes
    ----------
    name, design, detector : str
    aperture : float
        [m].
    pixel_scale : float
        [arcsec].
    """

    name: str = "Samuel Oschin Telescope"
    design: str = "Schmidt"
    aperture: float = 1.22
    detector: str = "CCD"
    pixel_scale: float = 1.01


@dataclass(frozen=True)
class ReportSettings:
    """The head of a report. Names of people have no defaults.

    Attributes
    ----------
    submitter : str
        Initials and surname: ``A. B. Name``.
    measurers : tuple of str
        Who measured; at least one.
    institution : str
        The submitter's.
    observers : tuple of str
    station : str
        Code of the observatory.
    astrometric_catalogue, photometric_catalogue : str
        By the Minor Planet Center's names for them. ZTF's frames are put on the sky by Gaia DR1 and
        their zero points are those of Pan-STARRS 1 (Masci et al. 2019); frames that are reduced
        with later ones need them named here.
    funding, comment : str
    telescope : Telescope
    """

    submitter: str
    measurers: tuple[str, ...]
    institution: str = ""
    observers: tuple[str, ...] = ()
    station: str = "I41"
    astrometric_catalogue: str = "Gaia1"
    photometric_catalogue: str = "PS1_DR1"
    funding: str = ""
    comment: str = ""
    telescope: Telescope = Telescope()

    def __post_init__(self) -> None:
        if not self.submitter:
            raise ReportError("a report needs its submitter's name")
        if not self.measurers:
            raise ReportError("a report needs who measured: measurers = [...]")
        for name, text in self._texts():
            if "|" in text or any(letter < " " for letter in text):
                raise ReportError(f"{name} of a report must have no | and no line breaks")
            if len(text) > 100:
                raise ReportError(f"{name} of a report has {len(text)} characters; 100 is the most")

    def _texts(self) -> list[tuple[str, str]]:
        told = [(each.name, getattr(self, each.name)) for each in fields(self)]
        told += [(each.name, getattr(self.telescope, each.name)) for each in fields(Telescope)]
        lists = [(name, text) for name, value in told if isinstance(value, tuple) for text in value]
        return [(name, value) for name, value in told if isinstance(value, str)] + lists


def read_report_settings(path: str | os.PathLike[str]) -> ReportSettings:
    """Read the head of reports from a TOML file.

    Its keys are those of `ReportSettings`, and a table ``[telescope]`` those of `Telescope`.

    Raises
    ------
    ReportError
        There is no such file, it is not TOML, or a key is missing, unknown or of a wrong kind.
    """
    try:
        read = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ReportError(f"no settings of reports at {path}") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ReportError(f"{path} is not readable as TOML: {error}") from None
    telescope = read.pop("telescope", {})
    if not isinstance(telescope, dict):
        raise ReportError(f"{path}: telescope must be a table, [telescope]")
    _check(path, "telescope.", telescope, Telescope)
    _check(path, "", read, ReportSettings)
    for name in ("submitter", "measurers"):
        if name not in read:
            raise ReportError(f"{path} does not say {name}, which no report can do without")
    lists = {name: tuple(value) for name, value in read.items() if isinstance(value, list)}
    try:
        return ReportSettings(**{**read, **lists}, telescope=Telescope(**telescope))
    except ReportError as error:
        raise ReportError(f"{path}: {error}") from None


def _check(path: Any, prefix: str, read: dict[str, Any], kind: type) -> None:
    """Refuse keys that nobody reads, and values of another kind."""
    wanted = {each.name: str(each.type) for each in fields(kind)}
    for name, value in read.items():
        if name not in wanted or wanted[name] == "Telescope":
            known = ", ".join(key for key, each in wanted.items() if each != "Telescope")
            raise ReportError(f"{path}: no setting {prefix}{name}; there are {known}")
        fits = {
            "str": isinstance(value, str),
            "float": isinstance(value, (int, float)) and not isinstance(value, bool),
            "tuple[str, ...]": isinstance(value, list) and all(isinstance(v, str) for v in value),
        }[wanted[name]]
        if not fits:
            raise ReportError(f"{path}: {prefix}{name} is {value!r}; want {wanted[name]}")
