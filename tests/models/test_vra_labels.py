"""What answers teach: the published map, the map of the ATLAS sample, and maps that are wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skysift.models._settings import ConfigError
from skysift.models.vra import atlas
from skysift.models.vra.labels import TARGETS, read_label_map

NO = float("nan")

PUBLISHED = {
    "real": ("r", NO, 1, NO),
    "extragal": ("x", 0, 1, 1),
    "gal": ("g", 1, 1, 1),
    "agn": ("a", 0, 1, 0),
    "bogus": ("b", NO, 0, NO),
    "varstar": ("v", 1, 1, 0),
}
"""Key, gal, real and trans of each answer, as the Fink VRA has them."""

ATLAS = {
    "garbage": (NO, 0), "auto-garbage": (NO, 0), "pm": (1, 0), "galactic": (1, 1), "good": (0, 1),
    "AGN": (NO, 1),
}  # fmt: skip
"""Galactic and real of each type, as the published replay has them."""


def test_the_map_is_the_published_one() -> None:
    labels = read_label_map()
    assert {answer: key for key, answer in labels.keys.items()} == {
        answer: facts[0] for answer, facts in PUBLISHED.items()
    }
    for place, target in enumerate(TARGETS, start=1):
        expected = [facts[place] for facts in PUBLISHED.values()]
        np.testing.assert_array_equal(labels.target(target, list(PUBLISHED)), expected)


def test_the_types_of_the_atlas_sample_teach_what_was_published() -> None:
    labels = read_label_map(atlas.LABELS)
    for place, target in enumerate(("gal", "real")):
        expected = [facts[place] for facts in ATLAS.values()]
        np.testing.assert_array_equal(labels.target(target, list(ATLAS)), expected)


def test_no_answer_teaches_nothing_and_a_wrong_one_is_refused() -> None:
    labels = read_label_map()
    assert np.isnan(labels.target("gal", [None, ""])).all()
    with pytest.raises(ValueError, match=r"\['galactic'\]"):
        labels.target("gal", ["galactic"])


def test_the_classes_of_a_target_are_answers_that_mean_no_and_yes() -> None:
    labels = read_label_map()
    for target in TARGETS:
        np.testing.assert_array_equal(labels.target(target, list(labels.classes(target))), [0, 1])


def test_a_target_with_one_side_has_no_classes(tmp_path: Path) -> None:
    path = tmp_path / "labels.toml"
    path.write_text('[yes]\nkey = "y"\ngal = true\n')
    with pytest.raises(ValueError, match="each side of 'gal'"):
        read_label_map(path).classes("gal")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[a", "is not TOML"),
        ("a = 1", r"\[a\]"),
        ("[a]\ngal = true", "key must be one character"),
        ('[a]\nkey = "ab"', "key must be one character"),
        ('[a]\nkey = "a"\n[b]\nkey = "a"', r"the key of \[a\] already"),
        ('[a]\nkey = "a"\ngal = 1', "gal must be true or false"),
        ('[a]\nkey = "a"\ngalactic = true', "galactic"),
    ],
)
def test_a_map_that_is_wrong_says_where(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "labels.toml"
    path.write_text(content)
    with pytest.raises(ConfigError, match=complaint):
        read_label_map(path)
