"""Truth: what the docstrings promise of comets."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.simulate.comet_shape import LARGEST, SMALLEST, make_comet_shape


def shapes(mag: float, count: int = 300) -> list:
    rng = np.random.default_rng(3)
    return [make_comet_shape(mag, rng=rng) for _ in range(count)]


def test_sizes_span_the_range_and_faint_comets_are_small() -> None:
    bright, faint = ([shape.radius for shape in shapes(mag)] for mag in (14.0, 20.0))
    assert min(bright) >= SMALLEST and max(bright) <= LARGEST
    assert min(bright) < 6.0 and max(bright) > 50.0
    assert max(faint) < 6.0


def test_light_adds_up_to_one() -> None:
    for shape in shapes(15.0, 60):
        glow = shape.glow()
        assert glow.flux.sum() == pytest.approx(1.0)
        assert (glow.flux > 0).all()
        assert (glow.xx * glow.yy >= glow.xy**2 - 1e-9).all()


def test_tails_point_where_they_say() -> None:
    """Light beyond the coma lies at the tail's position angle: north is y, east is x."""
    tested = 0
    for shape in shapes(15.0):
        if not shape.dust.share > 0.3 or shape.ion.share > 0 or abs(shape.dust.bend) > 5:
            continue
        glow = shape.glow()
        way = glow.flux * np.hypot(glow.x, glow.y)
        angle = np.degrees(np.arctan2((way * glow.x).sum(), (way * glow.y).sum()))
        assert (angle - shape.dust.angle + 180.0) % 360.0 - 180.0 == pytest.approx(0.0, abs=12.0)
        tested += 1
    assert tested > 10


def test_there_are_comets_with_and_without_each_tail() -> None:
    kinds = {(shape.dust.share > 0, shape.ion.share > 0) for shape in shapes(15.0)}
    assert kinds == {(False, False), (True, False), (False, True), (True, True)}
    lone = next(shape for shape in shapes(15.0) if shape.dust.share == 0)
    assert np.isnan(lone.dust.angle)


def test_tails_point_in_all_directions() -> None:
    angles = [shape.dust.angle for shape in shapes(15.0) if shape.dust.share > 0]
    counts, _ = np.histogram(angles, bins=6, range=(0, 360))
    assert counts.min() > 0.4 * counts.mean()
