"""Learned targets on disk, and the scorer that reads them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer

from skysift.models import WeightsError
from skysift.models._weights import sha256_of, write_sidecar
from skysift.models.vra import check_weights, load, stored
from skysift.models.vra.learner import TargetModel, learn
from tests.models.vra_clouds import COLUMNS, clouds

FACTS = {
    "version": "vra-test-1",
    "trained_on": "clouds",
    "features": [f"f{i}" for i in range(COLUMNS)],
}


@pytest.fixture(scope="module")
def table() -> tuple[np.ndarray, np.ndarray]:
    return clouds(np.random.default_rng(1), 80)


@pytest.fixture(scope="module")
def learned(table: tuple[np.ndarray, np.ndarray]) -> dict[str, TargetModel]:
    features, label = table
    return {
        "gal": learn(features[:40], label[:40], target="gal", background=features),
        "real": learn(features[:40], 1 - label[:40], target="real", background=features),
    }


@pytest.fixture
def path(learned: dict[str, TargetModel], tmp_path: Path) -> Path:
    return stored.save(learned, tmp_path / "vra.skops", FACTS)


def test_what_was_saved_scores_the_same_once_read(
    path: Path, learned: dict[str, TargetModel], table: tuple[np.ndarray, np.ndarray]
) -> None:
    scores = load(path).score(table[0])
    np.testing.assert_array_equal(scores["galactic"], learned["gal"].predict(table[0])[:, 1])
    np.testing.assert_array_equal(scores["real"], learned["real"].predict(table[0])[:, 1])


def test_the_sidecar_names_targets_and_what_was_trusted(
    path: Path, learned: dict[str, TargetModel]
) -> None:
    facts = json.loads(path.with_suffix(".json").read_text())
    assert facts["targets"] == {name: model.version for name, model in learned.items()}
    assert facts["trusted_types"] == ["numpy.dtype", "sklearn.tree._tree.Tree"]
    assert facts["version"] == "vra-test-1"


def test_scores_have_their_shapes_and_nulls(path: Path) -> None:
    scorer = load(path)
    for n in (0, 1, 7):
        scores = scorer.score(np.zeros((n, COLUMNS)))
        assert set(scores) == {"galactic", "real", "transient", "rank"}
        assert {(value.shape, value.dtype.name) for value in scores.values()} == {((n,), "float32")}
    scores = scorer.score(np.full((2, COLUMNS), np.nan))
    assert np.isnan(scores["transient"]).all()  # was never learned
    assert ((scores["rank"] > 0) & (scores["rank"] < 10)).all()


def test_the_rank_is_null_unless_galactic_and_real_were_both_learned(
    learned: dict[str, TargetModel], tmp_path: Path
) -> None:
    path = stored.save({"gal": learned["gal"]}, tmp_path / "gal.skops", FACTS)
    scores = load(path).score(np.zeros((1, COLUMNS)))
    assert np.isfinite(scores["galactic"][0])
    assert np.isnan(scores["rank"][0])


@pytest.mark.parametrize("shape", [(3, COLUMNS - 1), (COLUMNS,)])
def test_a_table_of_other_features_is_refused(path: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=rf"shape \(n, {COLUMNS}\)"):
        load(path).score(np.zeros(shape))


def test_a_file_that_was_tampered_with_is_refused(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    for read in (load, check_weights):
        with pytest.raises(WeightsError, match="damaged or was replaced"):
            read(path)


def test_a_stranger_in_the_file_is_refused_even_with_a_sidecar_that_trusts_it(
    tmp_path: Path,
) -> None:
    from skops.io import dump

    path = tmp_path / "stranger.skops"
    dump({"gal": FunctionTransformer(json.loads)}, path)
    write_sidecar(path, {**FACTS, "trusted_types": ["json.loads"], "sha256": sha256_of(path)})
    with pytest.raises(WeightsError, match=r"not trusted: json\.loads"):
        load(path)


def test_a_model_that_could_not_be_read_back_is_not_saved(
    learned: dict[str, TargetModel], tmp_path: Path
) -> None:
    from dataclasses import replace

    strange = replace(learned["gal"], members={"extra_trees": FunctionTransformer(json.loads)})
    with pytest.raises(WeightsError, match="not trusted"):
        stored.save({"gal": strange}, tmp_path / "vra.skops", FACTS)
    assert not list(tmp_path.glob("*.json"))


def test_a_file_that_is_no_model_of_ours_is_refused(tmp_path: Path) -> None:
    from skops.io import dump

    path = tmp_path / "other.skops"
    dump(LogisticRegression(), path)
    write_sidecar(path, FACTS)
    with pytest.raises(WeightsError, match="does not hold learned targets"):
        load(path)


def test_the_file_is_read_again_only_when_it_changed(
    path: Path, learned: dict[str, TargetModel]
) -> None:
    first = load(path)
    assert load(path.parent) is first
    stored.save(learned, path, {**FACTS, "version": "vra-test-2"})
    stored.save({"real": learned["real"]}, path, {**FACTS, "version": "vra-test-3"})
    assert load(path).version == "vra-test-3"
    assert np.isnan(load(path).score(np.zeros((1, COLUMNS)))["galactic"][0])
