"""Packets kept in Parquet come back as they were; everything else in the file is passed over."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skysift.alerts.decode import decode
from skysift.alerts.packet import split
from skysift.alerts.packet_table import PACKET, PACKET_SCHEMA
from skysift.alerts.payloads import iter_payloads, peek
from skysift.simulate.containers import encode_packet
from tests.alert_samples import simulated_ztf


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Path, list[bytes]]:
    """Return a file of five packets in row groups of two, and their records."""
    packets = [split(encode_packet(packet)) for packet in simulated_ztf()[:5]]
    records = [bytes(packet.records[0]) for packet in packets]
    schemas = [packet.schema.text for packet in packets]
    jd = pa.array([1.0] * 5)  # a column with the name of an alert's own, which it is not
    table = pa.table({"candidate": jd, PACKET: records, PACKET_SCHEMA: schemas})
    pq.write_table(table, tmp_path / "part.parquet", row_group_size=2)
    return tmp_path / "part.parquet", records


def test_packets_come_back_to_the_byte(kept):
    path, records = kept
    payloads = list(iter_payloads(path))
    assert [payload.data for payload in payloads] == records
    assert [payload.offset for payload in payloads] == list(range(5))
    decoded = decode(payloads, ["magpsf"])
    (alerts,) = decoded.alerts
    truth = simulated_ztf()[:5]
    assert alerts.batch.column("candid").tolist() == [packet["candid"] for packet in truth]
    assert alerts.batch.column("magpsf").tolist() == pytest.approx(
        [packet["candidate"]["magpsf"] for packet in truth]
    )
    assert not decoded.dead


@pytest.mark.parametrize("skip", [1, 2, 3, 5])
def test_packets_can_be_passed_over(kept, skip):
    path, records = kept
    rest = list(iter_payloads(path, skip=skip))
    assert [payload.data for payload in rest] == records[skip:]
    assert [payload.offset for payload in rest] == list(range(skip, 5))


def test_what_a_file_of_packets_offers_is_what_its_packets_have(kept):
    offer = peek(kept[0])
    assert offer is not None and offer.survey == "ztf"
    assert "candidate.magpsf" in offer.paths and "prv_candidates.jd" in offer.paths


def test_a_row_without_a_packet_is_one_dead_letter(kept, tmp_path):
    table = pq.read_table(kept[0]).to_pydict()
    table[PACKET][2] = None
    pq.write_table(pa.table(table), tmp_path / "part.parquet")
    decoded = decode(list(iter_payloads(tmp_path / "part.parquet")), [])
    assert [letter.offset for letter in decoded.dead] == [2]
    assert sum(len(alerts.batch) for alerts in decoded.alerts) == 4
