"""Unpack the wanted files of a zip archive, trusting nothing that it says about names."""

from __future__ import annotations

import shutil
import stat
import zipfile
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from skysift.whole import whole

PIECE = 2**20


class ArchiveError(ValueError):
    """An archive is damaged, unsafe, or holds something else than it should."""


def wanted_members(archive: Path, pattern: str) -> dict[str, zipfile.ZipInfo]:
    """List the files of an archive whose own name, without folders, fits a pattern.

    Raises
    ------
    ArchiveError
        If it is no archive; if any member would be written elsewhere or is a link; if two wanted
        files have the same name, or there is none.
    """
    try:
        with zipfile.ZipFile(archive) as content:
            members = content.infolist()
    except zipfile.BadZipFile as error:
        raise ArchiveError(f"{archive.name} is no zip archive: {error}") from None
    found: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        _check_place(archive, member)
        name = PurePosixPath(member.filename).name
        if member.is_dir() or not fnmatchcase(name, pattern):
            continue
        if name in found:
            raise ArchiveError(f"{archive.name} holds {name} twice")
        found[name] = member
    if not found:
        names = ", ".join(member.filename for member in members[:5]) or "nothing"
        raise ArchiveError(f"{archive.name} holds no file like {pattern}, but {names}")
    return found


def unpack(
    archive: Path, folder: Path, pattern: str, progress: Callable[[int], object]
) -> dict[str, int]:
    """Write the wanted files of an archive into a folder, without the archive's own folders.

    A file has its name only when it is whole.

    Parameters
    ----------
    archive, folder : Path
    pattern : str
        See `wanted_members`.
    progress : callable
        Told the bytes written.

    Returns
    -------
    dict of str to int
        Files and their bytes.

    Raises
    ------
    ArchiveError
        As `wanted_members`; or if a member is damaged, or the disk has no room for all.
    """
    members = wanted_members(archive, pattern)
    need = sum(member.file_size for member in members.values())
    free = shutil.disk_usage(folder).free
    if free < need:
        raise ArchiveError(
            f"{archive.name} unpacks to {need / 1e9:.1f} GB, but {folder} has room for "
            f"{free / 1e9:.1f} GB"
        )
    written = 0
    with zipfile.ZipFile(archive) as content:
        for name, member in members.items():
            written = _unpack_one(content, member, folder / name, progress, written)
    return {name: member.file_size for name, member in members.items()}


def _unpack_one(
    content: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    path: Path,
    progress: Callable[[int], object],
    written: int,
) -> int:
    try:
        with whole(path) as part, content.open(member) as source, part.open("wb") as target:
            while piece := source.read(PIECE):
                written += target.write(piece)
                progress(written)
    except (zipfile.BadZipFile, EOFError) as error:
        raise ArchiveError(f"{member.filename} in the archive is damaged: {error}") from None
    return written


def _check_place(archive: Path, member: zipfile.ZipInfo) -> None:
    """Refuse names that lead out of the folder, and links."""
    path = PurePosixPath(member.filename)
    outside = path.is_absolute() or ".." in path.parts or "\\" in member.filename
    drive = ":" in (path.parts or ("",))[0]
    if outside or drive or stat.S_ISLNK(member.external_attr >> 16):
        raise ArchiveError(f"{archive.name} is not safe: it holds {member.filename!r}")
