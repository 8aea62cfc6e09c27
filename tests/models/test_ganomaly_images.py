"""Images into GANomaly: what is read, how it is prepared, and what is left out with a reason.

Truth of the resizing: torchvision's rule, as the published code uses it (shorter side, then the
middle), and Pillow's own reduction of 8-bit pictures.
"""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from PIL import Image

from skysift.models.ganomaly.artefacts import artefact
from skysift.models.ganomaly.batches import ImageBatches, turn
from skysift.models.ganomaly.config import InputsConfig
from skysift.models.ganomaly.inputs import ImageError, prepare
from skysift.models.ganomaly.sources import Source, is_normal
from skysift.models.ganomaly.training_set import read_training_set
from tests.models.ganomaly_images import SIDE, glow, write_folder

INPUTS = InputsConfig(side=SIDE)


def ready(image, side=SIDE, channels=3, scale="range"):
    return prepare(image, side=side, channels=channels, scale=scale)


def reason(image, **how):
    with pytest.raises(ImageError) as told:
        ready(image, **how)
    return told.value.reason


def read(path, channels=3, part=None):
    return list(Source(path, part).images(channels))


def test_pixels_of_any_depth_mean_the_same(rng):
    eight = glow(rng)
    expected = eight / 127.5 - 1
    for image in (eight, eight.astype(np.uint16) * 257, (eight / 255).astype(np.float64)):
        np.testing.assert_allclose(ready(image), expected, atol=1e-6)


def test_a_large_picture_is_averaged_down_and_its_middle_taken(rng):
    picture = rng.integers(0, 256, (100, 150, 3)).astype(np.uint8)
    small = np.asarray(Image.fromarray(picture).resize((48, 32), Image.Resampling.BILINEAR))
    np.testing.assert_allclose((ready(picture) + 1) * 127.5, small[:, 8:40], atol=1.01)
    # Without averaging, noise would keep its scatter.
    assert ready(rng.normal(0.5, 0.1, (320, 320, 3)).clip(0, 1)).std() < 0.2 * 0.2


def test_fluxes_are_measured_from_their_sky_in_its_noise(rng):
    flux = rng.normal(1000.0, 5.0, (SIDE, SIDE, 1))
    flux[16, 16] += 5000.0
    one = ready(flux, channels=1, scale="sky")
    np.testing.assert_allclose(one, ready(flux * 3 + 70, channels=1, scale="sky"), atol=1e-4)
    assert one[16, 16, 0] == pytest.approx(1.0, abs=0.05)
    assert np.abs(np.median(one)) < 1e-6
    noiseless = np.zeros((SIDE, SIDE))
    noiseless[10:14, 10:14] = 3.0
    assert ready(noiseless, channels=1, scale="sky").max() > 0.1


def test_a_few_lost_pixels_are_filled_and_many_are_not(rng):
    image = (glow(rng) / 255).astype(np.float32)
    image[:4] = np.nan
    image[20, 20] = np.inf
    filled = ready(image)
    assert np.isfinite(filled).all()
    np.testing.assert_allclose(
        filled[0, 0], np.nanmedian(image[4:], axis=(0, 1)) * 2 - 1, atol=0.02
    )
    image[:10] = np.nan
    assert reason(image) == "missing"
    assert reason(np.full((SIDE, SIDE, 3), np.nan)) == "missing"


@pytest.mark.parametrize(
    ("image", "word"),
    [
        (np.zeros((5, 40, 3), np.uint8), "size"),
        (np.zeros((20_000, 40, 3), np.uint8), "size"),
        (np.zeros((2, 40, 40, 3), np.uint8), "size"),
        (np.zeros((40, 40, 4), np.uint8), "channels"),
        (np.zeros((40, 40, 3), np.int32), "numbers"),
        (np.zeros((40, 40, 3), bool), "numbers"),
        (np.full((40, 40, 3), 1.5), "numbers"),
    ],
)
def test_what_cannot_be_prepared_says_why(image, word):
    assert reason(image) == word


def test_frames_that_are_no_observation_are_found():
    rng = np.random.default_rng(3)
    image = glow(rng)
    assert artefact(ready(image)) == ""
    assert artefact(ready(np.full_like(image, 40))) == "blank"
    for lines in (np.s_[5:12], np.s_[:, 20:]):
        for channels in ([1, 2], [0, 1, 2]):  # a stripe of one colour, and one of none
            damaged = image.copy()
            damaged[lines][..., channels] = 0
            assert artefact(ready(damaged)) == "striped"


def test_real_galaxies_are_no_artefacts_and_damaged_ones_mostly_are(shared_data):
    for file in ("sdss_irg_64.npy", "nihao_mocks_64.npy"):
        images = np.load(shared_data / "galaxies" / file)
        assert {artefact(ready(image, side=64)) for image in images} == {""}
        images[:, 20:30, :, 1:] = 0
        found = [artefact(ready(image, side=64)) == "striped" for image in images]
        assert np.mean(found) > 0.75  # under a sky of nearly 0 there is no edge to see


def test_every_kind_of_file_is_read(tmp_path, rng):
    image = glow(rng)
    Image.fromarray(image).save(tmp_path / "a.png")
    np.save(tmp_path / "b.npy", image)
    np.save(tmp_path / "c.npy", np.stack([image, image[::-1]]))
    fits.writeto(tmp_path / "d.fits.gz", np.moveaxis(image, -1, 0).astype(np.float32))
    Image.fromarray(image).convert("P", palette=Image.Palette.ADAPTIVE).save(tmp_path / "e.png")
    Image.fromarray(np.dstack([image, image[..., 0]])).save(tmp_path / "f.PNG")
    Image.fromarray(image[..., 0]).save(tmp_path / "g.tif")
    Image.fromarray(image[..., 0].astype(np.uint16) * 257).save(tmp_path / "h.png")
    (tmp_path / ".hidden.png").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("no image")
    found = read(tmp_path)
    assert [one.name for one in found] == [
        "a.png", "b.npy", "c.npy#0", "c.npy#1", "d.fits.gz", "e.png", "f.PNG", "g.tif", "h.png",
    ]  # fmt: skip
    arrays = {one.name: one.image for one in found}
    for name in ("a.png", "b.npy", "c.npy#0", "d.fits.gz", "f.PNG"):
        np.testing.assert_array_equal(arrays[name], image)
    assert arrays["e.png"].shape == image.shape
    np.testing.assert_allclose(ready(arrays["g.tif"]), ready(arrays["h.png"]), atol=1e-6)
    grey = read(tmp_path / "a.png", channels=1)[0].image
    assert grey.shape == (SIDE, SIDE)


def test_damaged_files_are_reported_and_their_neighbours_read(tmp_path, rng):
    Image.fromarray(glow(rng)).save(tmp_path / "good.png")
    whole = (tmp_path / "good.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "broken.npy").write_bytes(b"\x93NUMPY rest")
    (tmp_path / "table.fits").write_bytes(b"SIMPLE")
    np.save(tmp_path / "objects.npy", np.array([{"a": 1}], object))
    Image.new("L", (20_000, 10)).save(tmp_path / "wide.png")
    found = {one.name: one.image for one in read(tmp_path)}
    words = {name: getattr(image, "reason", "ok") for name, image in found.items()}
    assert words == {
        "good.png": "ok", "wide.png": "size",
        **dict.fromkeys(["broken.npy", "cut.png", "objects.npy", "table.fits", "text.jpg"],
                        "unreadable"),
    }  # fmt: skip


def test_tables_of_stamps_are_read_row_by_row(tmp_path, rng):
    image = glow(rng)
    png, npy = io.BytesIO(), io.BytesIO()
    Image.fromarray(image).save(png, "PNG")
    np.save(npy, image)
    rows = [png.getvalue(), npy.getvalue(), b"neither", None]
    pd.DataFrame({"id": [*"abcd"], "label": [0, 1, 0, 0], "image": rows}).to_parquet(
        tmp_path / "files.parquet"
    )
    numbers = (image / 255).ravel().tolist()
    pd.DataFrame({"image": [numbers], "shape": [list(image.shape)]}).to_parquet(
        tmp_path / "numbers.parquet"
    )
    found = read(tmp_path)
    assert [(one.name, one.label) for one in found] == [
        ("a", "0"), ("b", "1"), ("c", "0"), ("d", "0"), ("numbers.parquet#0", ""),
    ]  # fmt: skip
    for one in (found[0], found[1], found[4]):
        np.testing.assert_allclose(ready(one.image), ready(image), atol=1e-6)
    assert [one.image.reason for one in found[2:4]] == ["unreadable"] * 2
    pd.DataFrame({"stamp": [b""]}).to_parquet(tmp_path / "files.parquet")
    with pytest.raises(ValueError, match=r"has no column 'image' with images\. Columns: stamp"):
        read(tmp_path / "files.parquet")


def test_classes_are_folders_and_normal_is_known_by_its_name(tmp_path):
    folder = write_folder(tmp_path / "set", train=3, test=2)
    assert [(one.name, one.label) for one in read(folder, part="test")][1:3] == [
        ("test/0.normal/001.png", "0.normal"), ("test/1.abnormal/000.png", "1.abnormal"),
    ]  # fmt: skip
    assert len(read(folder)) == 7
    names = ["0.normal", "1.abnormal", "normal", "", "0", "1", "Normal", "paranormal"]
    assert is_normal(np.array(names)).tolist() == [
        True, False, True, True, True, False, True, False,
    ]  # fmt: skip


def test_a_set_holds_what_is_sound_and_says_what_is_not(tmp_path):
    folder = write_folder(tmp_path / "set", train=6, test=1)
    normal = folder / "train" / "0.normal"
    Image.new("RGB", (SIDE, SIDE)).save(normal / "black.png")
    striped = np.asarray(Image.open(normal / "000.png")).copy()
    striped[10:14] = 0
    Image.fromarray(striped).save(normal / "striped.png")
    (normal / "torn.png").write_bytes(b"\x89PNG")
    (folder / "train" / "1.abnormal").mkdir()
    Image.new("RGB", (SIDE, SIDE)).save(folder / "train" / "1.abnormal" / "x.png")
    seen = []
    images = read_training_set(
        folder, INPUTS, tmp_path / "store", progress=lambda *now: seen.append(now)
    )
    assert (len(images), images.others) == (6, 1)
    assert images.reasons == {"blank": 1, "striped": 1, "unreadable": 1}
    assert images.left_out["train/0.normal/black.png"] == "blank: there is nothing on it"
    assert seen[-1][1] == 6
    first = np.asarray(Image.open(normal / "000.png")) / 127.5 - 1
    np.testing.assert_allclose(images.pixels[0], first, atol=1e-3)


def test_parts_stay_what_they_are_when_a_set_grows(tmp_path):
    small = read_training_set(write_folder(tmp_path / "a", train=30), INPUTS, tmp_path / "store_a")
    large = read_training_set(write_folder(tmp_path / "b", train=60), INPUTS, tmp_path / "store_b")
    held = set(small.names[small.parted(0.3, 1)[1]])
    assert held == set(large.names[large.parted(0.3, 1)[1]]) & set(small.names)
    assert 3 < len(held) < 17
    assert small.sha256 != large.sha256


@pytest.mark.parametrize("what", ["nothing", "empty", "abnormal", "black", "missing"])
def test_folders_that_nothing_can_be_learned_from_are_refused(tmp_path, what):
    folder = tmp_path / "set"
    normal, abnormal = folder / "train" / "0.normal", folder / "train" / "1.abnormal"
    if what != "missing":
        normal.mkdir(parents=True)
        abnormal.mkdir()
    if what == "nothing":
        folder = abnormal
    if what in ("abnormal", "black"):
        Image.new("RGB", (SIDE, SIDE)).save((abnormal if what == "abnormal" else normal) / "a.png")
    error, message = {
        "nothing": (FileNotFoundError, "no image in .*1.abnormal: PNG, JPEG"),
        "empty": (FileNotFoundError, "it has only empty folders: 0.normal, 1.abnormal"),
        "abnormal": (ValueError, "there is no normal image in .*, but 1 of other classes"),
        "black": (ValueError, r"none of the 1 images .*a\.png \(blank: there is nothing on it\)"),
        "missing": (FileNotFoundError, "there is no .*set: a folder of images is needed"),
    }[what]
    with pytest.raises(error, match=message):
        read_training_set(folder, INPUTS, tmp_path / "store")


def test_an_epoch_shows_every_image_once_and_turned_ones_keep_their_pixels(tmp_path):
    images = read_training_set(write_folder(tmp_path / "set", train=20), INPUTS, tmp_path / "store")
    batches = ImageBatches(images, np.arange(20), batch=6, turned=False, seed=1)
    first = np.concatenate(list(batches.epoch(1)))
    assert (len(batches), first.shape) == (3, (18, SIDE, SIDE, 3))
    sums = first.sum(axis=(1, 2, 3), dtype=np.float64)
    assert len(np.unique(sums)) == 18
    np.testing.assert_array_equal(first, np.concatenate(list(batches.epoch(1))))
    assert (first != np.concatenate(list(batches.epoch(2)))).any()
    eight = turn(np.repeat(first[:1], 8, axis=0), np.arange(8))
    assert len({one.tobytes() for one in eight}) == 8
    np.testing.assert_allclose(eight.sum(axis=(1, 2, 3), dtype=np.float64), sums[0], rtol=1e-6)
