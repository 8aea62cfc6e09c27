"""Frames found in folders: as the archive lays them, and as people do."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from skysift.alerts.frame_name import FrameName
from skysift.frames.ids import ARCHIVE, files_in, frames_in, quadrants, urls

NAME = FrameName.parse("ztf_20191014495961_000570_zr_c05_o_q3")
SAME_EXPOSURE = FrameName.parse("ztf_20191014495961_000570_zr_c16_o_q1")
NEXT_NIGHT = FrameName.parse("ztf_20191015495961_000570_zr_c05_o_q3")


def put(folder: Path, *paths: PurePosixPath | str) -> None:
    """Make files without content."""
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three science frames, one of them with all its files."""
    put(tmp_path, NEXT_NIGHT.science, SAME_EXPOSURE.science)
    put(tmp_path, NAME.science, NAME.difference, NAME.reference)
    put(tmp_path, "sci/2019/1014/495961/ztf_odd_sciimg.fits", "truth/x.json")
    put(tmp_path, NAME.science.with_name(f".{NAME.id}_sciimg.fits.partial"))
    return tmp_path


def test_the_archive_has_a_frame_where_tails_looks_for_it() -> None:
    there = urls(NAME)
    start = "https://irsa.ipac.caltech.edu/ibe/data/ztf/products/"
    assert start == ARCHIVE
    assert there.science == f"{start}sci/2019/1014/495961/{NAME.id}_sciimg.fits"
    assert there.difference == f"{start}sci/2019/1014/495961/{NAME.id}_scimrefdiffimg.fits.fz"
    end = "ref/000/field000570/zr/ccd05/q3/ztf_000570_zr_c05_q3_refimg.fits"
    assert there.reference == start + end


def test_frames_are_told_in_order_with_what_is_missing(folder) -> None:
    found = frames_in(folder)
    assert [files.id for files in found] == [NAME.id, SAME_EXPOSURE.id, NEXT_NIGHT.id]
    assert found[0] == files_in(folder, NAME)
    assert found[0].missing() == []
    assert found[1].missing() == [
        folder / SAME_EXPOSURE.reference,
        folder / SAME_EXPOSURE.difference,
    ]


def test_a_night_or_an_exposure_is_chosen(folder) -> None:
    assert [files.id for files in frames_in(folder, night="20191015")] == [NEXT_NIGHT.id]
    assert [files.id for files in frames_in(folder, night="20191016")] == []
    both = frames_in(folder, exposure=NAME.exposure)
    assert [files.id for files in both] == [NAME.id, SAME_EXPOSURE.id]


def test_a_folder_within_the_archive_knows_its_references(folder) -> None:
    (files,) = frames_in(folder / "sci" / "2019" / "1015")
    assert files == files_in(folder, NEXT_NIGHT)


def test_files_side_by_side_are_a_frame(tmp_path) -> None:
    names = [NAME.science.name, NAME.difference.name, NAME.reference.name]
    put(tmp_path / "mine", *names)
    (files,) = frames_in(tmp_path, night="20191014")
    assert [path.parent for path in files.paths] == [tmp_path / "mine"] * 3
    assert files.missing() == []


def test_an_exposure_has_64_quadrants() -> None:
    names = quadrants(NAME)
    assert len({name.id for name in names}) == 64
    assert {name.exposure for name in names} == {NAME.exposure}
    assert NAME in names


def test_a_folder_or_a_night_that_is_none_is_refused(tmp_path) -> None:
    with pytest.raises(NotADirectoryError, match=r"no folder at .*nothing"):
        frames_in(tmp_path / "nothing")
    with pytest.raises(ValueError, match=r"a night must be YYYYMMDD\. Got: '2019-10-14'"):
        frames_in(tmp_path, night="2019-10-14")
