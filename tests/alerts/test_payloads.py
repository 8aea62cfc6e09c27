"""Truth is what was put in: fastavro's containers, tarfile's tarballs, Arrow's tables."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import tracemalloc
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skysift.alerts.packet import split
from skysift.alerts.payloads import Payload, iter_file, iter_payloads, list_files, peek
from tests.alerts.packets import REAL_PACKETS, SHARED, alert, bare, container

ALERTS = [alert(i, history=i) for i in range(9)]
BARE = [bare(a) for a in ALERTS]


def records(payloads: list[Payload]) -> list[bytes]:
    return [bytes(r) for p in payloads for r in split(p.data, p.key).records]


def tarball(path: Path, members: dict[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def table(n: int, stamp: int = 0) -> pa.Table:
    rows = [{"jd": 2460000.5 + i, "magpsf": 18.0} for i in range(n)]
    return pa.table(
        {
            "objectId": [f"ZTF{i}" for i in range(n)],
            "candid": list(range(n)),
            "candidate": rows,
            "cutoutScience": [{"stampData": os.urandom(stamp)} for _ in range(n)],
        }
    )


def read_table(payload: Payload) -> pa.Table:
    return pa.ipc.open_stream(payload.data).read_all()


def assert_same(found: Iterable[Payload], expected: list[Payload]) -> None:
    """Compare payloads; Arrow leaves some bytes of a stream undefined, so tables by their rows."""
    for one, other in zip(found, expected, strict=True):
        assert (one.kind, one.source, one.offset) == (other.kind, other.source, other.offset)
        if one.kind == "table":
            assert read_table(one).equals(read_table(other))
        else:
            assert (one.data, one.key) == (other.data, other.key)


@pytest.fixture
def night(tmp_path: Path) -> Path:
    """A folder with one of everything, and with what is passed over."""
    folder = tmp_path / "night"
    (folder / "b").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    (folder / "2.avro").write_bytes(container(ALERTS[:1]))
    (folder / "b" / "1.avro").write_bytes(container(ALERTS[1:4]))
    (folder / "b" / "bad.avro").write_bytes(b"not avro at all")
    (folder / "c.avro").write_bytes(b"")
    tarball(folder / "d.tar.gz", {f"x/{i}.avro": container([ALERTS[i]]) for i in (4, 5, 6)})
    pq.write_table(table(600), folder / "e.parquet", row_group_size=400)
    tarball(folder / "f.tar", {"7.avro": container(ALERTS[7:])}, mode="w")
    for name in ("_SUCCESS", ".x.avro", "_y.avro", "z.avro.tmp", "z.avro.part", "README.txt"):
        (folder / name).write_bytes(b"passed over")
    (folder / ".hidden" / "0.avro").write_bytes(container(ALERTS[:1]))
    return folder


def test_a_folder_is_read_in_order_with_all_it_holds(night: Path) -> None:
    names = [str(f.relative_to(night)) for f in list_files(night)]
    assert names == [
        "2.avro", "b/1.avro", "b/bad.avro", "c.avro", "d.tar.gz", "e.parquet", "f.tar",
    ]  # fmt: skip
    payloads = list(iter_payloads(night))
    assert [(p.kind, p.source.removeprefix(f"{night}/"), p.offset) for p in payloads] == [
        ("ocf", "2.avro", 0),
        ("ocf", "b/1.avro", 0),
        ("broken", "b/bad.avro", 0),
        ("broken", "c.avro", 0),
        ("ocf", "d.tar.gz!x/4.avro", 0),
        ("ocf", "d.tar.gz!x/5.avro", 0),
        ("ocf", "d.tar.gz!x/6.avro", 0),
        ("table", "e.parquet", 0),
        ("table", "e.parquet", 256),
        ("table", "e.parquet", 400),
        ("ocf", "f.tar!7.avro", 0),
    ]
    assert records([p for p in payloads if p.kind == "ocf"]) == BARE
    assert [p.reason for p in payloads if p.kind == "broken"] == [
        "it is none of Avro container, tarball and Parquet",
        "it is empty",
    ]


@pytest.mark.parametrize("max_bytes", [500, 8 * 2**20])
def test_pieces_can_be_passed_over(night: Path, max_bytes: int) -> None:
    whole = list(iter_payloads(night, max_bytes=max_bytes))
    for skip in range(len(whole) + 2):
        assert_same(iter_payloads(night, max_bytes=max_bytes, skip=skip), whole[skip:])
    for file in list_files(night):
        pieces = list(iter_file(file, max_bytes=max_bytes))
        for skip in range(len(pieces) + 2):
            assert_same(iter_file(file, max_bytes=max_bytes, skip=skip), pieces[skip:])


def test_nothing_there_is_an_error_and_nothing_readable_is_not(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is nothing at .*/nowhere"):
        iter_payloads(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError):
        peek(tmp_path / "nowhere")
    (tmp_path / "notes.txt").write_text("hello")
    assert list(iter_payloads(tmp_path)) == []
    assert peek(tmp_path) is None


def test_a_file_named_alone_is_looked_into_whatever_it_is_called(tmp_path: Path) -> None:
    file = tmp_path / "_packet.tmp"
    file.write_bytes(container(ALERTS[:1]))
    assert records(list(iter_payloads(file))) == BARE[:1]


@pytest.mark.parametrize("codec", ["null", "deflate"])
@pytest.mark.parametrize("max_bytes", [1, 150, 300])
def test_a_large_container_is_cut_into_containers(
    tmp_path: Path, codec: str, max_bytes: int
) -> None:
    file = tmp_path / "many.avro"
    file.write_bytes(container(ALERTS, codec=codec, block_bytes=400))
    payloads = list(iter_file(file, max_bytes=max_bytes))
    assert len(payloads) > 1
    assert records(payloads) == BARE
    firsts = [BARE.index(records([p])[0]) for p in payloads]
    assert [p.offset for p in payloads] == firsts
    assert not any(split(p.data).damage for p in payloads)


@pytest.mark.parametrize("max_bytes", [1, 2000, 10**6])
def test_damage_in_a_large_container_comes_with_what_was_before_it(
    tmp_path: Path, max_bytes: int
) -> None:
    whole = bytearray(container(ALERTS, block_bytes=1))
    at = whole.index(BARE[5]) + len(BARE[5])
    whole[at] ^= 0xFF  # the sync marker
    file = tmp_path / "damaged.avro"
    file.write_bytes(whole)
    payloads = list(iter_file(file, max_bytes=max_bytes))
    assert records(payloads) == BARE[:6]
    damage = [(p.offset + d.number) for p in payloads for d in split(p.data).damage]
    assert damage == [6]


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tarball_is_read_whatever_packs_it(tmp_path: Path, mode: str) -> None:
    members = {f"{i}.avro": container([ALERTS[i]]) for i in range(3)}
    members |= {"notes.txt": b"x", "._0.avro": b"x", "3.avro": b"bad"}
    path = tarball(tmp_path / "night.tar.gz", members, mode)
    payloads = list(iter_payloads(path))
    assert records(payloads[:3]) == BARE[:3]
    assert [p.source for p in payloads[3:]] == [f"{path}!3.avro"]
    assert payloads[3].kind == "broken" and payloads[3].data == b"bad"


@pytest.mark.parametrize("mode", ["w", "w:gz"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_tarball_cut_short_gives_what_was_whole(tmp_path: Path, mode: str, part: float) -> None:
    noisy = {**ALERTS[0], "cutoutScience": {"fileName": "", "stampData": os.urandom(3000)}}
    members = {f"{i}.avro": container([noisy]) for i in range(20)}
    path = tarball(tmp_path / "night.tar", members, mode)
    path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])
    payloads = list(iter_payloads(path))
    assert all(p.kind == "ocf" for p in payloads[:-1])
    assert payloads[-1].kind == "broken"
    assert "cannot be read on" in payloads[-1].reason
    assert records(payloads[:-1]) == [bare(noisy)] * (len(payloads) - 1)


def test_a_damaged_header_in_a_tarball_is_not_taken_for_its_end(tmp_path: Path) -> None:
    members = {f"{i}.avro": container([ALERTS[i]]) for i in range(3)}
    path = tarball(tmp_path / "night.tar", members, "w")
    data = bytearray(path.read_bytes())
    data[data.index(b"1.avro") + 100] ^= 0xFF
    path.write_bytes(data)
    payloads = list(iter_payloads(path))
    assert records(payloads[:1]) == BARE[:1]
    assert [p.kind for p in payloads] == ["ocf", "broken"]


def test_a_gzip_bomb_is_no_tarball_and_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.tar.gz"
    with gzip.open(path, "wb") as file:
        for _ in range(64):
            file.write(b"x" * 2**20)
    tracemalloc.start()
    payloads = list(iter_payloads(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [p.kind for p in payloads] == ["broken"]
    assert peak < 2**23


def test_a_header_that_goes_on_without_end_costs_no_memory(tmp_path: Path) -> None:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 2**26
    path = tmp_path / "bomb.tar.gz"
    with gzip.open(path, "wb") as file:
        file.write(info.tobuf() + bytes(2**26))
    tracemalloc.start()
    (payload,) = iter_payloads(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "a header is longer" in payload.reason
    assert peak < 2**23


def test_parquet_comes_in_slices_with_row_numbers(tmp_path: Path) -> None:
    path = tmp_path / "alerts.parquet"
    whole = table(100, stamp=1000)
    pq.write_table(whole, path, row_group_size=60, compression="none", use_dictionary=False)
    payloads = list(iter_payloads(path, max_bytes=20_000))
    assert all(len(p.data) < 30_000 for p in payloads)
    assert len(payloads) > 4
    tables = [read_table(p) for p in payloads]
    assert pa.concat_tables(tables).equals(whole)
    ends = [p.offset + t.num_rows for p, t in zip(payloads, tables, strict=True)]
    assert [p.offset for p in payloads] == [0, *ends[:-1]]


def test_parquet_columns_can_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "alerts.parquet"
    pq.write_table(table(5, stamp=1000), path)
    (payload,) = iter_payloads(path, columns=["candidate.jd", "candid", "candidate.none"])
    found = read_table(payload)
    assert found.column_names == ["candid", "candidate"]
    assert found.schema.field("candidate").type == pa.struct({"jd": pa.float64()})


def test_parquet_cut_short_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "alerts.parquet"
    pq.write_table(table(500, stamp=100), path)
    path.write_bytes(path.read_bytes()[:-20])
    (payload,) = iter_payloads(path)
    assert payload.kind == "broken" and "Parquet" in payload.reason


def test_a_file_that_may_not_be_read_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "gone.avro"
    path.symlink_to(tmp_path / "nowhere")
    (payload,) = iter_payloads(tmp_path)
    assert payload.kind == "broken"
    assert payload.reason == "the file cannot be read: No such file or directory"


def test_peek_tells_survey_and_fields(night: Path) -> None:
    offer = peek(night)
    assert offer is not None and offer.survey == "ztf"
    assert {"objectId", "candidate.jd", "prv_candidates.magpsf"} <= offer.paths
    offer = peek(night / "e.parquet")
    assert offer is not None and offer.survey == "ztf"
    assert {"objectId", "candidate.magpsf"} <= offer.paths
    assert "candidate.drb" not in offer.paths
    assert peek(night / "c.avro") is None


@pytest.mark.skipif(not REAL_PACKETS, reason="no real packets at ../shared/data/ztf/packets")
def test_peek_at_real_alerts() -> None:
    offers = {name: peek(SHARED / name) for name in ("ztf/packets", "ztf/tables", "lsst")}
    surveys = {name: offer.survey for name, offer in offers.items() if offer is not None}
    assert surveys == {"ztf/packets": "ztf", "ztf/tables": "ztf", "lsst": "lsst"}
