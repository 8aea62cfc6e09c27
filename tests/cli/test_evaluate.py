"""``skysift evaluate``: a training set and weights, or a table of scores, to a report."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from skysift.cli.main import app, main
from skysift.models import btsbot
from skysift.models._weights import read_weights
from tests.models.scored_alerts import training_set

SHIPPED = Path(btsbot.__file__).with_name("weights")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training set on disk, its stamps noise; only its test part has both classes."""
    folder = tmp_path_factory.mktemp("set")
    alerts = training_set(np.random.default_rng(3), 60)
    table = alerts.table.assign(row=alerts.rows)
    table.loc[table["objectId"] == table["objectId"][0], "split"] = "train"
    table.to_parquet(folder / "alerts.parquet")
    np.save(folder / "triplets.npy", alerts.triplets)
    (folder / "manifest.json").write_text(json.dumps({"preprocessing": "centred"}))
    return folder


@pytest.fixture
def scores(data: Path, tmp_path: Path) -> Path:
    """What ``skysift score`` would write of all alerts but the last, the first of them twice."""
    table = pd.read_parquet(data / "alerts.parquet")
    rng = np.random.default_rng(4)
    score = np.clip(np.where(table["label"], 0.7, 0.3) + rng.normal(0, 0.2, len(table)), 0, 1)
    ids = np.append(table["candid"][:1], table["candid"][:-1])
    struct = pd.DataFrame({"score": np.append(np.nan, score[:-1]), "version": "own+1"})
    column = pa.StructArray.from_arrays(
        [pa.array(struct[name], from_pandas=True) for name in struct], names=list(struct)
    )
    pq.write_table(pa.table({"alert_id": ids, "btsbot": column}), tmp_path / "scores.parquet")
    return tmp_path / "scores.parquet"


def evaluate(*options: str | Path) -> str:
    """Run the command; return what it prints to standard output."""
    result = CliRunner().invoke(app, ["evaluate", "btsbot", *map(str, options)])
    if result.exception:
        raise result.exception
    return result.stdout


def test_weights_are_judged(data, tmp_path):
    printed = evaluate("--data", data, "--output", tmp_path)
    assert "bts_p2" in printed
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["weights"]["version"].startswith("btsbot")
    part = pd.read_parquet(data / "alerts.parquet").query("split == 'test'")
    assert report["alerts"]["alerts"] + report["alerts"]["unscored"] == len(part)


def test_figures_are_recorded_with_the_weights_and_listed_with_them(data, tmp_path):
    weights = tmp_path / "weights"
    shutil.copytree(SHIPPED, weights)
    before = read_weights(weights).facts
    options = "--data", data, "--weights", weights, "--output", tmp_path / "report", "--record"
    report = json.loads(evaluate(*options, "--json"))
    facts = dict(read_weights(weights).facts)
    metrics = facts.pop("metrics")
    assert facts == {name: value for name, value in before.items() if name != "metrics"}
    assert metrics["auc"] == report["alerts"]["metrics"]["auc"]["value"]
    for name, policy in report["sources"]["policies"].items():
        assert metrics["policies"][name]["purity"] == policy["purity"]["value"]
    assert (metrics["part"], metrics["alerts"]) == ("test", report["alerts"]["alerts"])


def test_a_table_of_scores_is_judged(data, scores, tmp_path):
    policies = tmp_path / "own.toml"
    policies.write_text("[one]\nmin_score = 0.6\n")
    junk = tmp_path / "junk.txt"
    junk.write_text("ZTF210000003\nZTF210000004\n")
    printed = evaluate("--data", data, "--scores", scores, "--policies", policies, "--junk", junk,
                       "--output", tmp_path / "out", "--json")  # fmt: skip
    report = json.loads(printed)
    assert report["weights"]["version"] == "own+1"
    assert list(report["policies"]) == ["one"]
    assert report["alerts"]["unscored"] == 1
    assert report["sources"]["left_out"]["junk"] == 2
    written = pd.read_parquet(tmp_path / "out" / "alerts.parquet").set_index("candid")["score"]
    given = pq.read_table(scores).flatten().to_pandas().dropna().set_index("alert_id")
    truth = given["btsbot.score"].reindex(written.index).astype(np.float32)
    np.testing.assert_array_equal(written, truth)


def test_what_cannot_be_judged_is_told(data, scores, tmp_path):
    with pytest.raises(ValueError, match="no part 'exam'"):
        evaluate("--data", data, "--output", tmp_path, "--part", "exam")
    with pytest.raises(ValueError, match=r"validation part of .* holds no alert"):
        evaluate("--data", data, "--output", tmp_path, "--part", "validation")
    with pytest.raises(ValueError, match="both classes"):
        evaluate("--data", data, "--output", tmp_path, "--part", "train", "--scores", scores)
    with pytest.raises(ValueError, match="not both"):
        evaluate("--data", data, "--output", tmp_path, "--scores", scores, "--weights", tmp_path)
    with pytest.raises(FileNotFoundError, match="no complete training set"):
        evaluate("--data", tmp_path, "--output", tmp_path)


def test_a_table_that_is_no_table_of_scores_is_refused(data, scores, tmp_path):
    (tmp_path / "text.parquet").write_text("objectId,score")
    with pytest.raises(ValueError, match=r"text\.parquet is no Parquet file: "):
        evaluate("--data", data, "--output", tmp_path, "--scores", tmp_path / "text.parquet")
    with pytest.raises(ValueError, match="no column alert_id"):
        evaluate("--data", data, "--output", tmp_path, "--scores", data / "alerts.parquet")
    others = pq.read_table(scores)
    others = others.set_column(0, "alert_id", pa.array(range(len(others))))
    pq.write_table(others, tmp_path / "others.parquet")
    with pytest.raises(ValueError, match="holds none of the"):
        evaluate("--data", data, "--output", tmp_path, "--scores", tmp_path / "others.parquet")


def test_the_latent_space_is_laid_out(data, tmp_path):
    pytest.importorskip("umap", reason="the extra umap is not installed")
    evaluate("--data", data, "--output", tmp_path, "--embedding", "60")
    table = pd.read_csv(tmp_path / "embedding.csv")
    judged = pd.read_parquet(tmp_path / "alerts.parquet").set_index("candid")
    assert len(table) == 60
    score = judged["score"].loc[table["candid"]]
    np.testing.assert_allclose(table["score"], score, atol=1e-6)
    assert (tmp_path / "embedding.png").exists()


def test_a_latent_space_that_cannot_be_had_is_refused_before_scoring(
    data, scores, tmp_path, monkeypatch, capsys
):
    with pytest.raises(ValueError, match="--embedding needs the network"):
        evaluate("--data", data, "-o", tmp_path, "--scores", scores, "--embedding", "60")
    with pytest.raises(ValueError, match=r"30 alerts at least .*\. Got: 29"):
        evaluate("--data", data, "-o", tmp_path, "--embedding", "29")
    monkeypatch.setitem(sys.modules, "umap", None)
    options = ["--data", str(data), "-o", str(tmp_path / "out"), "--embedding", "60"]
    monkeypatch.setattr(sys, "argv", ["skysift", "evaluate", "btsbot", *options])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    told = capsys.readouterr().err
    assert "needs umap-learn: pip install 'skysift[umap]'" in told
    assert told.count("\n") == 1
    assert not (tmp_path / "out").exists()
