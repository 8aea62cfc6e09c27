"""Half precision: against the same network in float32, on real and simulated alerts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from skysift.alerts.batch import AlertBatch
from skysift.models import _half, btsbot
from skysift.models._presets import default_weights
from skysift.models._weights import read_weights
from skysift.models.btsbot import Scorer, inputs, load
from skysift.science_modules import get
from skysift.science_modules.btsbot import model_inputs

TOLERANCE = 1e-3
"""What the published network may lose."""

TABLES = ("fink_v1_67", "fink_v3_hostless_72", "fink_v4_9", "raw_51")


@pytest.fixture(scope="module", params=_half.HALF_TYPES)
def scorer(request, imported):
    """The published network in half precision, whatever this processor is fast in."""
    load(imported)  # starts Keras
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(_half.PRECISION, request.param)
        _half.half_type.cache_clear()
        scorer = Scorer(read_weights(imported))
        scorer.score(np.zeros((1, 63, 63, 3), np.float32), np.zeros((1, 25), np.float32))
    _half.half_type.cache_clear()
    return scorer


@pytest.fixture(scope="module")
def real(shared_data):
    """Inputs of real alerts: bogus, supernovae, and what the network is in doubt about."""
    wanted = get("btsbot").columns
    parts = []
    for name in TABLES:
        batch = AlertBatch.from_table(pq.read_table(shared_data / "ztf/tables" / f"{name}.parquet"))
        columns = {name: batch.column(name) for name in wanted}
        stamps, light_curve = columns.pop("stamps"), columns.pop("light_curve")
        triplet, metadata, status, _ = model_inputs(
            stamps, light_curve, columns, preprocessing="published", compat=True
        )
        parts.append((triplet[status == "ok"], metadata[status == "ok"]))
    return tuple(np.concatenate(part) for part in zip(*parts, strict=True))


def test_scores_of_real_alerts_stay_where_they_are(scorer, real):
    score, exact = (scorer.score(*real, exact=exact)["score"] for exact in (False, True))
    difference = np.abs(score - exact)
    assert len(score) > 150
    assert 0 < difference.max() <= TOLERANCE  # 0: it was not in half precision at all
    assert ((score > 0.5) == (exact > 0.5)).all()


def test_scores_do_not_depend_on_the_company(scorer, real):
    triplet, metadata = (part[:75] for part in real)  # 75 = 64 + 8 + 3, the last call padded
    many = scorer.score(triplet, metadata)["score"]
    alone = [scorer.score(triplet[[i]], metadata[[i]])["score"][0] for i in range(0, 75, 5)]
    np.testing.assert_allclose(many[::5], alone, rtol=0, atol=1e-6)


def test_exact_scores_are_the_published_ones(scorer, published):
    table = pd.read_csv(published / "example_candidates.csv")
    columns = {name: table[name].to_numpy(float) for name in inputs.FEATURES if name != "drb"}
    metadata, _ = inputs.metadata({**columns, "drb": table["new_drb"].to_numpy()})
    triplet = np.load(published / "example_triplets.npy").astype(np.float32)
    score = scorer.score(triplet, metadata, exact=True)["score"]
    assert np.abs(score - table["expected_scores"]).max() <= 1e-6


def test_pixels_that_are_not_normalised_are_computed_in_full(scorer, real):
    triplet, metadata = (part[:9].copy() for part in real)
    triplet[2] *= 1e5
    triplet[3] *= -1e5
    score, exact = (scorer.score(triplet, metadata, exact=e)["score"] for e in (False, True))
    assert (score[2:4] == exact[2:4]).all()
    assert (score != exact).any()


def test_a_nan_gets_no_score(scorer, real):
    triplet, metadata = (part[:3].copy() for part in real)
    triplet[1, 30, 30, 0] = np.nan
    assert np.isnan(scorer.score(triplet, metadata)["score"]).tolist() == [False, True, False]


def test_a_network_that_was_not_measured_stays_in_float32(monkeypatch):
    monkeypatch.setenv(_half.PRECISION, "float16")
    weights = read_weights(default_weights(Path(btsbot.__file__).parent))
    scorer = Scorer(weights)
    assert "half_precision" not in weights.facts
    assert scorer._predict is scorer._predict_exact


def test_float32_can_be_asked_for(monkeypatch, imported):
    monkeypatch.setenv(_half.PRECISION, "float32")
    _half.half_type.cache_clear()
    scorer = Scorer(read_weights(imported))
    assert scorer._predict is scorer._predict_exact
    _half.half_type.cache_clear()


def test_an_unknown_precision_is_refused(monkeypatch):
    monkeypatch.setenv(_half.PRECISION, "float8")
    _half.half_type.cache_clear()
    with pytest.raises(ValueError, match="SKYSIFT_PRECISION must be one of float32, float16"):
        _half.half_type()


def test_only_later_convolutions_and_what_is_between_them_lose_digits(imported):
    from skysift.models.btsbot.stored import rebuild

    load(imported)
    twin = _half.halved(rebuild(read_weights(imported)), "float16")
    half = {layer.name for layer in twin.layers if layer.compute_dtype == "float16"}
    assert {"conv2", "conv3", "conv4"} <= half
    assert not half & {"conv1", "meta_fc1", "meta_fc2", "comb_fc", "fc_out", "batch_normalization"}
