"""Scoring: against the scores that the published BTSbot v1.0.1 gives its example alerts."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from skysift.models import WeightsError
from skysift.models.btsbot import inputs, load


@pytest.fixture(scope="module")
def example(published):
    """Triplet, metadata and published scores of 23 alerts of SN 2023tyk."""
    table = pd.read_csv(published / "example_candidates.csv").rename(columns={"new_drb": "drb2"})
    columns = {name: table[name].to_numpy(float) for name in inputs.FEATURES}
    columns["drb"] = table["drb2"].to_numpy()  # what the published scores were made from
    metadata, status = inputs.metadata(columns)
    assert (status == "ok").all()
    triplet = np.load(published / "example_triplets.npy").astype(np.float32)
    return triplet, metadata, table["expected_scores"].to_numpy()


def test_the_imported_network_gives_the_published_scores(imported, example):
    triplet, metadata, expected = example
    scorer = load(imported)
    score = scorer.score(triplet=triplet, metadata=metadata)["score"]
    assert score.dtype == np.float32
    assert np.abs(score - expected).max() <= 1e-6
    assert (scorer.version, scorer.preprocessing) == ("btsbot-v1.0.1", "published")


def test_normalising_a_normalised_stamp_changes_nothing(example):
    triplet = example[0]
    again, status, _ = inputs.triplets(list(np.moveaxis(triplet, -1, 1)))
    assert (status == "ok").all()
    np.testing.assert_allclose(again, triplet, atol=1e-7)


@pytest.mark.parametrize("which", ["published", "default"])
def test_scores_do_not_depend_on_the_company(which, example, request):
    triplet, metadata, _ = example
    scorer = load(request.getfixturevalue("imported") if which == "published" else None)
    rows = np.tile(np.arange(23), 4)[:75]  # 75 = 64 + 8 + 3, the last call padded
    many = scorer.score(triplet[rows], metadata[rows])["score"]
    alone = np.concatenate([scorer.score(triplet[[i]], metadata[[i]])["score"] for i in range(23)])
    np.testing.assert_allclose(many, alone[rows], atol=1e-6)


def test_the_default_says_that_it_was_trained_on_simulation():
    scorer = load()
    assert scorer.version.startswith("btsbot-sim")
    assert "simulation" in scorer.trained_on
    assert scorer.preprocessing == "centred"


def test_nothing_in_nothing_out():
    empty = load().score(np.empty((0, 63, 63, 3), np.float32), np.empty((0, 25), np.float32))
    assert empty["score"].shape == (0,)


def test_a_nan_never_gets_a_plausible_score(example):
    triplet, metadata, _ = (part[:3].copy() for part in example)
    triplet[0, 30, 30, 1] = np.nan
    metadata[1, 5] = np.nan
    score = load().score(triplet, metadata)["score"]
    assert np.isnan(score).tolist() == [True, True, False]


def test_arrays_of_the_wrong_shape_are_refused():
    with pytest.raises(ValueError, match=r"metadata must have shape \(2, 25\). Got: \(3, 25\)"):
        load().score(np.zeros((2, 63, 63, 3), np.float32), np.zeros((3, 25), np.float32))


def test_a_network_loads_once_per_process(imported):
    assert load(imported) is load(imported.parent)


def test_damaged_weights_are_refused(imported, tmp_path):
    for suffix in (".keras", ".json"):
        (tmp_path / f"it{suffix}").write_bytes(imported.with_suffix(suffix).read_bytes())
    load(tmp_path)
    with (tmp_path / "it.keras").open("ab") as file:
        file.write(b"!")
    with pytest.raises(WeightsError, match="damaged or was replaced"):
        load(tmp_path)


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=False, env={**os.environ, **environment},
    )  # fmt: skip


def test_importing_the_model_loads_no_deep_learning_library():
    done = run(
        "import sys, skysift.models, skysift.models.btsbot\n"
        "print([m for m in ('tensorflow', 'keras', 'jax', 'torch') if m in sys.modules])"
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_loading_is_silent_and_takes_no_more_threads_than_it_is_given():
    done = run(
        "from skysift.models.btsbot import load; load()\n"
        "from tensorflow.config.threading import *\n"
        "print(get_intra_op_parallelism_threads(), get_inter_op_parallelism_threads())",
        OMP_NUM_THREADS="1",
    )
    assert (done.stdout, done.stderr) == ("1 1\n", "")


def test_another_backend_gets_one_clear_error():
    done = run("from skysift.models.btsbot import load; load()", KERAS_BACKEND="numpy")
    assert "scoring needs Keras on TensorFlow" in done.stderr
