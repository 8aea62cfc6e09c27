"""Import the published BTSbot weights into our network of the same architecture."""

from __future__ import annotations

import hashlib
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skysift.models import _backend
from skysift.models._presets import Preset, read_presets
from skysift.models._weights import SUFFIX, WeightsError, sha256_of, write_sidecar
from skysift.models.btsbot.inputs import FEATURES, SIDE
from skysift.models.btsbot.networks import EMBEDDING

if TYPE_CHECKING:
    import keras

NAME = "btsbot-v1.0.1"

HALF_PRECISION = {"float16": None, "bfloat16": [0.02, 0.98]}
"""Half types in which scores stay within 0.001 of float32, if those between are computed again.

Measured, see ``benchmarks/results/2026-11-21-btsbot-serving.md``.
"""

CHECKPOINT = "variables"
CHECKPOINT_FILES = ("variables.index", "variables.data-00000-of-00001")

TRAINING_LEFTOVERS = ("Adam/", "iteration", "learning_rate", "total", "count")
"""Variables of the optimiser and the metrics: no part of the network."""


def import_published(path: str | os.PathLike[str], output: str | os.PathLike[str]) -> Path:
    """Write the published BTSbot v1.0.1 as ``btsbot-v1.0.1.keras`` with its sidecar.

    Parameters
    ----------
    path : path-like
        The published archive (a tar), the SavedModel folder in it, or its ``variables`` folder.
    output : path-like
        Folder to write to; made if needed.

    Returns
    -------
    Path
        The ``.keras`` file, for `load`.

    Raises
    ------
    WeightsError
        If `path` is something else: another archive, an incomplete folder, a network of another
        shape, or other weights than the published ones.
    """
    _backend.start()
    from skysift.models.btsbot.networks import build

    model = build("mm_cnn")
    with _checkpoint(Path(path)) as prefix:
        _transplant(_published_variables(prefix), model)
    _check_values(model, path)
    return _write(model, Path(output))


@contextmanager
def _checkpoint(path: Path) -> Iterator[Path]:
    """Yield the checkpoint's prefix, unpacking an archive into a folder that is then removed."""
    if path.is_dir():
        yield _in_folder(path)
    elif path.is_file():
        with tempfile.TemporaryDirectory() as folder:
            yield _in_archive(path, Path(folder))
    else:
        raise WeightsError(f"no such file or folder: {path}")


def _in_folder(path: Path) -> Path:
    """Find the checkpoint in a SavedModel folder or in its ``variables``."""
    for folder in (path, path / CHECKPOINT, path / "best_model" / CHECKPOINT):
        if all((folder / name).is_file() for name in CHECKPOINT_FILES):
            return folder / CHECKPOINT
    raise WeightsError(
        f"{path} is neither the published SavedModel nor its {CHECKPOINT} folder: "
        f"{' and '.join(CHECKPOINT_FILES)} are needed"
    )


def _in_archive(path: Path, folder: Path) -> Path:
    """Check the archive and copy the two checkpoint files out of it, under names of ours."""
    expected = _preset().source["archive_sha256"]
    if sha256_of(path) != expected:
        raise WeightsError(
            f"{path} is not the published {NAME} archive: its sha256 is {sha256_of(path)}, "
            f"the published one is {expected}"
        )
    copy_checkpoint(path, folder)
    return folder / CHECKPOINT


def copy_checkpoint(archive: Path, folder: Path) -> None:
    """Copy the checkpoint's two files out of a tar archive, wherever in it they are.

    Only their content is taken: no member's path, link or mode reaches the disk.

    Raises
    ------
    WeightsError
        If the archive is no tar, or lacks one of them.
    """
    try:
        with tarfile.open(archive) as tar:
            members = {m.name.rpartition("/")[2]: m for m in tar if m.isfile()}
            for name in CHECKPOINT_FILES:
                content = tar.extractfile(members[name])
                assert content is not None  # isfile() above
                (folder / name).write_bytes(content.read())
    except KeyError as error:
        raise WeightsError(f"{archive} holds no {error.args[0]}") from None
    except tarfile.TarError as error:
        raise WeightsError(f"{archive} is not a readable tar archive: {error}") from None


def _published_variables(prefix: Path) -> dict[str, np.ndarray]:
    """Read a checkpoint's network variables by the names they had in Python."""
    import tensorflow as tf
    from tensorflow.core.protobuf.trackable_object_graph_pb2 import TrackableObjectGraph

    try:
        reader = tf.train.load_checkpoint(str(prefix))
        graph = TrackableObjectGraph.FromString(reader.get_tensor("_CHECKPOINTABLE_OBJECT_GRAPH"))
        keys = {a.full_name: a.checkpoint_key for node in graph.nodes for a in node.attributes}
        names = [name for name in keys if not name.startswith(TRAINING_LEFTOVERS)]
        return {name: reader.get_tensor(keys[name]) for name in names}
    except (tf.errors.OpError, RuntimeError, ValueError) as error:
        raise WeightsError(f"{prefix} is not a readable TensorFlow checkpoint: {error}") from None


def _transplant(published: dict[str, np.ndarray], model: keras.Model) -> None:
    """Copy variables by name; every one must find its place, and every place its variable."""
    places = {variable.path: variable for variable in model.weights}
    if published.keys() != places.keys():
        odd = sorted(published.keys() ^ places.keys())
        raise WeightsError(f"not the variables of {NAME}; missing or unexpected: {', '.join(odd)}")
    for name, place in places.items():
        values, shape = published[name], tuple(place.shape)
        if values.shape != shape:
            raise WeightsError(f"variable {name} must have shape {shape}. Got: {values.shape}")
        place.assign(values)


def _check_values(model: keras.Model, path: str | os.PathLike[str]) -> None:
    """Refuse weights that only look like the published ones, so that the version never lies."""
    expected = _preset().source["values_sha256"]
    if values_sha256(model) != expected:
        raise WeightsError(f"the weights in {path} are not those of {NAME}: they were changed")


def values_sha256(model: keras.Model) -> str:
    """Return the sha256 of a network's float32 weights, in order, however they were stored."""
    digest = hashlib.sha256()
    for values in model.get_weights():
        digest.update(np.ascontiguousarray(values, dtype="<f4").tobytes())
    return digest.hexdigest()


def _preset() -> Preset:
    return read_presets(Path(__file__).parent)[NAME]


def _write(model: keras.Model, output: Path) -> Path:
    output.mkdir(parents=True, exist_ok=True)
    path = output / f"{NAME}{SUFFIX}"
    model.save(path)
    preset = _preset()
    write_sidecar(
        path,
        {
            "version": NAME,
            "network": {"name": model.name, "settings": {}},
            "preprocessing": "published",
            "crop": SIDE,
            "features": list(FEATURES),
            "may_miss": [],
            "embedding": EMBEDDING["mm_cnn"],
            "half_precision": HALF_PRECISION,
            "trained_on": preset.trained_on,
            "licence": preset.licence,
            "values_sha256": preset.source["values_sha256"],
            "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        },
    )
    return path
