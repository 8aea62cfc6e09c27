"""The rating's page: what it says, and that nothing a set is called can get out of its text."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from matplotlib.figure import Figure

from skysift.models.ganomaly.rating.galleries import choose, gallery
from skysift.models.ganomaly.rating.latent import Axes
from skysift.models.ganomaly.rating.page import Section, Table, page
from skysift.models.ganomaly.rating.sections import lead, observed

MOCK = {"pixel": 0.4, "candidate_pixel": 0.0, "psf": 1.5, "sky": True, "jpeg": 85}


def test_names_are_text_and_figures_are_in_the_page():
    figure = Figure(figsize=(1, 1))
    table = Table(("set", "n"), [("<b>", "1 & 2")])
    text = page("<title>", "one\ntwo", [Section("@LINKS@ & more", "a < b", [table], [figure])])
    assert "<b>" not in text and "&lt;b&gt;" in text and "1 &amp; 2" in text
    assert "<h1>&lt;title&gt;</h1>" in text
    assert "<p>one</p><p>two</p>" in text
    assert text.count("@LINKS@") == 3  # in the list, above the section, and for who sees no figure
    data = text.split("base64,")[1].split('"')[0]
    assert base64.b64decode(data).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "blurred by a seeing of 1.5 arcsec, given the level and noise of the reference's sky, "
             "compressed as JPEG of quality 85"),
        ({"psf": 0.0, "jpeg": 0, "candidate_pixel": 0.1},
         "brought to pixels of 0.4 arcsec, given the level and noise of the reference's sky"),
        ({"psf": 0.0, "jpeg": 0, "sky": False}, "resized"),
    ],
)  # fmt: skip
def test_the_page_says_how_candidates_were_observed(changes, told):
    assert observed({**MOCK, **changes}) == f"Observed images were {told}."
    assert observed(None) == ""


@pytest.mark.parametrize(("median", "warned"), [(50.0, False), (64.0, False), (20.0, True)])
def test_a_reference_that_the_network_knows_too_well_is_told(median, warned):
    report = {
        "weights": {"version": "v", "trained_on": "glows"},
        "reference": "a",
        "candidates": {"b": {}},
        "sets": {"a": {"scores": {"percentile": {"median": median}}}},
    }
    assert ("the network has learned from them" in lead(report)) == warned
    assert "b against a, by v, which learned from glows." in lead(report)


class Rated:
    """A set of which only the sample is asked for."""

    def __init__(self, sample):
        self.sample = sample


class Few:
    """Scores and codes of twenty images."""

    def __init__(self, codes, combined):
        self.codes, self.combined = codes, combined

    def __len__(self):
        return len(self.codes)


def test_galleries_follow_the_axes_and_begin_with_the_strangest(rng):
    codes = rng.normal(0, [5.0, 1.0, 0.1], (20, 3))
    combined = rng.normal(0, 1, 20)
    axes = Axes(codes)
    chosen = choose(Rated(Few(codes, combined)), axes)
    for number, rows in enumerate(chosen.along):
        assert len(rows) == 12
        places = axes.along(codes)[rows, number]
        assert (np.diff(places) > 0).all()
        assert places[[0, -1]].tolist() == [
            axes.along(codes)[:, number].min(), axes.along(codes)[:, number].max()
        ]  # fmt: skip
    assert combined[chosen.strangest].tolist() == sorted(combined, reverse=True)[:8]
    apart = np.linalg.norm(codes - np.median(codes, axis=0), axis=1)
    assert chosen.typical == apart.argmin()


def test_a_gallery_shows_the_images_that_it_is_given():
    images = [np.full((8, 8, 3), value, np.float32) for value in (-1, 1)]
    figure = gallery({"one": images, "two": images[:1]}, ["dark"])
    shown = [axes.get_images()[0].get_array() for axes in figure.axes if axes.get_images()]
    assert [int(one.max()) for one in shown] == [0, 255, 0]
    assert figure.axes[0].get_title() == "dark"
    assert figure.axes[8].get_ylabel() == "two"
