"""Fetch a published training set: downloaded, checked, unpacked; once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skysift.datasets.download import WAITS, DownloadError, download, md5_of, read_json
from skysift.datasets.registry import Archive, Record
from skysift.datasets.unpack import unpack, wanted_members
from skysift.whole import whole

ACCOUNT = "fetched.json"
"""In the folder: which archives are unpacked there, and into what."""

TRIES = 2
"""A file that came whole but damaged is fetched once more."""


@dataclass(frozen=True)
class Step:
    """How far something is, for whoever shows it.

    Attributes
    ----------
    what : str
        ``fetching``, ``checking`` or ``unpacking``.
    name : str
        Of the archive.
    done, total : int
        Bytes.
    """

    what: str
    name: str
    done: int
    total: int


@dataclass(frozen=True)
class Source:
    """An archive as the record describes it: where it is, its size in bytes, its MD5."""

    archive: Archive
    url: str
    size: int
    md5: str


Progress = Callable[[Step], object]


def fetch(
    record: Record,
    folder: Path,
    *,
    base_url: str | None = None,
    waits: Sequence[float] = WAITS,
    progress: Progress = lambda step: None,
) -> Path:
    """Fetch a record's archives and unpack them.

    What is unpacked already is left alone; a download that was interrupted goes on. Archives are
    removed once they are unpacked.

    Parameters
    ----------
    record : Record
        See `registry.registered`.
    folder : Path
    base_url : str, optional
        Of a mirror that answers as the record's own does.
    waits : sequence of float
        See `download.download`.
    progress : callable
        Told each `Step`.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ValueError
        If there is no room, a file cannot be had, is damaged twice, or is another than
        registered; the message says which.
    """
    folder.mkdir(parents=True, exist_ok=True)
    account = _read_account(folder)
    missing = [a for a in record.archives if not _is_there(a, account, folder)]
    if not missing:
        return folder
    sources = _ask(record, missing, base_url or record.base_url, waits)
    _check_room(sources, folder)
    for source in sources:
        _fetch_archive(source, folder, waits, progress)
        members = _unpack_archive(source, folder, progress)
        account[source.archive.name] = {"md5": source.md5, "members": members}
        _write_account(record, account, folder)
        (folder / source.archive.name).unlink()
    return folder


def _ask(
    record: Record, archives: Sequence[Archive], base_url: str, waits: Sequence[float]
) -> list[Source]:
    """Ask the record for sizes and checksums, and hold them against what is registered."""
    at = f"{base_url.rstrip('/')}/api/records/{record.record}"
    answer = read_json(at, waits=waits)
    try:
        files = {
            file["key"]: (int(file["size"]), str(file["checksum"])) for file in answer["files"]
        }
    except (KeyError, TypeError, ValueError):
        raise DownloadError(f"{at} does not answer as a record of Zenodo does") from None
    return [_describe(archive, files, at) for archive in archives]


def _describe(archive: Archive, files: Mapping[str, tuple[int, str]], at: str) -> Source:
    if archive.name not in files:
        raise DownloadError(f"{at} has no file {archive.name}; it has: {', '.join(files)}")
    size, checksum = files[archive.name]
    kind, _, md5 = checksum.rpartition(":")
    if kind not in ("", "md5") or not md5.startswith(archive.md5):
        raise DownloadError(
            f"{at} says that {archive.name} has the checksum {checksum}, but the published file "
            f"has the MD5 {archive.md5}{'…' if len(archive.md5) < 32 else ''}"
        )
    return Source(archive, f"{at}/files/{archive.name}/content", size, md5)


def _check_room(sources: Sequence[Source], folder: Path) -> None:
    """Refuse to begin what cannot end for want of room."""
    there = sum(
        file.stat().st_size
        for source in sources
        for file in (folder / source.archive.name, folder / f"{source.archive.name}.part")
        if file.exists()
    )
    need = sum(s.size + s.archive.unpacked_bytes for s in sources) - there
    free = shutil.disk_usage(folder).free
    if free < need:
        raise DownloadError(
            f"{folder} has {free / 1e9:.1f} GB free; {need / 1e9:.1f} GB are needed for "
            f"{', '.join(s.archive.name for s in sources)} and what is in them"
        )


def _fetch_archive(
    source: Source, folder: Path, waits: Sequence[float], progress: Progress
) -> None:
    """Bring an archive, whole and sound."""
    path, name = folder / source.archive.name, source.archive.name
    for _ in range(TRIES):
        if not path.exists():
            told = _tell(progress, "fetching", name, source.size)
            download(source.url, path, size=source.size, waits=waits, progress=told)
        found = md5_of(path, _tell(progress, "checking", name, source.size))
        if found == source.md5:
            return
        path.unlink()
    raise DownloadError(
        f"{source.url} came damaged {TRIES} times: its MD5 is {found}, it should be {source.md5}"
    )


def _unpack_archive(source: Source, folder: Path, progress: Progress) -> dict[str, int]:
    path, pattern = folder / source.archive.name, source.archive.members
    total = sum(member.file_size for member in wanted_members(path, pattern).values())
    return unpack(path, folder, pattern, _tell(progress, "unpacking", path.name, total))


def _tell(progress: Progress, what: str, name: str, total: int) -> Callable[[int], object]:
    return lambda done: progress(Step(what, name, done, total))


def _is_there(archive: Archive, account: Mapping[str, Any], folder: Path) -> bool:
    """Tell whether an archive is unpacked and its files are as they were."""
    entry = account.get(archive.name)
    if entry is None or not entry["md5"].startswith(archive.md5):
        return False
    files = {folder / name: size for name, size in entry["members"].items()}
    return all(file.is_file() and file.stat().st_size == size for file, size in files.items())


def _read_account(folder: Path) -> dict[str, Any]:
    file = folder / ACCOUNT
    return json.loads(file.read_text(encoding="utf-8"))["archives"] if file.is_file() else {}


def _write_account(record: Record, account: Mapping[str, Any], folder: Path) -> None:
    facts = {
        "title": record.title,
        "doi": record.doi,
        "licence": record.licence,
        "archives": account,
    }
    with whole(folder / ACCOUNT) as part:
        part.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
