"""Frames by their ids: where their files lie, in a folder and in the archive; which are there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from skysift.alerts.frame_name import CCDS, DIFFERENCE, QUADRANTS, SCIENCE, FrameName

ARCHIVE = "https://irsa.ipac.caltech.edu/ibe/data/ztf/products/"
"""ZTF's public archive."""


@dataclass(frozen=True)
class FrameFiles:
    """Where the files of a frame lie, be they there or not.

    Attributes
    ----------
    name : FrameName
    science, reference, difference : Path
    """

    name: FrameName
    science: Path
    reference: Path
    difference: Path

    @property
    def id(self) -> str:
        """Id of the frame."""
        return self.name.id

    @property
    def paths(self) -> tuple[Path, Path, Path]:
        """Science, reference, difference."""
        return self.science, self.reference, self.difference

    def missing(self) -> list[Path]:
        """Those that are not there."""
        return [path for path in self.paths if not path.is_file()]


@dataclass(frozen=True)
class FrameUrls:
    """Where the files of a frame are in an archive."""

    science: str
    reference: str
    difference: str


def files_in(folder: Path, name: FrameName) -> FrameFiles:
    """Where a folder that is laid out as the archive has a frame's files."""
    return FrameFiles(
        name, folder / name.science, folder / name.reference, folder / name.difference
    )


def urls(name: FrameName, base_url: str = ARCHIVE) -> FrameUrls:
    """Where an archive has a frame's files.

    Examples
    --------
    >>> urls(FrameName.parse("ztf_20191014495961_000570_zr_c05_o_q3"), "http://x/").reference
    'http://x/ref/000/field000570/zr/ccd05/q3/ztf_000570_zr_c05_q3_refimg.fits'
    """
    base = base_url.rstrip("/")
    return FrameUrls(
        *(f"{base}/{path}" for path in (name.science, name.reference, name.difference))
    )


def quadrants(exposure: FrameName) -> list[FrameName]:
    """The 64 frames of an exposure, of which one is given."""
    return [
        FrameName(exposure.jd, exposure.field, exposure.fid, ccd, quadrant)
        for ccd in range(1, CCDS + 1)
        for quadrant in range(1, QUADRANTS + 1)
    ]


def frames_in(
    folder: Path, *, night: str | None = None, exposure: str | None = None
) -> list[FrameFiles]:
    """Find the frames in a folder, in the order of their ids.

    Parameters
    ----------
    folder : Path
        Laid out as the archive, or in any other way: then a difference is looked for beside its
        science frame, and a reference too.
    night : str, optional
        ``YYYYMMDD``: frames of this date only.
    exposure : str, optional
        ``ztf_<YYYYMMDDffffff>_<field>_<filter>``, or one of its frames' ids: its frames only.

    Returns
    -------
    list of FrameFiles
        A frame for each science frame; the other files need not be there. The same frame in two
        places is told once.

    Raises
    ------
    NotADirectoryError
        If there is no such folder.
    ValueError
        If the night is no date.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"no folder at {folder}")
    if night is not None and not (len(night) == 8 and night.isdigit()):
        raise ValueError(f"a night must be YYYYMMDD. Got: {night!r}")
    start = exposure or (f"ztf_{night}" if night else "ztf_")
    found: dict[str, FrameFiles] = {}
    for path, name in _science_frames(folder, night):
        if name.id.startswith(start) and name.id not in found:
            found[name.id] = _beside(path, name)
    return [found[id] for id in sorted(found)]


def _science_frames(folder: Path, night: str | None) -> Iterator[tuple[Path, FrameName]]:
    """Science frames anywhere below a folder; of one night only, where the layout tells them."""
    ordered = folder / "sci" / night[:4] / night[4:] if night else folder
    for path in sorted((ordered if ordered.is_dir() else folder).rglob(f"ztf_*_{SCIENCE}")):
        try:
            yield path, FrameName.parse(path.name.removesuffix(f"_{SCIENCE}"))
        except ValueError:
            continue  # another file of that ending


def _beside(science: Path, name: FrameName) -> FrameFiles:
    """Where the other files belong, if the science frame lies there."""
    depth = len(name.science.parts)
    if len(science.parts) > depth and science.parts[-depth:] == name.science.parts:
        root = science.parents[depth - 1]
        return files_in(root, name)
    here = science.parent
    return FrameFiles(name, science, here / name.reference.name, here / f"{name.id}_{DIFFERENCE}")
