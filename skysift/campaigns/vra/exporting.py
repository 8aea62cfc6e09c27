"""Weights as a self-contained MLflow model: code, requirements, signature, an example."""

from __future__ import annotations

import os
import shutil
import tempfile
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd

from skysift.campaigns.code_closure import copy_closure
from skysift.campaigns.vra import processor as processor_file
from skysift.models._weights import read_weights, sidecar_path
from skysift.models.vra import stored
from skysift.models.vra.scorer import load, weights_file
from skysift.models.vra.served import Served

LOADER = "skysift.models.vra.served"
CODE = (LOADER, "skysift.alerts.batch", "skysift.science_modules.vra")
"""Modules that go with the model: what loads it, and what `processor` needs."""

REQUIRED = (
    "astropy", "deflate", "fastavro", "numba", "numpy", "pandas", "pyarrow", "scikit-learn",
    "scipy", "skops",
)  # fmt: skip
"""Distributions that this code imports; pinned to the versions that are installed here."""

EXAMPLE_ROWS = 2


def export(weights: Path | None, output: Path) -> None:
    """Write an MLflow model.

    Parameters
    ----------
    weights : Path or None
        Of a round, or its link; None for what ships.
    output : Path
        Folder, which must not be there: ``MLmodel``, ``requirements.txt``, ``data`` (the weights
        as ``.skops``, and their sidecar), ``code`` (what it takes of skysift, ``processor.py``).
        ``mlflow.pyfunc.load_model(output).predict(table_of_features)``.

    Raises
    ------
    FileExistsError
        If there is something at `output`.
    WeightsError
        If the weights are not whole.
    ImportError
        If MLflow is not installed.
    """
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")  # read when it is imported
    try:
        import mlflow.pyfunc
        from mlflow.models import infer_signature
    except ImportError as error:
        raise ImportError(
            "a model is exported with MLflow installed: pip install 'skysift[tracking]'"
        ) from error
    if output.exists():
        raise FileExistsError(f"{output} is there already: give a folder that is not")
    scorer = load(weights)
    example = _example(scorer.features)
    with tempfile.TemporaryDirectory() as folder:
        code, data = Path(folder, "code"), Path(folder, "data")
        copy_closure(CODE, code)
        shutil.copyfile(processor_file.__file__, code / "processor.py")
        _copy_weights(weights, data)
        mlflow.pyfunc.save_model(
            output,
            loader_module=LOADER,
            data_path=str(data),
            code_paths=[str(path) for path in sorted(code.iterdir())],
            signature=infer_signature(example, Served(scorer).predict(example)),
            input_example=example,
            pip_requirements=[f"{name}=={metadata.version(name)}" for name in REQUIRED],
            metadata={"version": scorer.version, "trained_on": scorer.trained_on},
        )


def _copy_weights(weights: Path | None, folder: Path) -> None:
    file = read_weights(weights_file(weights), stored.SUFFIX).path
    folder.mkdir()
    for path in (file, sidecar_path(file)):
        shutil.copyfile(path, folder / path.name)


def _example(features: tuple[str, ...]) -> pd.DataFrame:
    """Make rows that show what goes in: numbers, of which some are missing."""
    values = np.zeros((EXAMPLE_ROWS, len(features)))
    values[1, len(features) // 2 :] = np.nan
    return pd.DataFrame(values, columns=list(features))
