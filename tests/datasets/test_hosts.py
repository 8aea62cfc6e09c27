"""Folders of host pictures: what is read, against naive twins, and what is left out and told."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

from skysift.cli.main import app
from skysift.datasets import add_hosts, build_set
from skysift.datasets.pictures import BlankError, PictureError, find_pictures, read_picture
from skysift.models.btsbot.hosts import read_hosts
from skysift.models.btsbot.training_set import read_set
from tests.datasets.published import published_files


def galaxy(side: int = 63, seed: int = 0) -> np.ndarray:
    """A red blob in noise, uint8 (side, side, 3), nowhere white."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] - side / 2
    blob = np.exp(-np.hypot(x, y) / (side / 8))[..., None] * [180, 120, 60]
    return (blob + rng.uniform(5, 25, (side, side, 3))).astype(np.uint8)


def save(pixels: np.ndarray, file: Path, **how) -> Path:
    Image.fromarray(pixels).save(file, **how)
    return file


def test_a_picture_of_63_pixels_is_taken_as_it_is(tmp_path):
    pixels = galaxy()
    for name in ("a.png", "a.npy"):
        file = tmp_path / name
        np.save(file, pixels) if name.endswith("npy") else save(pixels, file)
        np.testing.assert_array_equal(read_picture(file), pixels)
    jpeg = read_picture(save(pixels, tmp_path / "a.JPG", quality=95, subsampling=0))
    assert np.abs(jpeg.astype(int) - pixels).mean() < 5
    see_through = np.dstack([pixels, np.full((63, 63), 128, np.uint8)])
    np.testing.assert_array_equal(read_picture(save(see_through, tmp_path / "b.png")), pixels)


def test_floats_from_0_to_1_are_black_to_white(tmp_path):
    pixels = np.linspace(0, 1, 63 * 63 * 3).reshape(63, 63, 3)
    np.save(tmp_path / "a.npy", pixels.astype(np.float32))
    read = read_picture(tmp_path / "a.npy")
    assert (read.min(), read.max()) == (0, 255)
    np.testing.assert_allclose(read / 255, pixels, atol=0.5 / 255 + 1e-6)


def test_quarter_arcsecond_pixels_are_binned_and_the_brightest_is_white(tmp_path):
    pixels = galaxy(252)
    read = read_picture(save(pixels, tmp_path / "a.png"))
    means = np.empty((63, 63, 3))
    for row in range(63):
        for column in range(63):
            block = pixels[4 * row : 4 * row + 4, 4 * column : 4 * column + 4]
            means[row, column] = block.reshape(16, 3).mean(axis=0)
    np.testing.assert_allclose(read, 255 * means / means.max(), atol=0.501)
    assert read.max() == 255


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.jpg", b"<html>404</html>", "cannot be read"),
        ("a.png", b"", "cannot be read"),
        ("a.npy", b"\x93NUMPY", "cannot be read"),
        ("a.jpg", galaxy(64), "square of 63 pixels, .* not 64 × 64"),
        ("a.png", galaxy(63)[:40], "not 40 × 63"),
        ("a.png", galaxy(63 * 17), "not 1071 × 1071"),
        ("a.png", galaxy()[..., 0].astype(np.uint16), "8 bits a channel .* not I"),
        ("a.npy", galaxy()[..., 0], r"its shape must be \(side, side, 3\), not \(63, 63\)"),
        ("a.npy", galaxy() / 100.0, "float64 beyond"),
        ("a.npy", np.full((63, 63, 3), np.nan), "float64 beyond"),
        ("a.npy", np.array([{}]), "cannot be read"),
    ],
)
def test_what_is_no_picture_is_refused_saying_why(tmp_path, name, content, why):
    file = tmp_path / name
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif name.endswith("npy"):
        np.save(file, content, allow_pickle=True)
    else:
        save(content, file)
    with pytest.raises(PictureError, match=why):
        read_picture(file)


def test_a_cut_off_file_is_refused(tmp_path):
    whole = save(galaxy(), tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(PictureError, match=r"cannot be read: (?i:.*truncated)"):
        read_picture(tmp_path / "a.jpg")


def test_a_picture_with_nothing_on_it_is_blank(tmp_path):
    # What the Legacy Surveys' viewer sends of where they have not been.
    with pytest.raises(BlankError):
        read_picture(save(np.full((63, 63, 3), 32, np.uint8), tmp_path / "a.jpg"))


@pytest.fixture
def pictures(config, tmp_path) -> Path:
    """Pictures of all but ten objects that have a label; some of no use."""
    folder = tmp_path / "cutouts"
    (folder / "more").mkdir(parents=True)
    names = pd.read_csv(config.labels)["objectId"].drop_duplicates().tolist()[10:]
    for number, name in enumerate(names):
        save(galaxy(seed=number), folder / f"{name}.png")
    save(galaxy(), folder / "more" / f"{names[0]}.jpg")
    save(galaxy(), folder / "ZTF00aaaaaaa.png")
    (folder / f"{names[1]}.png").write_bytes(b"404")
    save(np.full((63, 63, 3), 32, np.uint8), folder / f"{names[2]}.png")
    (folder / "readme.txt").write_text("from the viewer")
    (folder / ".hidden").write_text("")
    return folder


def images_of(folder: Path) -> dict[str, np.ndarray]:
    """What must come out: each readable picture by its object, as floats."""
    found = {}
    for file in folder.glob("*.png"):
        try:
            pixels = np.asarray(Image.open(file))
        except OSError:
            continue
        if len(np.unique(pixels)) > 1:
            found[file.stem] = pixels / 255
    return found


def test_a_set_is_built_with_the_hosts_of_its_objects(config, pictures, tmp_path):
    manifest = build_set(replace(config, hosts=pictures), tmp_path / "set")
    alerts = read_set(tmp_path / "set")
    expected = images_of(pictures)
    host = alerts.host(slice(None))
    assert (host.shape, host.dtype) == ((len(alerts), 63, 63, 4), np.float32)
    for image, name in zip(host, alerts.group, strict=True):
        if name in expected:
            np.testing.assert_allclose(image[..., :3], expected[name], atol=1e-6)
            assert (image[..., 3] == 1).all()
        else:
            assert (image == 0).all()
    objects = set(alerts.group)
    told = manifest["hosts"]
    assert told["with"] == len(objects & expected.keys())
    assert told["without"] == len(objects - expected.keys()) > 0
    assert json.loads((tmp_path / "set" / "manifest.json").read_text())["hosts"] == told
    counts = {reason: entry["count"] for reason, entry in told["exclusions"].items()}
    assert counts["host_no_picture"] == counts["host_repeated"] == 1
    assert "ZTF00aaaaaaa" in told["exclusions"]["host_of_no_object"]["examples"]
    assert counts.get("host_unreadable", 0) + counts.get("host_blank", 0) == 2
    part = alerts.part("validation")
    np.testing.assert_array_equal(
        part.host(slice(None)), host[(alerts.table["split"] == "validation").to_numpy()]
    )


def test_a_set_is_known_again_by_its_pictures(config, pictures, tmp_path):
    wanted = replace(config, hosts=pictures)
    made = build_set(wanted, tmp_path / "set")
    assert build_set(wanted, tmp_path / "set") == made
    with pytest.raises(FileExistsError, match="made otherwise: hosts, input files differ"):
        build_set(config, tmp_path / "set")
    save(galaxy(seed=77), pictures / "ZTF00bbbbbbb.png")
    with pytest.raises(FileExistsError, match="made otherwise: input files differ"):
        build_set(wanted, tmp_path / "set")


def test_pictures_of_other_objects_are_told_before_an_alert_is_read(config, tmp_path):
    save(galaxy(), tmp_path / "SN2023ixf.jpg")
    with pytest.raises(
        ValueError, match=r"none of the 1 host images .*for example, SN2023ixf\.jpg"
    ):
        build_set(replace(config, hosts=tmp_path, alerts=(tmp_path / "no",)), tmp_path / "set")
    assert not (tmp_path / "set").exists()


def test_a_folder_without_pictures_is_refused(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(FileNotFoundError, match=r"no host images in .*objectId\.jpg"):
            find_pictures(folder)


def test_hosts_are_added_to_a_set_that_is_there(config, pictures, tmp_path):
    folder = tmp_path / "set"
    build_set(config, folder)
    before = read_set(folder)
    with pytest.raises(ValueError, match="the set has none: build it with --hosts"):
        before.host(slice(0, 1))
    words = ["data", "build", "hosts", "--pictures", str(pictures), "-o", str(folder)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    after = read_set(folder)
    objects = set(after.group)
    assert set(after.hosts.objects) == objects & images_of(pictures).keys()
    told = f"host images of {len(after.hosts)} of {len(objects)} objects"
    assert told in " ".join(done.output.split())
    assert "host_of_no_object" in done.output
    assert "hosts" not in before.facts
    assert after.facts == {**before.facts, "hosts": after.hosts.facts["sha256"]}
    add_hosts(pictures, folder)
    assert read_set(folder).facts == after.facts
    save(galaxy(seed=99), pictures / "ZTF00ccccccc.png")
    with pytest.raises(FileExistsError, match=r"hosts\.json and hosts\.npy there"):
        add_hosts(pictures, folder)


def test_hosts_are_added_to_the_published_set(tmp_path):
    for archive in published_files().values():
        with zipfile.ZipFile(io.BytesIO(archive)) as content:
            content.extractall(tmp_path / "v10")
    (tmp_path / "cutouts").mkdir()
    pixels = {name: galaxy(seed=number) for number, name in enumerate(["ZTF1", "ZTF3", "ZTF9"])}
    for name, picture in pixels.items():
        save(picture, tmp_path / "cutouts" / f"{name}.png")
    facts = add_hosts(tmp_path / "cutouts", tmp_path / "v10")
    assert (facts["with"], facts["without"]) == (2, 3)
    test = read_set(tmp_path / "v10").part("test")
    host = test.host(np.array([2, 3, 4, 7]))
    for image, name in zip(host, ["ZTF1", "ZTF1", None, "ZTF3"], strict=True):
        expected = 0 if name is None else pixels[name] / 255
        np.testing.assert_allclose(image[..., :3], expected, atol=1e-6)


def test_without_a_set_all_pictures_are_taken(pictures, tmp_path):
    facts = add_hosts(pictures, tmp_path / "hosts")
    hosts = read_hosts(tmp_path / "hosts")
    assert set(hosts.objects) == images_of(pictures).keys()
    assert (facts["with"], facts["without"]) == (len(hosts), 2)


def test_pictures_none_of_which_can_be_used_leave_nothing_behind(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"404")
    (tmp_path / "b.png").write_bytes(b"404")
    with pytest.raises(ValueError, match=r"can be used: 2 host_unreadable, such as a\.jpg: cannot"):
        add_hosts(tmp_path, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_images_that_do_not_fit_their_index_are_refused(pictures, tmp_path):
    add_hosts(pictures, tmp_path)
    np.save(tmp_path / "hosts.npy", np.load(tmp_path / "hosts.npy")[:-1])
    with pytest.raises(ValueError, match="host images must be uint8"):
        read_hosts(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"no host images in .*skysift data build hosts"):
        read_hosts(tmp_path / "cutouts")
