"""Which frames are asked for."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from skysift.frames import sources
from skysift.frames.sources import Window, asked, in_folder, in_list, julian_date, night
from tests.frames.detections import frame_id

A, B = frame_id(0), frame_id(1)


def lay(folder, frame):
    path = folder / "sci" / frame[4:8] / frame[8:12] / frame[12:18] / f"{frame}_sciimg.fits"
    path.parent.mkdir(parents=True)
    path.touch()
    return path


def test_a_folder_is_read_by_the_names_of_its_science_frames(tmp_path):
    lay(tmp_path, B)
    path = lay(tmp_path, A)
    path.with_name("ztf_of_mine_sciimg.fits").touch()
    path.with_name(f"{A}_scimrefdiffimg.fits.fz").touch()
    assert list(in_folder(tmp_path)) == [A, B]
    assert in_folder(tmp_path)[A].science == path


def test_what_is_still_being_written_is_left(tmp_path):
    old, new = lay(tmp_path, A), lay(tmp_path, B)
    now = time.time()
    os.utime(old, (now - 60, now - 60))
    os.utime(new, (now - 1, now - 1))
    assert list(in_folder(tmp_path, settle=sources.SETTLE_SECONDS)) == [A]
    os.utime(new, (now - 60, now - 60))
    new.with_name(f"{B}_scimrefdiffimg.fits.fz").touch()
    assert list(in_folder(tmp_path, settle=sources.SETTLE_SECONDS)) == [A]


def test_a_list_names_frames_and_whole_exposures(tmp_path):
    path = tmp_path / "ids.txt"
    exposure = B.partition("_c")[0]
    path.write_text(f"# of interest\n{A}  # the first\n\n{exposure}\n{B}\n")
    frames = in_list(path)
    assert frames[0] == A
    assert len(frames) == 1 + 64 and len(set(frames)) == 65
    assert f"{exposure}_c16_o_q4" in frames and B in frames


def test_a_bad_line_is_named(tmp_path):
    path = tmp_path / "ids.txt"
    path.write_text(f"{A}\nztf_nonsense\n")
    with pytest.raises(ValueError, match=r"ids\.txt, line 2: 'ztf_nonsense' is no id"):
        in_list(path)


def test_a_night_and_a_window():
    other = frame_id(0, night="20240504")
    assert night("20240503").of([A, B, other]) == [A, B]
    start = julian_date("2024-05-03") + 0.2002
    assert Window(start=start).of([A, B]) == [B]
    assert Window(end=start).of([A, B]) == [A]


def test_twilight_is_that_of_palomar():
    dawn = "ztf_20240503500000_000570_zr_c05_o_q3"  # 12:00 UT, 05:00 there, sunrise at 05:55
    midnight = "ztf_20240503330000_000570_zr_c05_o_q3"
    assert Window(twilight=True).of([dawn, midnight]) == [dawn]


@pytest.mark.parametrize("text", ["yesterday", "2024", "20241332", "2024-05-03T99:00"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match="is no time"):
        julian_date(text)


def test_times_with_a_zone_are_turned_into_utc():
    assert julian_date("2024-05-03T05:00+05:00") == julian_date("20240503")


@pytest.fixture
def data(tmp_path):
    lay(tmp_path / "frames", A)
    lay(tmp_path / "frames", frame_id(0, night="20240504"))
    (tmp_path / "ids.txt").write_text(f"{B}\n{frame_id(1, night='20240504')}\n")
    return tmp_path


def test_a_folder_is_asked_for(data):
    found = asked(str(data / "frames"), None, Path("elsewhere"))
    assert found.frames == list(found.here) == [A, frame_id(0, night="20240504")]


def test_a_night_is_asked_for_of_a_folder_or_a_list(data):
    found = asked("20240503", None, data / "frames")
    assert found.frames == [A] and A in found.here
    found = asked("20240503", data / "ids.txt", data / "frames")
    assert found.frames == [B] and not found.here


def test_a_frame_or_an_exposure_or_a_list_is_asked_for(data):
    assert asked(A, None, data).frames == [A]
    assert len(asked(A.partition("_c")[0], None, data).frames) == 64
    assert len(asked(None, data / "ids.txt", data).frames) == 2


@pytest.mark.parametrize(
    "target, ids, told",
    [
        (None, None, "say what to search"),
        ("nonsense", None, "'nonsense' is no folder, no night YYYYMMDD, and no frame"),
        (A, "ids.txt", "--ids goes with a night, or alone"),
        ("20240601", "ids.txt", "no frame in .*ids.txt"),
        ("20249999", None, "is no time"),
    ],
)
def test_what_makes_no_sense_is_told(data, target, ids, told):
    with pytest.raises(ValueError, match=told):
        asked(target, data / ids if ids else None, data / "frames")


def test_no_frame_in_twilight_is_told(data):
    with pytest.raises(ValueError, match=r"no frame taken in twilight in .*ids\.txt"):
        asked("20240503", data / "ids.txt", data, twilight=True)
