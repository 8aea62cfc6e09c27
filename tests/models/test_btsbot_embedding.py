"""The plane of the latent space: neighbours stay neighbours, and every dot is the right alert's."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

from skysift.models.btsbot.evaluation.embedding import (
    draw_embedding,
    in_a_plane,
    write_embedding,
)
from tests.models.scored_alerts import scored_table, training_set

pytest.importorskip("umap", reason="the extra umap is not installed")

CENTRES = np.array([[0, 0, 0, 0], [9, 0, 0, 0], [0, 9, 9, 0]], np.float32)


def clouds(rng, each=40):
    """Three clouds far from each other, in four dimensions."""
    kind = np.repeat(np.arange(3), each)
    return CENTRES[kind] + rng.normal(0, 1, (len(kind), 4)).astype(np.float32), kind


def nearest_are_alike(places, kind, count=5):
    """The share of each dot's nearest that are of its kind."""
    apart = np.linalg.norm(places[:, None] - places[None], axis=-1)
    np.fill_diagonal(apart, np.inf)
    nearest = np.argsort(apart, axis=1)[:, :count]
    return (kind[nearest] == kind[:, None]).mean()


def test_neighbours_stay_neighbours_and_a_seed_is_a_seed(rng):
    vectors, kind = clouds(rng)
    places = in_a_plane(vectors)
    assert places.shape == (120, 2)
    assert nearest_are_alike(places, kind) > 0.99
    np.testing.assert_array_equal(places, in_a_plane(vectors))
    assert np.abs(places - in_a_plane(vectors, seed=6)).max() > 0.1


class ByMagnitude:
    """Embeds by the magnitude and one pixel; does not know one alert in ten."""

    needs = ()

    def __init__(self):
        self.asked = []

    def embed(self, triplet, metadata):
        self.asked.append(len(triplet))
        magpsf = metadata[:, 5:6]
        answer = np.hstack([20 * (magpsf > 18), triplet[:, 0, 0, :1], magpsf])
        answer[metadata[:, 0] == 1] = np.nan
        return answer.astype(np.float32)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("embedding")
    alerts = training_set(np.random.default_rng(1))
    alerts.table.loc[::10, "sgscore1"] = np.float32(1)
    scored = scored_table(np.random.default_rng(1))
    done = []
    table = write_embedding(
        alerts, scored, ByMagnitude(), folder, most=300, progress=done.append
    )  # fmt: skip
    return folder, table, alerts, scored, done


def test_the_table_holds_what_can_be_embedded(written):
    folder, table, alerts, scored, done = written
    assert done == [300]
    pd.testing.assert_frame_equal(pd.read_csv(folder / "embedding.csv"), table, check_dtype=False)
    known = scored[scored["score"].notna() & (alerts.table["sgscore1"] != 1)]
    assert table["candid"].isin(known["candid"]).all()
    assert 240 <= len(table) < 300  # of 300 drawn, about one in ten is not known


def test_every_dot_is_where_its_own_alert_is(written):
    _, table, _, scored, _ = written
    own = scored.set_index("candid").loc[table["candid"]]
    for name in ("objectId", "class", "label", "score"):
        np.testing.assert_array_equal(table[name], own[name])
    bright = (own["magpsf"] <= 18).to_numpy()
    assert nearest_are_alike(table[["x", "y"]].to_numpy(), bright) > 0.98


def test_the_picture_names_the_classes(written):
    folder, table, *_ = written
    assert (folder / "embedding.png").read_bytes().startswith(b"\x89PNG")
    axes = draw_embedding(table).axes[0]
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == table["class"].value_counts().index.tolist()
    many = table.assign(**{"class": [f"class_{i % 9}" for i in range(len(table))]})
    names = [text.get_text() for text in draw_embedding(many).axes[0].get_legend().get_texts()]
    assert len(names) == 8
    assert names[-1] == "others"


def test_too_few_alerts_and_a_missing_extra_are_told(rng, monkeypatch):
    with pytest.raises(ValueError, match=r"30 alerts at least .*\. Got: 29"):
        in_a_plane(np.zeros((29, 4), np.float32))
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(ImportError, match=r"needs umap-learn: pip install 'skysift\[umap\]'"):
        in_a_plane(np.zeros((40, 4), np.float32))
