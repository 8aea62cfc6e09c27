"""Files as they should not be: each is refused by name and with its reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from skysift.alerts.frame_file import FrameError, check_sums, check_whole
from skysift.alerts.frame_images import read_frame
from tests.datasets.frame_files import SHAPE, header

FLAT = np.random.default_rng(3).normal(100, 3, SHAPE).astype(np.float32)


def packed(image: np.ndarray, cards: fits.Header, **options) -> fits.HDUList:
    """As fpack has it: nothing in HDU 0, the image in HDU 1."""
    return fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(image, cards, **options)])


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Science, reference and difference that fit."""
    paths = {
        "science": tmp_path / "sci.fits",
        "reference": tmp_path / "ref.fits",
        "difference": tmp_path / "diff.fits.fz",
    }
    cards = header()
    cards.update({"FILTERID": 2, "FIELDID": 570, "CCDID": 5, "QID": 3, "OBSJD": 2458770.99})
    fits.PrimaryHDU(FLAT, cards).writeto(paths["science"])
    turned = header(rotation=0.7)
    turned.update({"FILTERID": 2, "FIELDID": 570, "CCDID": 5, "QID": 3})
    fits.PrimaryHDU(FLAT, turned).writeto(paths["reference"])
    packed(FLAT - 100, cards).writeto(paths["difference"])
    return paths


def test_a_frame_that_fits_is_read(files) -> None:
    frame = read_frame(**files)
    assert frame.images.shape == (*SHAPE, 3)
    assert frame.images.dtype == np.float32
    np.testing.assert_array_equal(frame.images[..., 0], FLAT)
    np.testing.assert_allclose(frame.images[..., 2], FLAT - 100, atol=1.5)
    assert frame.zeropoint == 26.1
    assert frame.world.pixel_to_world(59.5, 44.5).ra.deg == pytest.approx(150.0)


def test_without_a_difference_there_are_two_images(files) -> None:
    frame = read_frame(files["science"], files["reference"], None)
    assert frame.images.shape == (*SHAPE, 2)


def test_a_zeropoint_that_is_not_told_is_no_number(files) -> None:
    fits.delval(files["science"], "MAGZP")
    assert np.isnan(read_frame(**files).zeropoint)


@pytest.mark.parametrize("which", ["science", "reference", "difference"])
@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.unlink(), "no frame at {}"),
        (lambda path: path.write_bytes(b""), "{} is empty"),
        (lambda path: path.write_bytes(b"<html>" * 9000), "{} is not readable as FITS: No SIMPLE"),
        (lambda path: cut(path, 2880 * 4), "{} is cut off: it has "),
        (lambda path: cut(path, 100), "{} is not readable as FITS"),
        (lambda path: rewrite(path, FLAT * np.nan), "{} has no pixel with a number"),
        (lambda path: rewrite(path, np.zeros((0, 5), np.float32)), "{} holds no image"),
        (lambda path: rewrite(path, FLAT[None]), "{} has an image of 3 dimensions, not 2"),
    ],
    ids=["missing", "empty", "html", "cut", "torn", "nan", "zero", "cube"],
)
def test_a_broken_file_is_named_with_its_reason(files, which, spoil, reason) -> None:
    spoil(files[which])
    with pytest.raises(FrameError) as caught:
        read_frame(**files)
    assert reason.format(files[which]) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_packed_file_that_ends_before_its_image_holds_none(files) -> None:
    cut(files["difference"], 2880)
    with pytest.raises(FrameError, match=r"diff\.fits\.fz holds no image"):
        read_frame(**files)


def cut(path: Path, length: int) -> None:
    """Keep the beginning of a file."""
    content = path.read_bytes()
    assert len(content) > length
    path.write_bytes(content[:length])


def rewrite(path: Path, image: np.ndarray) -> None:
    """Put another image into a file, with the cards that it has."""
    with fits.open(path) as units:
        cards = units[-1].header.copy()
    fits.PrimaryHDU(image, cards).writeto(path, overwrite=True)


def test_packed_pixels_that_make_no_sense_are_no_image(files) -> None:
    content = bytearray(files["difference"].read_bytes())
    middle = len(content) * 3 // 4
    content[middle : middle + 2000] = bytes(0x55 ^ byte for byte in content[middle : middle + 2000])
    files["difference"].write_bytes(content)
    with pytest.raises(FrameError, match=r"diff\.fits\.fz is not readable as FITS: decompress"):
        read_frame(**files)


@pytest.mark.parametrize("which", ["science", "reference"])
@pytest.mark.parametrize(
    ("cards", "reason"),
    [
        ({"CTYPE1": None, "CTYPE2": None}, "says nothing of where on the sky its pixels are"),
        ({"CTYPE1": "RA---QQQ"}, "has a WCS that makes no sense"),
        ({"CTYPE2": "GLAT-TAN"}, "has a WCS that makes no sense"),
    ],
)
def test_a_frame_that_is_nowhere_is_refused(files, which, cards, reason) -> None:
    for card, value in cards.items():
        if value is None:
            fits.delval(files[which], card)
        else:
            fits.setval(files[which], card, value=value)
    with pytest.raises(FrameError) as caught:
        read_frame(**files)
    assert f"{files[which]} {reason}" in str(caught.value)


@pytest.mark.parametrize(
    ("card", "value", "reason"),
    [
        ("FILTERID", 1, r"is of another filter than .*sci\.fits: FILTERID 1, not 2"),
        ("FIELDID", 571, "is of another field than"),
        ("CCDID", 6, "is of another detector than"),
        ("QID", 4, "is of another quadrant than"),
        ("CRVAL1", 151.0, r"shows another part of the sky than .*sci\.fits"),
    ],
)
def test_a_reference_of_something_else_is_refused(files, card, value, reason) -> None:
    fits.setval(files["reference"], card, value=value)
    with pytest.raises(FrameError, match=rf"ref\.fits {reason}"):
        read_frame(**files)


def test_a_difference_of_another_exposure_or_shape_is_refused(files) -> None:
    cards = header()
    cards["OBSJD"] = 2458771.03
    packed(FLAT, cards).writeto(files["difference"], overwrite=True)
    with pytest.raises(FrameError, match=r"is of another exposure than .*: 0.04000 days apart"):
        read_frame(**files)
    packed(FLAT[:80], cards).writeto(files["difference"], overwrite=True)
    with pytest.raises(FrameError, match=r"has 80 × 120 pixels; its science frame .* has 90 × 120"):
        read_frame(**files)


def test_an_aligner_that_there_is_not_is_refused(files) -> None:
    with pytest.raises(ValueError, match=r"aligner must be one of reproject, swarp. Got: 'magic'"):
        read_frame(**files, aligner="magic")


@pytest.mark.parametrize("name", ["plain.fits", "packed.fits.fz"])
def test_what_differs_from_its_checksum_is_damaged(tmp_path, name) -> None:
    path = tmp_path / name
    made = fits.HDUList([fits.PrimaryHDU(FLAT)]) if name == "plain.fits" else packed(FLAT, None)
    made.writeto(path, checksum=True)
    check_whole(path)
    check_sums(path)
    content = bytearray(path.read_bytes())
    content[-3000] ^= 1
    path.write_bytes(content)
    check_whole(path)
    with pytest.raises(FrameError, match=r"is damaged: HDU . does not have its checksum"):
        check_sums(path)


def test_a_file_without_checksums_is_not_judged_by_them(files) -> None:
    for path in files.values():
        check_sums(path)


def test_gzipped_files_are_read_and_cut_ones_refused(tmp_path, files) -> None:
    path = tmp_path / "sci.fits.gz"
    fits.PrimaryHDU(FLAT, fits.getheader(files["science"])).writeto(path)
    assert read_frame(path, files["reference"], None).images.shape == (*SHAPE, 2)
    cut(path, len(path.read_bytes()) // 2)
    with pytest.raises(FrameError, match=r"sci\.fits\.gz is not readable as FITS"):
        read_frame(path, files["reference"], None)
