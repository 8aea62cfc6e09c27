"""The files of a night, made of the folders of its frames."""

from __future__ import annotations

import csv
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skysift.frames.ades_settings import ReportSettings
from skysift.frames.night import NightMaker, read_night
from skysift.frames.table import DETECTIONS, PUBLISHED
from tests.frames.detections import NIGHT, detection, frame_id, write_frame

A, B, C = (frame_id(number) for number in range(3))


def matched(rows):
    """Know an object near every detection."""
    at = rows.schema.get_field_index("known_status")
    return rows.set_column(at, "known_status", pa.array(["matched"] * rows.num_rows))


def test_a_night_has_all_detections_in_order_of_time(tmp_path):
    write_frame(tmp_path, detection(B, 0), detection(B, 1))
    write_frame(tmp_path, detection(A, 0))
    write_frame(tmp_path, frame=C)
    rows = NightMaker(tmp_path)(NIGHT, Counter(done=3))
    assert rows["candid"].to_pylist() == [f"{A}_0", f"{B}_0", f"{B}_1"]
    written = pq.read_table(tmp_path / NIGHT / "detections.parquet")
    assert written.schema.equals(DETECTIONS) and written.equals(rows)


def test_the_csv_begins_with_the_published_columns_and_leaves_the_unknown_empty(tmp_path):
    write_frame(tmp_path, detection(A, 0, mag=None))
    NightMaker(tmp_path)(NIGHT, Counter(done=1))
    with (tmp_path / NIGHT / "detections.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert list(row)[: len(PUBLISHED)] == PUBLISHED.names
    assert (row["id"], row["ni"], row["mag"], row["x_match_mpc"]) == (A, "0", "", "")
    assert float(row["ra"]) == 150.1


def test_a_night_grows_and_keeps_what_was_answered(tmp_path):
    write_frame(tmp_path, detection(A, 0, known_status="not_asked"))
    NightMaker(tmp_path, matched)(NIGHT, Counter(done=1))
    write_frame(tmp_path, detection(B, 0))
    rows = NightMaker(tmp_path)(NIGHT, Counter(done=2))
    assert rows["known_status"].to_pylist() == ["matched", "not_asked"]
    assert read_night(tmp_path / NIGHT).equals(rows)


def test_what_moves_is_linked(tmp_path):
    moved = 15 / 3600  # in half an hour, 0.5 arcsec a minute
    write_frame(tmp_path, detection(frame_id(0), 0))
    write_frame(tmp_path, detection(frame_id(30), 0, ra=150.1 + moved, magap=18.95))
    head = ReportSettings("A. Name", ("A. Name",))
    rows = NightMaker(tmp_path, report=head)(NIGHT, Counter(done=2))
    (name,) = set(rows["tracklet"].to_pylist())
    with (tmp_path / NIGHT / "tracklets.csv").open(newline="") as file:
        (tracklet,) = csv.DictReader(file)
    assert tracklet["tracklet"] == name and tracklet["detections"] == "2"
    assert float(tracklet["rate_pa"]) == pytest.approx(90, abs=0.1)
    assert rows["rate"].to_pylist()[0] == pytest.approx(float(tracklet["rate"]), rel=1e-5)
    assert (tmp_path / NIGHT / "ades.psv").read_text().count(name) == 2
    assert f'"tracklet":"{name}"' in (tmp_path / NIGHT / "index.html").read_text()


def test_the_page_tells_what_failed(tmp_path):
    write_frame(tmp_path, detection(A, 0))
    NightMaker(tmp_path)(NIGHT, Counter(done=40, failed=2, waiting=3))
    page = (tmp_path / NIGHT / "index.html").read_text()
    assert "1 detection on 40 frames; 2 failed; 3 not at the archive yet" in page
    assert f'"panel":"{A}/{A}_0.png"' in page


def test_nothing_half_written_is_left_or_read(tmp_path):
    write_frame(tmp_path, detection(A, 0))
    half = tmp_path / NIGHT / f".{B}.tmp"
    half.mkdir()
    (half / "detections.parquet").write_bytes(b"PAR1 and no more")
    rows = NightMaker(tmp_path)(NIGHT, Counter(done=1))
    assert rows.num_rows == 1
    left = {path.name for path in (tmp_path / NIGHT).iterdir()} - {half.name}
    assert left == {A, "detections.parquet", "detections.csv", "tracklets.csv", "index.html"}


def test_a_night_without_detections(tmp_path):
    write_frame(tmp_path, frame=A)
    (tmp_path / NIGHT / "ades.psv").write_text("of an earlier make")
    head = ReportSettings("A. Name", ("A. Name",))
    NightMaker(tmp_path, report=head)(NIGHT, Counter(done=1))
    assert not (tmp_path / NIGHT / "ades.psv").exists()
    assert NightMaker(tmp_path, matched)(NIGHT, Counter(done=1)).num_rows == 0
    assert read_night(tmp_path / NIGHT).schema.equals(DETECTIONS)
