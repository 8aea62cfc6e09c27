"""Tracklets: what is linked, what must not be, and how much of a made-up night is right."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord

from skysift.frames.links.settings import LinkSettings
from skysift.frames.table import DETECTIONS
from skysift.frames.tracklets import TRACKLETS, link, mark, summary
from skysift.simulate.frames.produce import write_frames
from skysift.simulate.frames.settings import Settings
from tests.frames.moving import START, crowd, night, seen


def path(
    *minutes: float, rate: float, angle: float, ra: float = 40.0, dec: float = 20.0
) -> list[tuple[float, float]]:
    """Places of an object at some minutes [deg]."""
    start = SkyCoord(ra, dec, unit="deg")
    there = [start.directional_offset_by(angle * u.deg, rate * each * u.arcsec) for each in minutes]
    return [(each.ra.deg, each.dec.deg) for each in there]


def moving(*minutes: float, rate: float, angle: float, **values: float) -> list[dict]:
    """Rows of an object that is detected at some minutes, without errors."""
    at = {key: values.pop(key) for key in ("ra", "dec") if key in values}
    return [
        seen(f"f{number}", 0, minute, *place, **values)
        for number, (minute, place) in enumerate(
            zip(minutes, path(*minutes, rate=rate, angle=angle, **at), strict=True)
        )
    ]


def rows(*parts: list[dict]) -> pa.Table:
    return pa.Table.from_pylist([row for part in parts for row in part], DETECTIONS)


def marked(table: pa.Table, settings: LinkSettings | None = None) -> pa.Table:
    return mark(table, link(table, settings))


def summarised(table: pa.Table) -> pa.Table:
    return summary(table, link(table))


@pytest.mark.parametrize(("rate", "angle"), [(0.2, 33.0), (1.7, 271.0), (4.5, 180.0)])
@pytest.mark.parametrize("dec", [-25.0, 0.0, 89.0])
def test_rate_and_direction_of_two_detections(rate: float, angle: float, dec: float) -> None:
    table = marked(rows(moving(0, 40, rate=rate, angle=angle, dec=dec)))
    assert len(set(table["tracklet"].to_pylist())) == 1
    assert table["tracklet"].null_count == 0
    assert table["rate"].to_pylist() == pytest.approx([rate] * 2, rel=1e-4)
    # Near the pole north turns along the path; half-way it is what the tracklet tells.
    (turn,) = {round(each, 4) for each in table["rate_pa"].to_pylist()}
    assert (turn - angle + 180) % 360 - 180 == pytest.approx(0.0, abs=0.01 if dec < 80 else 1.0)
    assert table.schema == DETECTIONS


def test_across_midnight_of_right_ascension() -> None:
    table = marked(rows(moving(0, 50, rate=3.0, angle=90.0, ra=359.99)))
    assert table["tracklet"].null_count == 0
    assert table["rate"][0].as_py() == pytest.approx(3.0, rel=1e-4)


def test_three_and_four_detections_are_one_tracklet() -> None:
    for minutes in ((0, 30, 75), (0, 30, 75, 130)):
        table = rows(moving(*minutes, rate=1.2, angle=120.0))
        told = summarised(table)
        assert told.schema == TRACKLETS
        assert told["detections"].to_pylist() == [len(minutes)]
        assert told["rms"][0].as_py() == pytest.approx(0.0, abs=1e-3)
        assert told["jd_last"][0].as_py() - told["jd_first"][0].as_py() == pytest.approx(
            minutes[-1] / 1440
        )
        assert told["candids"][0].as_py() == " ".join(table["candid"].to_pylist())


def test_place_and_error_of_the_summary() -> None:
    """Place at the mean time, and the error of the rate as by error propagation."""
    told = summarised(rows(moving(0, 60, rate=2.0, angle=0.0)))
    assert told["jd"][0].as_py() == pytest.approx(START + 30 / 1440)
    assert told["dec"][0].as_py() == pytest.approx(20.0 + 60 / 3600, abs=1e-6)
    assert told["rate_err"][0].as_py() == pytest.approx(2**0.5 * 0.3 / 60, rel=1e-5)
    assert told["rms"][0].as_py() is None


def test_what_stands_still_is_no_object() -> None:
    """A badly subtracted star is there each time, within its errors."""
    still = [
        seen(f"f{visit}", 0, 40.0 * visit, 40.0, 20.0 + 0.2 * visit / 3600) for visit in range(3)
    ]
    assert marked(rows(still))["tracklet"].null_count == 3


def test_too_fast_too_late_too_different() -> None:
    for table in (
        rows(moving(0, 40, rate=6.0, angle=10.0)),
        rows(moving(0, 320, rate=0.5, angle=10.0)),
        rows([seen("a", 0, 0, 40.0, 20.0, magap=17.0), seen("b", 0, 40, 40.0, 20.01, magap=19.0)]),
    ):
        assert marked(table)["tracklet"].null_count == 2
    wide = LinkSettings(fastest=8.0, chance=1.0)
    assert marked(rows(moving(0, 40, rate=6.0, angle=10.0)), wide)["tracklet"].null_count == 0


def test_one_exposure_holds_no_tracklet() -> None:
    """Two quadrants of an exposure overlap, or a frame has two comets."""
    table = rows([seen("a", 0, 0, 40.0, 20.0), seen("b", 0, 0, 40.0, 20.005)])
    assert marked(table)["tracklet"].null_count == 2


def test_a_bend_is_not_a_path() -> None:
    """One is off by 20″: two are linked, three are not."""
    straight = moving(0, 40, 80, rate=1.0, angle=90.0)
    straight[2]["dec"] += 20 / 3600
    assert summarised(rows(straight))["detections"].to_pylist() == [2]


def test_a_detection_is_in_one_tracklet_at_most() -> None:
    """Two comets that cross: by brightness and path each has its own."""
    one = moving(0, 40, 80, rate=1.0, angle=90.0, magap=16.5)
    other = [
        row | {"candid": f"o{row['candid']}", "ni": 1}
        for row in moving(0, 40, 80, rate=1.0, angle=60.0, dec=19.99, magap=18.0)
    ]
    told = summarised(rows(one, other))
    candids = [each.split() for each in told["candids"].to_pylist()]
    assert sorted(map(sorted, candids)) == sorted(
        sorted(row["candid"] for row in each) for each in (one, other)
    )


def test_ids_do_not_depend_on_order_and_stay() -> None:
    table, _ = night(8, objects=3, false=0.5, rng=np.random.default_rng(4))
    turned = table.take(pa.array(np.random.default_rng(5).permutation(table.num_rows)))
    once = dict(
        zip(table["candid"].to_pylist(), marked(table)["tracklet"].to_pylist(), strict=True)
    )
    again = dict(
        zip(turned["candid"].to_pylist(), marked(turned)["tracklet"].to_pylist(), strict=True)
    )
    assert once == again
    names = {name for name in once.values() if name}
    assert names
    assert all(len(name) == 8 and name.isalnum() for name in names)
    first = marked(rows(moving(0, 40, rate=1.0, angle=5.0)))["tracklet"][0]
    later = marked(rows(moving(0, 40, 80, rate=1.0, angle=5.0)))["tracklet"][2]
    assert first == later


def test_without_detections_or_places() -> None:
    assert marked(DETECTIONS.empty_table()).num_rows == 0
    assert summarised(DETECTIONS.empty_table()).num_rows == 0
    lost = moving(0, 40, rate=1.0, angle=0.0)
    lost[1]["ra"] = None
    assert marked(rows(lost))["tracklet"].null_count == 2
    nameless = moving(0, 40, rate=1.0, angle=0.0, magap=None, mag=None, radec_err=None)
    assert marked(rows(nameless))["tracklet"].null_count == 0
    assert summarised(rows(nameless))["mag"].to_pylist() == [None]


def test_settings_are_checked() -> None:
    with pytest.raises(ValueError, match="fastest must be more than 0"):
        LinkSettings(fastest=0.0)


def graded(table: pa.Table, truth: np.ndarray) -> tuple[float, float]:
    """Purity: tracklets that are one object. Completeness: objects with a pure tracklet, of those
    detected twice or more."""
    members = defaultdict(list)
    for name, true in zip(marked(table)["tracklet"].to_pylist(), truth, strict=True):
        if name is not None:
            members[name].append(true)
    pure = [each[0] for each in members.values() if len(set(each)) == 1 and each[0]]
    names, times = np.unique(truth[truth != ""], return_counts=True)
    wanted = set(names[times > 1])
    return len(pure) / len(members), len(wanted & set(pure)) / len(wanted)


@pytest.mark.parametrize(
    ("objects", "false", "visits", "purity", "completeness"),
    [
        (2, 0.02, (0.0, 40.0, 85.0), 0.99, 0.98),
        (2, 1.0, (0.0, 40.0, 85.0), 0.97, 0.95),
        (2, 1.0, (0.0, 30.0), 0.93, 0.85),
        (8, 4.0, (0.0, 40.0, 85.0), 0.90, 0.90),
    ],
)
def test_purity_and_completeness(
    objects: int, false: float, visits: tuple[float, ...], purity: float, completeness: float
) -> None:
    table, truth = night(
        40, objects=objects, false=false, visits=visits, rng=np.random.default_rng(11)
    )
    pure, complete = graded(table, truth)
    assert pure >= purity
    assert complete >= completeness


def test_simulated_frames(tmp_path: Path) -> None:
    """Comets of the simulator, each exposure of a field: all that were there twice are linked."""
    settings = Settings(seed=3, shape=(384, 384), comets=5, visits=3)
    write_frames(3, tmp_path, settings, workers=1)
    frames = pyarrow.csv.read_csv(tmp_path / "frames.csv").to_pandas().set_index("id")
    truth = pyarrow.csv.read_csv(tmp_path / "truth.csv").to_pandas()
    comets = truth[(truth.kind == "comet") & (truth.snr > 5)]
    found = [
        seen(one.id, number, 0.0, one.ra, one.dec, magap=one.mag, jd=frames.jd[one.id])
        for number, one in enumerate(comets.itertuples())
    ]
    pure, complete = graded(rows(found), comets.object.to_numpy(str))
    assert pure == 1.0
    assert complete >= 0.9


def test_noise_alone_is_linked_as_rarely_as_promised() -> None:
    """The chance of a link is one for each detection that has a later one."""
    table = crowd(3000, visits=3, rng=np.random.default_rng(8))
    linked = len(set(marked(table)["tracklet"].to_pylist())) - 1
    assert linked <= 1.5 * LinkSettings().chance * 2000


def test_ten_thousand_detections_on_a_quadrant(caplog: pytest.LogCaptureFixture) -> None:
    """A broken night of 13,700 a square degree takes seconds, not hours, and says so."""
    table = crowd(10_000, visits=8, rng=np.random.default_rng(1))
    begun = time.process_time()
    with caplog.at_level(logging.WARNING):
        marked(table)
    assert time.process_time() - begun < 30.0
    assert "so many that only those within" in caplog.text
