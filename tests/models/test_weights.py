"""Weights files and presets: what is refused, and that nothing is loaded twice."""

from __future__ import annotations

import json
import weakref

import pytest

from skysift.models import WeightsError, discover
from skysift.models._weights import load_once, read_weights, sha256_of, write_sidecar


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "it.keras"
    path.write_bytes(b"weights")
    write_sidecar(path, {"version": "it-1"})
    return path


def test_a_file_and_its_folder_mean_the_same_weights(weights):
    assert read_weights(weights) == read_weights(weights.parent)
    assert read_weights(str(weights)).facts["version"] == "it-1"


def test_the_sidecar_holds_the_sha256(weights):
    # printf weights | sha256sum
    expected = "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c"
    assert json.loads(weights.with_suffix(".json").read_text())["sha256"] == expected


def test_a_file_that_changed_is_hashed_again_and_refused(weights):
    before = sha256_of(weights)
    weights.write_bytes(b"other weights")
    assert sha256_of(weights) != before
    with pytest.raises(WeightsError, match="damaged or was replaced"):
        read_weights(weights)


def test_missing_weights_and_ambiguous_folders_are_refused(weights, tmp_path):
    with pytest.raises(WeightsError, match="no weights at"):
        read_weights(tmp_path / "nowhere")
    (tmp_path / "second.keras").touch()
    with pytest.raises(WeightsError, match=r"exactly one \.keras file; found: it\.keras, second"):
        read_weights(tmp_path)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(None, "no sidecar"), ("{", "is not JSON"), ("[]", "must hold a JSON object")],
)
def test_a_missing_or_broken_sidecar_is_refused(weights, content, complaint):
    sidecar = weights.with_suffix(".json")
    sidecar.unlink() if content is None else sidecar.write_text(content)
    with pytest.raises(WeightsError, match=complaint):
        read_weights(weights)


def test_building_happens_once_until_the_file_changes(weights):
    built = []
    assert load_once(weights, built.append) is load_once(weights.parent, built.append)
    assert len(built) == 1
    weights.write_bytes(b"new weights")
    write_sidecar(weights, {"version": "it-2"})
    load_once(weights, built.append)
    assert [w.facts["version"] for w in built] == ["it-1", "it-2"]


def test_what_a_link_led_to_before_is_forgotten(tmp_path):
    """A job may run through many rounds of labels."""

    class Model:
        def __init__(self, weights):
            self.path = weights.path

    link, other = tmp_path / "current", tmp_path / "other"
    held = []
    for number in range(3):
        folder = tmp_path / f"round-{number}"
        folder.mkdir()
        (folder / "w.keras").write_bytes(bytes([number]))
        write_sidecar(folder / "w.keras", {})
        link.unlink(missing_ok=True)
        link.symlink_to(folder)
        if number == 0:
            other.symlink_to(folder)
            load_once(other, Model)
        held.append(weakref.ref(load_once(link, Model)))
    alive = [ref() is not None for ref in held]
    assert alive == [True, False, True]  # the first is still served from another path


def test_each_model_has_one_default_that_ships_and_says_what_it_learned_from():
    for presets in discover().values():
        defaults = [preset for preset in presets.values() if preset.default]
        assert len(defaults) == 1
        assert defaults[0].facts["trained_on"]
        assert all(preset.trained_on and preset.licence for preset in presets.values())
