"""Truth: names and paths of a public frame of comet 2I/Borisov in ZTF's archive."""

from __future__ import annotations

import pytest

from skysift.alerts.frame_name import FrameName

ID = "ztf_20191014495961_000570_zr_c05_o_q3"
BORISOV = FrameName(jd=2458770.9959615, field=570, fid=2, ccd=5, quadrant=3)


def test_a_frame_is_named_as_ztf_names_it() -> None:
    assert BORISOV.id == ID
    assert BORISOV.night == "20191014"
    assert BORISOV.exposure == "ztf_20191014495961_000570_zr"


def test_an_id_is_read_back() -> None:
    read = FrameName.parse(ID)
    assert read.id == ID
    assert (read.field, read.fid, read.ccd, read.quadrant) == (570, 2, 5, 3)
    assert read.jd == pytest.approx(BORISOV.jd, abs=1e-6)


@pytest.mark.parametrize("ticks", ["000000", "000001", "123456", "499999", "500000", "999999"])
def test_no_millionth_of_a_day_is_rounded_to_another(ticks: str) -> None:
    text = f"ztf_20240229{ticks}_001570_zg_c16_o_q1"
    assert FrameName.parse(text).id == text


def test_files_lie_where_ztfs_archive_has_them() -> None:
    folder = "sci/2019/1014/495961/"
    assert str(BORISOV.science) == f"{folder}{BORISOV.id}_sciimg.fits"
    assert str(BORISOV.difference) == f"{folder}{BORISOV.id}_scimrefdiffimg.fits.fz"
    expected = "ref/000/field000570/zr/ccd05/q3/ztf_000570_zr_c05_q3_refimg.fits"
    assert str(BORISOV.reference) == expected


def test_fields_of_four_digits_keep_their_first_three() -> None:
    far = FrameName(jd=2458770.9959615, field=1570, fid=1, ccd=16, quadrant=1)
    assert str(far.reference).startswith("ref/001/field001570/zg/ccd16/q1/")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("M31", "it should read ztf_<YYYYMMDDffffff>"),
        (ID + "_sciimg.fits", "it should read"),
        (ID.replace("1014", "1314"), "20191314 is no date"),
        (ID.replace("zr", "zu"), "the filter must be zg, zr, zi, not zu"),
        (ID.replace("c05", "c17"), "the detector must be 1 to 16, not 17"),
        (ID.replace("q3", "q0"), "the quadrant must be 1 to 4, not 0"),
    ],
)
def test_what_is_no_id_is_told_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match="is no id of a frame") as caught:
        FrameName.parse(text)
    assert reason in str(caught.value)
