"""The alerts that are measured on: real packets where they are at hand, and a simulated night."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from skysift.alerts.avro import AvroAlerts
from skysift.alerts.columns import source_paths
from skysift.alerts.packet import split
from skysift.alerts.payloads import Payload, iter_payloads
from skysift.alerts.records import RawRecords
from skysift.simulate import write_night

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"
REAL_PACKETS = SHARED / "ztf" / "packets"
REAL_LSST = SHARED / "lsst" / "v10_27.parquet"
PUBLISHED = SHARED / "btsbot" / "v1.0.1"

KEPT = ROOT / "out" / "bench"
"""Simulated nights, made once; `make clean` removes them."""

SEED = 7
STAMPS = ("cutoutScience.stampData", "cutoutTemplate.stampData", "cutoutDifference.stampData")


def simulated_night(count: int, folder: Path = KEPT) -> Path:
    """Return a folder of so many simulated packets, one file an alert."""
    night = folder / f"night-{count}"
    if not (night / "truth.csv").exists():  # written last
        write_night(count, SEED, night)
    return night / "packets"


def first_alerts(packets: Path, count: int, folder: Path) -> Path:
    """Return a folder with the first alerts of another, as links."""
    folder.mkdir(parents=True, exist_ok=True)
    for packet in sorted(packets.glob("*.avro"))[:count]:
        link = folder / packet.name
        if not link.exists():
            link.hardlink_to(packet)
    return folder


def read_packets(path: Path, count: int | None = None) -> list[Payload]:
    """Read whole packets of one alert into memory."""
    packets = [p for p in iter_payloads(path) if p.kind == "ocf" and "multi" not in p.source]
    return packets[:count]


def decode_packets(payloads: Sequence[Payload], columns: Iterable[str]) -> AvroAlerts:
    """Read these columns off packets of one ZTF alert each."""
    packets = [split(payload.data) for payload in payloads]
    records = [record for packet in packets for record in packet.records]
    schemas = [packet.schema for packet in packets for _ in packet.records if packet.schema]
    return AvroAlerts(RawRecords.join(records, schemas), source_paths(columns, "ztf"))


def stamp_bytes(payloads: Sequence[Payload]) -> list[bytes]:
    """Read the stamps of ZTF alerts, as the survey packed them."""
    alerts = decode_packets(payloads, ["stamps"])
    blobs = [blob for name in STAMPS for blob in alerts.blobs(name)]
    return [bytes(blob) for blob in blobs if blob is not None]
