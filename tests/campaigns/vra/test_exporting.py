"""An exported model: whole in its folder, without skysift, checked against its signature."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skysift.campaigns.code_closure import closure
from skysift.campaigns.vra.exporting import CODE, REQUIRED, export
from skysift.datasets import feature_table
from skysift.models.vra import load

ROOT = Path(__file__).parents[3]

SCORE = """
import json, sys
import pandas as pd
import mlflow.pyfunc

sys.path = [path for path in sys.path if not path.startswith(sys.argv[4])]
sys.meta_path = [finder for finder in sys.meta_path if "editable" not in str(finder)]
model = mlflow.pyfunc.load_model(sys.argv[1])
import skysift
from processor import processor
table = pd.read_parquet(sys.argv[2])
print(json.dumps({
    "skysift": skysift.__file__,
    "tables": model.predict(table).to_dict("list"),
    "alerts": processor(pd.read_parquet(sys.argv[3]), model).to_dict("list"),
}))
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("mlflow.pyfunc", reason="MLflow is not installed")
    folder = tmp_path_factory.mktemp("exported") / "vra-model"
    export(None, folder)
    return folder


def broker_rows(night: Path) -> pd.DataFrame:
    """Return the night's alerts as a broker has them: a row an alert, nested."""
    import fastavro

    packets = []
    for path in sorted((night / "packets").glob("*.avro")):
        with path.open("rb") as file:
            packets += list(fastavro.reader(file))
    return pd.DataFrame(packets)


def test_it_is_loaded_without_skysift_and_scores_tables_and_brokers_rows(exported, night, tmp_path):
    table = feature_table([night / "packets"])
    table.to_parquet(tmp_path / "table.parquet")
    broker_rows(night).to_parquet(tmp_path / "rows.parquet")
    said = subprocess.run(
        [sys.executable, "-c", SCORE, exported, tmp_path / "table.parquet",
         tmp_path / "rows.parquet", ROOT / "skysift"],
        cwd=tmp_path, check=True, stdout=subprocess.PIPE, text=True,
    ).stdout  # fmt: skip
    told = json.loads(said.splitlines()[-1])
    assert told["skysift"].startswith(str(exported / "code"))
    scorer = load()
    scores = scorer.score(table[list(scorer.features)].to_numpy(np.float64))
    for name, values in scores.items():
        np.testing.assert_allclose(told["tables"][name], values, rtol=1e-6)
    place = {candid: row for row, candid in enumerate(table["candid"])}
    order = broker_rows(night)["candid"].map(place)
    assert told["alerts"]["status"] == table["status"][order].tolist()
    ok = (table["status"] == "ok").to_numpy()[order]
    np.testing.assert_allclose(
        np.array(told["alerts"]["rank"], dtype=float)[ok], scores["rank"][order][ok], rtol=1e-5
    )
    assert np.isnan(np.array(told["alerts"]["rank"], dtype=float)[~ok]).all()


def test_the_folder_says_what_it_needs_and_holds_no_pickle(exported):
    import mlflow

    files = {path.relative_to(exported).as_posix() for path in exported.rglob("*")}
    assert {"MLmodel", "requirements.txt", "code/processor.py", "input_example.json"} <= files
    assert not [name for name in files if name.endswith((".pkl", ".pickle", "keras"))]
    assert not [name for name in files if "cli" in name or "active_learning" in name]
    required = (exported / "requirements.txt").read_text()
    assert all(f"{name}==" in required for name in REQUIRED)
    model = mlflow.models.Model.load(exported)
    assert model.metadata["version"] == load().version
    assert [column.name for column in model.signature.inputs] == list(load().features)
    assert [column.name for column in model.signature.outputs] == [
        "galactic", "real", "transient", "rank",
    ]  # fmt: skip


def test_a_table_that_is_none_is_refused_by_the_signature(exported, monkeypatch):
    import mlflow.pyfunc

    # MLflow puts the model's code before ours, and processes that later tests start inherit that.
    monkeypatch.setattr(sys, "path", list(sys.path))
    model = mlflow.pyfunc.load_model(str(exported))
    with pytest.raises(mlflow.exceptions.MlflowException, match="missing"):
        model.predict(pd.DataFrame({"ra": [1.0]}))


def test_a_folder_that_is_there_is_not_touched(tmp_path):
    with pytest.raises(FileExistsError, match="is there already"):
        export(None, tmp_path)


def test_what_the_code_imports_is_required_or_plain_python():
    known = {name.replace("scikit-learn", "sklearn") for name in REQUIRED}
    brought = {"erfa", "llvmlite"}  # by astropy, and by numba
    elsewhere = {"keras", "pyspark", "tomli"}  # only where a broker's Spark runs it, or Python 3.10
    foreign = set()
    for path in closure(CODE).values():
        for node in ast.parse(path.read_text()).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            foreign |= {name.split(".")[0] for name in names}
    foreign -= {"skysift", *sys.stdlib_module_names}
    assert foreign - elsewhere - brought <= known
