"""Galaxies as template stamps of ZTF show them: what farther means, and what real stamps show."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.alerts.decode import decode
from skysift.alerts.payloads import iter_payloads
from skysift.galaxy_zoo.stamps import stamp_picture
from skysift.simulate.galaxies import Settings, make_galaxies
from skysift.simulate.galaxies.kinds import ARTEFACTS, draw_structure

COUNT = 40
ZTF = Settings(seed=3, size=63, tree="decals", survey="ztf")


@pytest.fixture(scope="module")
def galaxies():
    return list(make_galaxies(ZTF, range(COUNT)))


def test_pixels_are_the_cameras_own_and_pictures_are_grey(galaxies) -> None:
    assert ZTF.pixel == 1.012
    assert {galaxy.view.pixel for galaxy in galaxies} == {1.012}
    assert {galaxy.view.band for galaxy in galaxies} >= {0, 1}
    for galaxy in galaxies:
        assert (galaxy.picture == galaxy.picture[..., :1]).all()


def test_what_is_farther_is_smaller_and_fainter_and_as_bright_by_area() -> None:
    near = draw_structure({"merger": 1.0}, np.random.default_rng(2))
    far = near.farther(2.0)
    assert far.r_mag == pytest.approx(near.r_mag + 1.505, abs=0.001)  # a quarter of the light
    assert far.scale_length == pytest.approx(near.scale_length / 2.0)
    assert far.companion_distance == pytest.approx(near.companion_distance / 2.0)
    brightness = [one.r_mag + 5.0 * np.log10(one.r50) for one in (near, far)]
    assert brightness[0] == pytest.approx(brightness[1])
    assert (far.inclination, far.arms, far.companion) == (near.inclination, near.arms,
                                                          near.companion)  # fmt: skip


def test_galaxies_of_all_sizes_lie_about_the_middle_and_not_in_it(galaxies) -> None:
    real = [one for one in galaxies if one.structure.kind not in ARTEFACTS]
    radii = np.array([one.structure.r50 for one in real])
    assert radii.min() < 1.3 < 18.0 / 2 < radii.max()  # beyond what Galaxy Zoo shows, either way
    y, x = np.indices((63, 63)) - 31
    offset = []
    for one in real:
        light = np.where(np.hypot(x, y) < 20, one.picture[..., 0].astype(float), 0.0)
        light = np.maximum(light - 80.0, 0.0)
        if light.any():
            place = np.hypot((light * x).sum(), (light * y).sum()) / light.sum()
            offset.append(place / one.structure.r50)
    assert 0.3 < np.median(offset) < 2.0


def test_pictures_are_like_those_of_real_templates(galaxies, shared_data) -> None:
    """Sky and its noise, and how bright the brightest of each is."""
    payloads = list(iter_payloads(shared_data / "ztf" / "packets"))[:40]
    templates = [
        triple[1]
        for alerts in decode(payloads, ("stamps",)).alerts
        for triple in alerts.batch.column("stamps").images
        if triple[1] is not None and np.isfinite(triple[1]).all() and triple[1].min() > -1e30
    ]
    real = [stamp_picture(template).astype(float) for template in templates]
    ours = [galaxy.picture[..., 0].astype(float) for galaxy in galaxies]
    assert len(real) > 20
    sky, our_sky = (np.median([np.percentile(one, 30) for one in some]) for some in (real, ours))
    assert abs(sky - our_sky) < 4.0
    noise, our_noise = (
        np.median([np.ptp(np.percentile(one, (5, 35))) for one in some]) for some in (real, ours)
    )
    assert our_noise / noise == pytest.approx(1.0, abs=0.35)
