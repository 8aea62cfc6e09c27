"""What is said of networks: each table counts what is there."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from benchmarks import _alerts, networks, real_alerts, robustness, serving

FEW = 10


@pytest.fixture(scope="module")
def packets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _alerts.simulated_night(FEW, tmp_path_factory.mktemp("verdicts"))


def test_every_change_is_done_to_every_scored_alert(packets: Path) -> None:
    settings = {"weights": None, "cascade": False}
    (columns,) = robustness.scored_alerts(packets, FEW, settings)
    rows = {row["change"]: row for row in robustness.run(packets, count=FEW, **settings)}
    assert set(rows) == set(robustness.changes())
    scored = len(columns["ra"])
    assert {row["alerts"] for row in rows.values()} == {scored}
    assert rows["−999 in magpsf"]["statuses"] == f"out_of_range {scored}"
    assert rows["NaN: the middle pixel, all stamps"]["statuses"] == f"bad_stamp {scored}"
    assert rows["pixels × 10, all stamps"]["refused"] == 0


def test_a_verdict_that_changes_without_a_status_is_counted(
    packets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = robustness.MODULE.columns

    def brightness(*columns: np.ndarray, **settings: object) -> dict[str, np.ndarray]:
        stamps = columns[names.index("stamps")]
        score = np.array([image[0].max() > 1e4 for image in stamps.images], dtype=float)
        return {"score": score, "status": np.full(len(score), "ok", dtype=object)}

    judge = SimpleNamespace(columns=names, score=brightness)
    monkeypatch.setattr(robustness, "MODULE", judge)
    rows = {row["change"]: row for row in robustness.run(packets, weights=None, count=FEW)}
    assert rows["pixels × 1000, science"]["changed verdicts"] > 0
    assert rows["pixels × 1000, difference"]["changed verdicts"] == 0


def test_both_networks_look_at_the_same_alerts(packets: Path, tmp_path: Path) -> None:
    if not _alerts.PUBLISHED.is_dir():
        pytest.skip("no published weights at ../shared/data/btsbot")
    tables = real_alerts.run(packets, None, tmp_path)
    ours, published = tables["real alerts"]
    assert ours["alerts"] == published["alerts"] == FEW
    scored = pd.read_parquet(tmp_path / "scores.parquet")
    assert ours["scored"] == scored["ours"].notna().sum()
    (both,) = tables["where both score"]
    assert both["alerts"] == scored[["ours", "published"]].notna().all(axis=1).sum()
    assert (tmp_path / "scores.png").is_file()


def test_ways_to_serve_are_compared_with_the_truth() -> None:
    if not _alerts.PUBLISHED.is_dir():
        pytest.skip("no published weights at ../shared/data/btsbot")
    arrays = {"triplet": np.zeros((5, 63, 63, 3), np.float32), "metadata": np.ones((5, 25))}
    sizes = []

    def way(part: dict[str, np.ndarray]) -> np.ndarray:
        sizes.append(len(part["metadata"]))
        return part["metadata"][:, 0]

    scores = serving.in_batches(way, 4)(arrays)
    assert (scores.tolist(), sizes) == ([1.0] * 5, [4, 4])


def report(folder: Path, run: str, auc: float, alerts: int = 100) -> None:
    path = folder / "runs" / run / "report"
    path.mkdir(parents=True)
    policy = {"completeness": {"value": 1.0}, "purity": {"value": 0.5}}
    content = {
        "alerts": {
            "alerts": alerts,
            "objects": 10,
            "metrics": {"auc": {"value": auc}, "ece": {"value": 0.01}},
        },
        "sources": {"policies": {"bts_p2": policy}},
    }
    (path / "report.json").write_text(json.dumps(content))


def test_seeds_of_a_network_are_one_row(tmp_path: Path) -> None:
    for run, auc in {"mm_cnn_short-2": 0.9, "mm_cnn_short-3": 0.92, "compact-2": 0.99}.items():
        report(tmp_path, run, auc)
    rows = {row["network"]: row for row in networks.run(tmp_path)}
    assert rows["mm_cnn_short"]["AUC"] == "0.9100 ± 0.0141"
    assert (rows["mm_cnn_short"]["seeds"], rows["compact"]["AUC"]) == (2, "0.9900")


def test_reports_of_different_alerts_are_not_compared(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"compare\.sh"):
        networks.run(tmp_path)
    report(tmp_path, "compact-2", 0.9)
    report(tmp_path, "compact-3", 0.9, alerts=99)
    with pytest.raises(ValueError, match="different alerts"):
        networks.run(tmp_path)
