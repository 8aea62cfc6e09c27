"""Stamp decoding against astropy."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from astropy.io import fits

from benchmarks import _alerts
from benchmarks._timing import Side, UnequalError, compare
from skysift.alerts.stamp_batch import decode_stamps

Decoder = Callable[[bytes], np.ndarray]

LSST_STAMPS = ("cutoutScience", "cutoutTemplate", "cutoutDifference")
TARGET = 12


def inflated_first(blob: bytes) -> np.ndarray:
    """Decode as Kowalski, ALeRCE and Fink do: inflate, then hand the bytes to astropy."""
    with (
        gzip.open(io.BytesIO(blob), "rb") as file,
        fits.open(io.BytesIO(file.read()), ignore_missing_simple=True) as hdus,
    ):
        return hdus[0].data


def astropy_inflates(blob: bytes) -> np.ndarray:
    """Hand astropy the gzip file; without `ignore_missing_simple` it refuses ZTF's header."""
    with (
        gzip.open(io.BytesIO(blob), "rb") as file,
        fits.open(file, ignore_missing_simple=True) as hdus,
    ):
        return hdus[0].data


def plain(blob: bytes) -> np.ndarray:
    """Hand astropy the bytes."""
    with fits.open(io.BytesIO(blob)) as hdus:
        return hdus[0].data


ZTF_WAYS: dict[str, Decoder] = {
    "gzip, then fits.open (Kowalski, ALeRCE, Fink)": inflated_first,
    "fits.open on the gzip file": astropy_inflates,
}
LSST_WAYS: dict[str, Decoder] = {"fits.open": plain}
ASTROPY = ("fits.open on the gzip file", "fits.open")
"""The ways that leave it all to astropy: what `TARGET` is meant for."""


def run(night: Path, *, count: int = 200, turns: int = 9) -> list[dict[str, object]]:
    """Time each way on the same stamps.

    Parameters
    ----------
    night : Path
        Folder of simulated packets.
    count : int
        Alerts to take from it.
    turns : int
    """
    samples = {"ZTF stamps, simulated": _alerts.stamp_bytes(_alerts.read_packets(night, count))}
    if _alerts.REAL_PACKETS.is_dir():
        real = _alerts.stamp_bytes(_alerts.read_packets(_alerts.REAL_PACKETS, count))
        samples["ZTF stamps, real ones repeated"] = [*islice(cycle(real), 3 * count)]
    rows = [r for what, blobs in samples.items() for r in _race(what, blobs, ZTF_WAYS, turns)]
    if _alerts.REAL_LSST.is_file():
        rows += _race("LSST stamps, real", _lsst_stamps(), LSST_WAYS, turns)
    return rows


def _race(
    what: str, blobs: Sequence[bytes], ways: dict[str, Decoder], turns: int
) -> list[dict[str, object]]:
    for name, way in ways.items():
        _check(name, blobs, way)
    return compare(
        f"{len(blobs)} {what}",
        Side(lambda: decode_stamps(blobs), len(blobs)),
        {name: _side(way, blobs) for name, way in ways.items()},
        turns=turns,
        targets={name: TARGET for name in ways if name in ASTROPY},
    )


def _side(way: Decoder, blobs: Sequence[bytes]) -> Side:
    return Side(lambda: [way(blob) for blob in blobs], len(blobs))


def _check(name: str, blobs: Sequence[bytes], way: Decoder) -> None:
    for number, (blob, ours) in enumerate(zip(blobs, decode_stamps(blobs), strict=True)):
        theirs = way(blob)
        if ours is None:
            raise UnequalError(f"stamp {number}: {name} reads it and skysift does not")
        same_bits = theirs.astype(np.float32).tobytes() == ours.tobytes()
        if theirs.shape != ours.shape or not same_bits:
            raise UnequalError(f"stamp {number}: {name} and skysift give different pixels")


def _lsst_stamps() -> list[bytes]:
    table = pq.read_table(_alerts.REAL_LSST, columns=list(LSST_STAMPS))
    blobs = [blob for name in LSST_STAMPS for blob in table[name].to_pylist()]
    return [blob for blob in blobs if blob]
