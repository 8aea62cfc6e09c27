"""Simulations as a survey would have taken them: seeing, pixels, sky, JPEG; and spoilt images."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.models._settings import ConfigError
from skysift.models.ganomaly.inputs import MAD, ImageError, numbers, prepare
from skysift.models.ganomaly.rating.jpeg import compressed
from skysift.models.ganomaly.rating.mock import MockSettings, Observed, Sky, read_mock
from skysift.models.ganomaly.rating.probes import probes
from skysift.models.ganomaly.sources import Found, Source
from tests.models.ganomaly_images import glow


class Given:
    """Images that are in memory."""

    def __init__(self, **images):
        self._images = images

    def images(self, channels):
        return (Found(name, "", image) for name, image in self._images.items())

    def again(self, names, channels):
        return {name: self._images[name] for name in names}


def dot(side=64, channels=1):
    image = np.zeros((side, side, channels), np.float32)
    image[side // 2, side // 2] = 1
    return image


def sky(side=64, level=0.0, noise=0.0, channels=1):
    return Sky(side, np.full(channels, level), np.full(channels, noise))


def observed(image, settings, of, scale="range", name="a"):
    return Observed(Given(), settings, of, scale).one(name, image)


def width(image):
    """Full width at half maximum of a dot's light, by its second moment [px]."""
    light = image[..., 0].astype(float)
    rows, columns = np.indices(light.shape)
    total = light.sum()
    y, x = (rows * light).sum() / total, (columns * light).sum() / total
    square = (((rows - y) ** 2 + (columns - x) ** 2) * light).sum() / total / 2
    return np.sqrt(square) * 2 * np.sqrt(2 * np.log(2))


def test_a_dot_becomes_as_wide_as_the_seeing():
    settings = MockSettings(pixel=0.5, psf=3.0, sky=False)
    assert width(observed(dot(), settings, sky())) == pytest.approx(6, rel=0.02)
    # finer pixels that show the same field: as wide on the sky, whatever the grid
    fine = observed(dot(256), settings, sky())
    assert fine.shape == (64, 64, 1)
    assert width(fine) == pytest.approx(6, rel=0.03)
    assert observed(dot(), MockSettings(sky=False), sky())[32, 32, 0] == 1


def test_pixels_become_the_surveys_and_what_is_beyond_is_sky():
    image = np.full((100, 100, 1), 0.2, np.float32)
    image[30:70, 30:70] = 0.8
    coarse = MockSettings(pixel=0.4, candidate_pixel=0.2, sky=False)
    small = observed(image, coarse, sky())
    assert small.shape == (64, 64, 1)
    assert (small > 0.5).sum() == pytest.approx(20 * 20, abs=20)
    np.testing.assert_allclose(small[0], 0.2, atol=1e-6)  # 50 px wide: there is sky around it
    large = observed(image, MockSettings(pixel=0.1, candidate_pixel=0.2, sky=False), sky())
    assert (large > 0.5).all()  # the middle 64 of 200 px
    with pytest.raises(ImageError, match="it would be 0 px wide"):
        observed(image, MockSettings(pixel=500, candidate_pixel=1), sky())


def test_images_get_the_sky_that_they_lack(rng):
    settings = MockSettings()
    quiet = np.full((64, 64, 3), 0.02, np.float32)
    noisy = quiet + rng.normal(0, 0.03, quiet.shape).astype(np.float32)
    of = Sky(64, np.array([0.3, 0.2, 0.1]), np.array([0.05, 0.03, 0.01]))
    for image in (quiet, noisy):
        seen = observed(image, settings, of)
        np.testing.assert_allclose(np.median(seen, axis=(0, 1)), of.level, atol=0.005)
        found = MAD * np.median(np.abs(seen - np.median(seen, axis=(0, 1))), axis=(0, 1))
        # what an image has of noise already it keeps
        wanted = np.maximum(of.noise, 0.03 if image is noisy else 0)
        np.testing.assert_allclose(found, wanted, rtol=0.1)
    assert seen.dtype == np.float32


def test_light_that_falls_off_slowly_is_no_noise():
    light = np.linspace(0.2, 0.6, 64, dtype=np.float32)
    image = np.broadcast_to(light[:, None, None], (64, 64, 1))
    seen = observed(image, MockSettings(), sky(level=0.4, noise=0.03))
    rough = seen[:, 1:] - seen[:, :-1]
    assert rough.std() / np.sqrt(2) == pytest.approx(0.03, rel=0.05)


def test_noise_follows_from_the_name_alone():
    image, settings, of = dot(), MockSettings(), sky(noise=0.1)
    same = observed(image, settings, of)
    np.testing.assert_array_equal(same, observed(image, settings, of))
    assert (same != observed(image, settings, of, name="b")).any()
    assert (same != observed(image, MockSettings(seed=3), of)).any()


def test_jpeg_is_pillows_and_other_channels_go_one_by_one(rng):
    image = glow(rng, 64)
    settings = MockSettings(sky=False, jpeg=50)
    seen = observed(numbers(image, channels=3, scale="range"), settings, sky(channels=3))
    np.testing.assert_array_equal(seen, compressed(image, 50))
    assert 0 < np.abs(seen.astype(float) - image).mean() < 8
    many = np.concatenate([image, image], axis=-1)
    planes = compressed(many, 50)
    assert planes.shape == many.shape
    np.testing.assert_array_equal(planes[..., :1], compressed(image[..., :1], 50))


def test_fluxes_keep_their_unit_and_their_signs(rng):
    flux = rng.normal(500, 20, (64, 64, 1)).astype(np.float32)
    seen = observed(flux, MockSettings(), sky(level=-3.0, noise=50.0), scale="sky")
    assert np.median(seen) == pytest.approx(-3, abs=3)
    assert seen.std() == pytest.approx(50, rel=0.05)


def test_the_sky_is_measured_around_galaxies(rng):
    images = []
    for _ in range(20):
        image = rng.normal(0.1, 0.02, (48, 64, 2)).astype(np.float32)
        image[10:38, 12:52] += 0.7
        images.append(image)
    found = Sky.of(images)
    assert found.side == 48
    np.testing.assert_allclose(found.level, 0.1, atol=0.003)
    np.testing.assert_allclose(found.noise, 0.02, rtol=0.05)


def test_what_cannot_be_used_is_handed_on_with_its_reason(rng):
    lost = ImageError("unreadable", "torn")
    source = Given(a=glow(rng, 64), b=lost, c=np.zeros((4, 4, 3), np.uint8))
    seen = Observed(source, MockSettings(jpeg=90), sky(channels=3), "range")
    found = {one.name: one.image for one in seen.images(3)}
    assert found["b"] is lost
    assert found["c"].reason == "size"
    np.testing.assert_array_equal(found["a"], seen.again(["a"], 3)["a"])
    assert prepare(found["a"], side=32, channels=3, scale="range").shape == (32, 32, 3)


def test_settings_are_ready_made_or_somebodys_own(tmp_path):
    assert read_mock("sky") == MockSettings()
    sdss = read_mock("sdss")
    assert (sdss.pixel, sdss.psf) == (0.396, 1.43) and sdss.jpeg
    (tmp_path / "own.toml").write_text("[mock]\npsf = 2\n")
    assert read_mock(tmp_path / "own.toml") == MockSettings(psf=2.0)
    for text, reason in (
        ("[mock]\npfs = 2", "did you mean 'psf'"), ("[mock]\njpeg = 99", "≤ 95"),
        ("[mocks]\n", "did you mean 'mock'"), ("psf", "not TOML"),
    ):  # fmt: skip
        (tmp_path / "own.toml").write_text(text)
        with pytest.raises(ConfigError, match=reason):
            read_mock(tmp_path / "own.toml")
    with pytest.raises(ConfigError, match="ready-made ones are: sdss, sky"):
        read_mock("lsst")


def test_images_are_read_again_by_name(tmp_path, rng):
    stack = np.stack([glow(rng) for _ in range(4)])
    np.save(tmp_path / "stack.npy", stack)
    np.save(tmp_path / "one.npy", stack[0])
    (tmp_path / "torn.png").write_bytes(b"no")
    source = Source(tmp_path)
    found = source.again({"stack.npy#2", "one.npy", "torn.png", "none"}, 3)
    assert sorted(found) == ["one.npy", "stack.npy#2"]
    np.testing.assert_array_equal(found["stack.npy#2"], stack[2])


@pytest.fixture(scope="module")
def spoilt():
    rng = np.random.default_rng(3)
    images = np.stack(
        [prepare(glow(rng, 64), side=64, channels=3, scale="range") for _ in range(3)]
    )
    return images, {(one.name, one.level): one.images for one in probes(images, rng)}


def test_every_probe_is_an_image_that_a_network_takes(spoilt):
    images, found = spoilt
    for key, some in found.items():
        assert some.dtype == np.float32, key
        assert some.shape[1:] == images.shape[1:], key
        assert np.abs(some).max() <= 1, key
        if key[0] not in ("untouched", "black", "photo"):
            assert len(some) == 3 and (some != images).any(axis=(1, 2, 3)).all(), key
    np.testing.assert_array_equal(found["untouched", None], images)
    assert (found["black", None] == -1).all()
    np.testing.assert_array_equal(found["colours", None][..., 0], images[..., 2])
    assert found["photo", None].std() > 0.3


def test_stripes_go_from_side_to_side(spoilt):
    images, found = spoilt
    changed = (found["stripe", None] != images).any(axis=-1)
    columns = changed.all(axis=1).sum(axis=1)
    assert (columns == round(64 / 6)).all()
    np.testing.assert_array_equal(found["stripe", None][..., 1:], images[..., 1:])


def test_graded_probes_do_more_at_each_level(spoilt):
    images, found = spoilt
    for name in ("psf", "grain", "jpeg"):
        off = [np.abs(some - images).mean() for (kind, _), some in found.items() if kind == name]
        assert len(off) == 4 and (np.diff(off) > 0).all(), name

    def area(some):
        return (some[..., 0] > -0.4).sum()

    for level in (0.5, 0.71, 1.41, 2.0):
        wanted = level**2 * area(images)
        assert area(found["scale", level]) == pytest.approx(wanted, rel=0.25), level


def test_mocks_of_nihao_get_the_sky_of_sdss(shared_data):
    folder = shared_data / "galaxies"
    survey, mocks = (
        [numbers(one, channels=3, scale="range") for one in np.load(folder / name)]
        for name in ("sdss_irg_64.npy", "nihao_mocks_64.npy")
    )
    wanted, before = Sky.of(survey), Sky.of(mocks)
    seen = [observed(one, MockSettings(), wanted, name=str(i)) for i, one in enumerate(mocks)]
    after = Sky.of(seen)
    assert (before.noise < 0.7 * wanted.noise).all()
    np.testing.assert_allclose(after.noise, wanted.noise, rtol=0.1)
    np.testing.assert_allclose(after.level, wanted.level, atol=1 / 255)
