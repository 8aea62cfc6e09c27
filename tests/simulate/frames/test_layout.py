"""Truth: names and paths of a public frame of comet 2I/Borisov in ZTF's archive."""

from __future__ import annotations

from skysift.simulate.frames.layout import FrameName

BORISOV = FrameName(jd=2458770.9959615, field=570, fid=2, ccd=5, quadrant=3)


def test_a_frame_is_named_as_ztf_names_it() -> None:
    assert BORISOV.id == "ztf_20191014495961_000570_zr_c05_o_q3"


def test_files_lie_where_ztfs_archive_has_them() -> None:
    folder = "sci/2019/1014/495961/"
    assert str(BORISOV.science) == f"{folder}{BORISOV.id}_sciimg.fits"
    assert str(BORISOV.difference) == f"{folder}{BORISOV.id}_scimrefdiffimg.fits.fz"
    expected = "ref/000/field000570/zr/ccd05/q3/ztf_000570_zr_c05_q3_refimg.fits"
    assert str(BORISOV.reference) == expected


def test_fields_of_four_digits_keep_their_first_three() -> None:
    far = FrameName(jd=2458770.9959615, field=1570, fid=1, ccd=16, quadrant=1)
    assert str(far.reference).startswith("ref/001/field001570/zg/ccd16/q1/")
