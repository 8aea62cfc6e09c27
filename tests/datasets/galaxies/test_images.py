"""Images of galaxies: where they lie, what is read, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from skysift.datasets.galaxies import read_layout
from skysift.datasets.galaxies.images import ImageError, find_images, read_image
from skysift.galaxy_zoo.colours import dr2_picture
from tests.datasets.galaxies.made_up import fits_image, picture

SIMULATED, HART = read_layout("simulated-gz2"), read_layout("gz2-hart16")


def catalog(*names: str, image: str = "") -> pd.DataFrame:
    return pd.DataFrame({"id_str": names, "image": image}, dtype=object)


def test_an_image_lies_where_the_catalog_says(tmp_path):
    wanted = picture(tmp_path / "images" / "here" / "x.png")
    picture(tmp_path / "images" / "1.png")
    for told in ("here/x.png", "images/here/x.png"):
        found = find_images(tmp_path / "images", catalog("1", image=told), SIMULATED)
        assert found == {"1": wanted}


def test_or_where_the_layout_says(tmp_path):
    wanted = picture(tmp_path / "587722" / "587722981741363294.jpg")
    found = find_images(tmp_path, catalog("587722981741363294", "5"), HART)
    assert found == {"587722981741363294": wanted}


@pytest.mark.parametrize("suffix", [".png", ".JPG", ".jpeg", ".fits", ".fits.gz"])
def test_or_anywhere_under_its_own_name(tmp_path, suffix):
    path = tmp_path / "deep" / "er" / f"1.5{suffix}"
    if "fits" in suffix:
        fits_image(path, np.ones((3, 8, 8)))
    else:
        picture(path)
    assert find_images(tmp_path, catalog("1.5"), HART) == {"1.5": path}


@pytest.mark.parametrize("name", ["a.png", "b.jpg", "c.fits", "d.fits.gz"])
def test_bytes_of_a_file_are_read_as_the_file_is(tmp_path, name):
    path = tmp_path / name
    if "fits" in name:
        fits_image(path, np.random.default_rng(1).uniform(0.0, 0.3, (3, 8, 8)))
    else:
        picture(path)
    content = path.read_bytes()
    expected = read_image(path, 8)
    path.unlink()
    assert (read_image(path, 8, content) == expected).all()


def test_pictures_and_fits_do_not_mix(tmp_path):
    picture(tmp_path / "a.png")
    fits_image(tmp_path / "b.fits", np.ones((3, 8, 8)))
    with pytest.raises(ValueError, match=r"1 pictures and 1 FITS images.*--format"):
        find_images(tmp_path, catalog("a", "b"), HART)
    assert set(find_images(tmp_path, catalog("a", "b"), HART, "fits")) == {"b"}
    assert set(find_images(tmp_path, catalog("a", "b"), HART, "picture")) == {"a"}


def test_png_and_jpeg_do(tmp_path):
    picture(tmp_path / "a.png")
    picture(tmp_path / "b.jpeg")
    assert len(find_images(tmp_path, catalog("a", "b"), HART)) == 2


def test_a_folder_without_images_is_said(tmp_path):
    with pytest.raises(ValueError, match=r"one of a would be a\.png"):
        find_images(tmp_path, catalog("a"), HART)
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        find_images(tmp_path / "nowhere", catalog("a"), HART)


def test_a_picture_of_the_size_is_taken_as_it_is(tmp_path):
    path = picture(tmp_path / "a.png", side=20)
    assert (read_image(path, 20) == np.asarray(Image.open(path))).all()


def test_other_sizes_are_resampled(tmp_path):
    path = picture(tmp_path / "a.png", side=64)
    small = read_image(path, 16)
    assert small.shape == (16, 16, 3)
    wanted = np.asarray(Image.open(path), float).reshape(16, 4, 16, 4, 3).mean(axis=(1, 3))
    assert np.abs(small - wanted).mean() < 6.0


@pytest.mark.parametrize("mode", ["L", "P", "RGBA"])
def test_pictures_of_other_modes_get_three_colours(tmp_path, mode):
    Image.new(mode, (20, 20)).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png", 20).shape == (20, 20, 3)


def test_fits_is_stretched_and_north_is_up(tmp_path):
    bands = np.random.default_rng(0).gamma(0.4, 0.05, (3, 16, 16))
    bands[:, :3] += 5.0  # bright in the south
    pixels = read_image(fits_image(tmp_path / "a.fits", bands), 16)
    assert (pixels == dr2_picture(bands.astype(np.float32))[::-1]).all()
    assert pixels[-3:].mean() > 2.0 * pixels[:10].mean()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: -(path.stat().st_size // 3)])


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("a.png", lambda p: cut(picture(p)), "unreadable"),
        ("a.jpg", lambda p: p.write_text("<html>not found</html>"), "unreadable"),
        ("a.png", lambda p: p.write_bytes(b""), "unreadable"),
        ("a.png", lambda p: Image.new("RGB", (20, 30)).save(p), "not_square"),
        ("a.png", lambda p: Image.new("L", (5000, 5000)).save(p), "too_large"),
        ("a.png", lambda p: Image.new("I;16", (20, 20)).save(p), "unreadable"),
        ("a.fits", lambda p: cut(fits_image(p, np.ones((3, 40, 40)))), "unreadable"),
        ("a.fits", lambda p: fits_image(p, np.ones((4, 8, 8))), "wrong_bands"),
        ("a.fits", lambda p: fits_image(p, np.ones((8, 8))), "wrong_bands"),
        ("a.fits", lambda p: fits_image(p, np.ones((3, 8, 9))), "not_square"),
        ("a.fits", lambda p: fits_image(p, np.full((3, 8, 8), np.nan)), "empty"),
        ("a.fits", lambda p: fits_image(p, np.zeros((3, 8, 8))), "empty"),
    ],
)
def test_what_cannot_be_used_has_a_reason(tmp_path, name, make, reason):
    make(tmp_path / name)
    with pytest.raises(ImageError) as caught:
        read_image(tmp_path / name, 16)
    assert caught.value.reason == reason
    assert name in str(caught.value)
