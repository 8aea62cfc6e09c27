"""Nightly tarballs as payloads: read once from front to end, one member in memory at a time."""

from __future__ import annotations

import io
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from skysift.alerts._container_file import container_payloads
from skysift.alerts.packet import MAGIC
from skysift.alerts.payload import Payload, broken

MAX_MEMBER_BYTES = 256 * 2**20
BROKEN_STREAM = (tarfile.TarError, EOFError, OSError, zlib.error)

MAX_EXTENSION_BYTES = 2**20
EXTENSIONS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
"""Headers that go on behind the header; tarfile reads them whole, whatever length they claim."""


class _BoundedInfo(tarfile.TarInfo):
    """A member whose header is of sensible length."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _BoundedInfo:
        """Read a header; it is here that tarfile first knows how long it is."""
        member = super().frombuf(buf, encoding, errors)
        if member.type in EXTENSIONS and member.size > MAX_EXTENSION_BYTES:
            raise tarfile.ReadError(f"a header is longer than {MAX_EXTENSION_BYTES} bytes")
        return member


def tarball_payloads(path: str, *, max_bytes: int, skip: int = 0) -> Iterator[Payload]:
    """Yield the packets of a tarball, compressed or not, in its own order.

    Parameters
    ----------
    path : str
    max_bytes : int
        Larger members are cut, as `container_payloads` does.
    skip : int
        Payloads passed over; their bytes are decompressed, as they must be, and dropped.
    """
    members = 0
    try:
        with tarfile.open(path, mode="r|*", tarinfo=_BoundedInfo) as tar:
            while (member := tar.next()) is not None:
                tar.members = []  # type: ignore[attr-defined]  # or it keeps every one
                if not member.isfile() or not _is_packet(member.name):
                    continue
                members += 1
                if skip > 0 and member.size <= max_bytes:
                    skip -= 1
                    continue
                for payload in _member_payloads(tar, member, f"{path}!{member.name}", max_bytes):
                    if skip == 0:
                        yield payload
                    skip = max(0, skip - 1)
            _check_end(tar)
    except BROKEN_STREAM as error:
        if skip == 0:
            yield broken(f"the tarball cannot be read on: {error}", path, members)


def _check_end(tar: tarfile.TarFile) -> None:
    """Tell the end of the archive from a damaged header, at which tarfile stops as quietly."""
    stream = tar.fileobj
    assert stream is not None
    if stream.tell() == tar.offset:
        raise tarfile.ReadError("it ends early")
    if stream.read(tarfile.RECORDSIZE).strip(b"\0"):
        raise tarfile.ReadError("a header is damaged")


def _member_payloads(
    tar: tarfile.TarFile, member: tarfile.TarInfo, source: str, max_bytes: int
) -> Iterator[Payload]:
    if member.size > MAX_MEMBER_BYTES:
        yield broken(f"it is larger than {MAX_MEMBER_BYTES} bytes", source)
        return
    file = tar.extractfile(member)
    data = file.read() if file is not None else b""
    if not data.startswith(MAGIC):
        yield broken("it is not an Avro container" if data else "it is empty", source, 0, data)
        return
    yield from container_payloads(io.BytesIO(data), source, max_bytes=max_bytes)


def _is_packet(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return name.endswith(".avro") and not any(p.startswith((".", "_")) and p != "." for p in parts)
