"""Write networks in formats that other programs read, and check what was written."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skysift.models._onnx import read_onnx, write_onnx

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

Run = Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]

FORMATS = ("onnx", "savedmodel")
BATCHES = (1, 8, 64)
"""Batches that a written network is tried on; its batch is of any size."""

RTOL, ATOL = 1e-4, 1e-5
"""How far it may be from the network in Keras."""

SIDECAR = "skysift.json"
"""Name of the sidecar in the folder of a SavedModel."""


class ExportError(RuntimeError):
    """What was written does not answer as the network does. It has been removed."""


def export(
    model: keras.Model,
    facts: Mapping[str, Any],
    path: Path,
    *,
    kind: str,
    samples: dict[str, np.ndarray],
) -> dict[int, float]:
    """Write a network with a sidecar, and compare its answers with those in Keras.

    Parameters
    ----------
    model : keras.Model
        Of named inputs; outputs are named ``score`` if there is one, else as in `model`.
    facts : mapping
        What the sidecar shall say: that of the weights. ``sha256`` becomes that of what is
        written and ``exported`` says from what.
    path : Path
        A file for ONNX, whose sidecar ends in ``.json`` instead; a folder for a SavedModel, whose
        sidecar is ``skysift.json`` in it and whose signature is ``serving_default``.
    kind : str
        One of `FORMATS`.
    samples : dict of str to ndarray
        At least 64 rows of inputs, float32.

    Returns
    -------
    dict of int to float
        The largest difference, by batch.

    Raises
    ------
    ValueError
        If there is no such format.
    FileExistsError
        If there is something at `path`.
    ExportError
        If an answer differs by more than ``RTOL`` and ``ATOL``.
    ImportError
        If ONNX's packages are not installed.
    """
    if kind not in FORMATS:
        raise ValueError(f"format must be one of {', '.join(FORMATS)}. Got: {kind!r}")
    sidecar = path.with_suffix(".json") if kind == "onnx" else path / SIDECAR
    for taken in (path, sidecar):
        if taken.exists():
            raise FileExistsError(f"{taken} exists: name another output, or remove it")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        run = _write(model, path, kind)
        differences = {size: _difference(model, run, samples, size) for size in BATCHES}
    except BaseException:
        _remove(path)
        raise
    source = {"format": kind, "sha256": facts["sha256"], "differences": differences}
    content = {**facts, "sha256": tree_sha256(path), "exported": source}
    sidecar.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    return differences


def tree_sha256(path: Path) -> str:
    """Return the sha256 of a file; of a folder, of its files' names and sha256, sorted.

    The sidecar in it is passed over.
    """
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    digest = hashlib.sha256()
    for file in sorted(file for file in path.rglob("*") if file.is_file() and file.name != SIDECAR):
        line = f"{file.relative_to(path).as_posix()} {tree_sha256(file)}\n"
        digest.update(line.encode())
    return digest.hexdigest()


def _write(model: keras.Model, path: Path, kind: str) -> Run:
    """Write, and read what was written."""
    import tensorflow as tf

    function = _function(model)
    if kind == "onnx":
        write_onnx(function, path)
        return read_onnx(path)
    module = tf.Module()
    module.network = model
    tf.saved_model.save(module, str(path), signatures={"serving_default": function})
    # The loaded object owns the signature's variables: it must live as long.
    loaded = tf.saved_model.load(str(path))

    def run(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        told = loaded.signatures["serving_default"](
            **{name: tf.constant(array) for name, array in arrays.items()}
        )
        return {name: tensor.numpy() for name, tensor in told.items()}

    return run


def _function(model: keras.Model) -> tf.types.experimental.PolymorphicFunction:
    """Make a function of the network, of any number of rows."""
    import tensorflow as tf

    names = [tensor.name for tensor in model.inputs]
    signature = [
        tf.TensorSpec((None, *tensor.shape[1:]), tf.float32, name=tensor.name)
        for tensor in model.inputs
    ]

    @tf.function(input_signature=signature, autograph=False)
    def serve(*tensors):
        return _named(model(dict(zip(names, tensors, strict=True)), training=False))

    return serve


def _named(outputs: Any) -> dict[str, Any]:
    """Name the outputs of a network."""
    return dict(outputs) if isinstance(outputs, dict) else {"score": outputs}


def _difference(
    model: keras.Model, run: Run, samples: Mapping[str, np.ndarray], size: int
) -> float:
    """Compare the first rows; return the largest difference."""
    arrays = {tensor.name: samples[tensor.name][:size] for tensor in model.inputs}
    expected = {name: np.asarray(told) for name, told in _named(model(arrays)).items()}
    found = run(arrays)
    if found.keys() != expected.keys():
        raise ExportError(f"outputs must be {', '.join(expected)}. Got: {', '.join(found)}")
    for name, values in expected.items():
        if not np.allclose(found[name], values, rtol=RTOL, atol=ATOL):
            worst = float(np.abs(found[name] - values).max())
            raise ExportError(
                f"in a batch of {size}, output {name} differs by {worst:.2g} from the network's; "
                f"allowed are rtol {RTOL:g}, atol {ATOL:g}. Nothing was kept."
            )
    return max(float(np.abs(found[name] - values).max()) for name, values in expected.items())


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
