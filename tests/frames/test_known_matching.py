"""Known objects near detections: the night's sky against brute force, and what each status says."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from astropy.time import Time

from skysift.frames.known.catalogue import Catalogue
from skysift.frames.known.ephemeris import PALOMAR, ephemeris
from skysift.frames.known.matching import MATCHES, match_table, matches
from skysift.frames.known.places import angles, seen, unit
from skysift.frames.known.sky import night_of, night_sky
from tests.frames.orbit_lines import HALE_BOPP, asteroid_line

NIGHT = Time("2020-06-02T06:00:00").jd
BODIES = 3000


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """A made-up belt with near-Earth orbits, and Hale-Bopp."""
    chance = np.random.default_rng(5)
    axis = np.where(
        np.arange(BODIES) % 5 == 0,
        chance.uniform(0.8, 2.2, BODIES),
        chance.normal(2.6, 0.2, BODIES),
    )
    shape = np.where(
        np.arange(BODIES) % 5 == 0,
        chance.uniform(0.2, 0.7, BODIES),
        chance.uniform(0, 0.2, BODIES),
    )
    turns = chance.uniform(0, 360, (3, BODIES))
    lines = [
        asteroid_line(
            f"({number})",
            magnitude=float(chance.uniform(8, 14)),
            anomaly=turns[0, number],
            argument=turns[1, number],
            node=turns[2, number],
            inclination=float(chance.uniform(0, 20)),
            eccentricity=shape[number],
            axis=axis[number],
        )
        for number in range(BODIES)
    ]
    folder = tmp_path_factory.mktemp("orbits")
    (folder / "MPCORB.DAT").write_text("\n".join(lines))
    (folder / "CometEls.txt").write_text(HALE_BOPP)
    return Catalogue.read([folder / "CometEls.txt", folder / "MPCORB.DAT"])


def detections(utc: float, ra: list[float], dec: list[float], frame: str = "f") -> pa.Table:
    """Detections of one frame; places in degrees."""
    return pa.table(
        {
            "id": [frame] * len(ra),
            "candid": [f"{frame}_{number}" for number in range(len(ra))],
            "jd": [utc] * len(ra),
            "ra": ra,
            "dec": dec,
        }
    )


def test_the_sky_of_a_night_misses_nobody(catalogue: Catalogue) -> None:
    """Every body within a circle, by exact places of all of them, evening and morning."""
    total = 0
    for utc in (NIGHT, NIGHT + 0.25):
        everyone = seen(catalogue.orbits, utc, ephemeris(), planets=False)
        assert night_of(utc) == night_of(NIGHT)
        for ra in np.arange(0.0, 360.0, 15.0):
            centre = unit(np.array([ra]), np.array([23.4 * np.sin(np.radians(ra))]))[0]
            inside = everyone.directions @ centre > np.cos(np.radians(3.0))
            near = catalogue.within(utc, centre, 3.0)
            expected = set(catalogue.orbits.name[inside])
            # The planets move a body across the edge of a circle of 3° now and then.
            edge = np.abs(everyone.directions @ centre - np.cos(np.radians(3.0))) < 1e-5
            allowed = set(catalogue.orbits.name[edge])
            assert set(near.orbits.name) ^ expected <= allowed
            total += len(expected)
    assert total > 100


def test_fast_bodies_are_there(catalogue: Catalogue) -> None:
    everyone = seen(catalogue.orbits, NIGHT + 0.2, ephemeris(), planets=False)
    fast = np.argsort(everyone.rate())[-5:]
    assert everyone.rate()[fast[0]] > 3.0
    for body in fast:
        near = catalogue.within(NIGHT + 0.2, everyone.directions[body], 0.2)
        assert catalogue.orbits.name[body] in near.orbits.name


def test_nights_years_from_the_epoch_miss_hardly_anybody(catalogue: Catalogue) -> None:
    """Planets have moved the bodies by up to degrees; most of those that the sky of two
    bodies alone would lose are found."""
    some = catalogue.orbits[1:250]
    utc = NIGHT + 1500.2
    sky = night_sky(some, utc, ephemeris(), faintest=99.0)
    exact = seen(some, utc, ephemeris()).directions
    alone = seen(some, utc, ephemeris(), planets=False).directions
    lost = np.linalg.norm(exact - alone, axis=1) > np.radians(0.8)
    assert lost.sum() > 3
    found = np.array([row in sky.near(utc, exact[row], 0.3) for row in range(len(some))])
    assert found[~lost].all()
    assert found[lost].mean() > 0.7


def test_the_nearest_first_with_all_that_is_known(catalogue: Catalogue) -> None:
    comet = seen(catalogue.orbits[:1], NIGHT, ephemeris())
    ra, dec = (float(each[0]) for each in angles(comet.directions))
    table = detections(NIGHT, [ra, ra, ra], [dec + 30 / 3600, dec - 119 / 3600, dec + 121 / 3600])
    answer = match_table(table, catalogue)
    assert answer["known_status"].to_pylist() == ["matched", "matched", "none"]
    assert answer["known_name"].to_pylist() == ["C/1995 O1 (Hale-Bopp)"] * 2 + [None]
    assert answer["known_offset"].to_pylist()[:2] == pytest.approx([30.0, 119.0], abs=0.01)
    assert answer["known_source"].to_pylist() == ["CometEls.txt"] * 2 + [None]
    # M1 = -2, k = 4: 43.3 au from us and 43.5 au from the Sun.
    assert answer["known_mag"][0].as_py() == pytest.approx(22.56, abs=0.05)
    known = matches(table, catalogue)
    assert known.schema == MATCHES
    assert known["rate"][0].as_py() == pytest.approx(comet.rate()[0], rel=1e-4)


def test_several_bodies_are_sorted_by_distance(catalogue: Catalogue) -> None:
    everyone = seen(catalogue.orbits, NIGHT, ephemeris(), planets=False)
    ra, dec = angles(everyone.directions[7:8])
    known = matches(
        detections(NIGHT, [float(ra[0])] * 2, [float(dec[0])] * 2), catalogue, radius=3600 * 4
    )
    offsets = known.to_pandas().groupby("candid")["offset"]
    assert (offsets.size() > 1).all()
    assert offsets.apply(lambda each: each.is_monotonic_increasing).all()
    assert known["candid"].to_pylist() == sorted(known["candid"].to_pylist())


def test_bodies_too_faint_are_not_there(catalogue: Catalogue) -> None:
    everyone = seen(catalogue.orbits, NIGHT, ephemeris())
    body = int(np.argmax(everyone.magnitudes[1:])) + 1
    ra, dec = (float(each[0]) for each in angles(everyone.directions[body : body + 1]))
    name = catalogue.orbits.name[body].decode()
    limit = float(everyone.magnitudes[body])
    for faintest, there in ((limit + 0.05, True), (limit - 0.05, False)):
        some = Catalogue(catalogue.orbits, faintest=faintest, site=PALOMAR)
        known = matches(detections(NIGHT, [ra], [dec]), some)
        assert (name in known["name"].to_pylist()) is there


def test_statuses_are_told_apart(catalogue: Catalogue, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody asked, no answer for a time without planets, no answer for a row without a place."""
    empty = detections(NIGHT, [10.0], [85.0])
    assert match_table(empty, None)["known_status"].to_pylist() == ["not_asked"]
    assert match_table(empty, catalogue)["known_status"].to_pylist() == ["none"]
    late = detections(2480000.5, [10.0], [85.0], frame="late")
    lost = detections(NIGHT, [np.nan], [85.0], frame="lost")
    with caplog.at_level(logging.WARNING):
        answer = match_table(pa.concat_tables([late, empty, lost]), catalogue)
    assert answer["known_status"].to_pylist() == ["failed", "none", "failed"]
    assert "outside the ephemeris" in caplog.text


def test_a_night_without_detections(catalogue: Catalogue) -> None:
    answer = match_table(detections(NIGHT, [], []), catalogue)
    assert answer.num_rows == 0
    assert "known_status" in answer.column_names


def test_missing_file_names_itself(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no file of orbits at"):
        Catalogue.read([tmp_path / "CometEls.txt"])
