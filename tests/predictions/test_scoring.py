"""GANomaly by Spark: the same rows in the same order as in one process, whatever they lie in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from skysift.models import ganomaly
from skysift.models.ganomaly import training
from skysift.models.ganomaly.config import read_config
from skysift.models.ganomaly.rating.mock import MockSettings, Observed, Sky
from skysift.models.ganomaly.rating.sets import score_images
from skysift.models.ganomaly.sources import Source
from skysift.models.ganomaly.training_set import read_training_set
from skysift.predictions import scoring
from tests.models.ganomaly_images import SIDE, glow, write_folder

CONFIG = {
    "network": {"width": 8, "codes": 8},
    "inputs": {"side": SIDE},
    "training": {"epochs": 1, "batch": 16, "validation": 0.4, "precision": "float32"},
}


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Single files, one of them torn, and two stacks."""
    folder = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(4)
    (folder / "a").mkdir()
    for number in range(5):
        Image.fromarray(glow(rng)).save(folder / "a" / f"{number}.png")
    (folder / "a" / "torn.png").write_bytes(b"no")
    np.save(folder / "b.npy", np.stack([glow(rng) for _ in range(7)]))
    flat = [glow(rng) for _ in range(6)]
    table = pa.table(
        {"id": [f"t{i}" for i in range(6)], "image": [(one.ravel() / 255).tolist() for one in flat],
         "shape": [list(one.shape) for one in flat]}
    )  # fmt: skip
    pq.write_table(table, folder / "c.parquet", row_group_size=4)
    return folder


def names(source) -> list[str]:
    return [one.name for one in source.images(3)]


@pytest.mark.parametrize("size", [1, 3, 4, 100])
def test_parts_hold_all_images_once_and_in_their_order(images: Path, size: int) -> None:
    source = Source(images)
    parts = source.pieces(size)
    found = [names(part) for part in parts]
    assert [name for some in found for name in some] == names(source)
    assert len(names(source)) == 6 + 7 + 6
    assert max(len(some) for some in found) <= size
    for part in parts:  # a part is read as the whole is
        for one in part.images(3):
            if isinstance(one.image, np.ndarray):
                np.testing.assert_array_equal(one.image, source.again([one.name], 3)[one.name])


def test_spark_scores_as_one_process_does(
    images: Path, tmp_path: Path, spark, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = read_config(CONFIG)
    learned = read_training_set(
        write_folder(tmp_path / "glows", train=40), settings.inputs, tmp_path / "store"
    )
    training.train(learned, settings, tmp_path / "w", name="it", trained_on="made-up glows")
    monkeypatch.setattr(scoring, "AT_ONCE", 5)
    monkeypatch.chdir(images.parent)  # paths hold wherever a worker stands
    source = Source(images.name)
    sky = Sky(SIDE, np.full(3, 0.05), np.full(3, 0.02))
    told: list[tuple[int, int]] = []
    scorer = ganomaly.load(tmp_path / "w")
    for some in (source, Observed(source, MockSettings(jpeg=80), sky, "range")):
        table, codes = scoring.rate_by_spark(some, tmp_path / "w", lambda *step: told.append(step))
        alone, codes_alone = score_images(some, scorer)
        pd.testing.assert_frame_equal(table, alone, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(codes, codes_alone, rtol=1e-3, atol=1e-5)
        assert table["status"].value_counts().to_dict() == {"ok": 18, "unreadable": 1}
    assert all(of == 6 for _, of in told)
    table = scoring.score_by_spark(source, tmp_path / "w")
    assert table["filename"].tolist() == names(source)


def test_nothing_to_score_is_said(tmp_path: Path) -> None:
    np.save(tmp_path / "none.npy", np.zeros((0, 32, 32, 3), np.uint8))
    with pytest.raises(ValueError, match="the files are empty"):
        scoring.score_by_spark(Source(tmp_path / "none.npy"), tmp_path / "w")
