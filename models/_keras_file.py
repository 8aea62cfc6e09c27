"""Networks on disk: a ``.keras`` file with its sidecar, built anew by our own code.

Keras writes into a ``.keras`` file how to make each layer, in words that older releases of Keras do
not know (Python 3.10 ends at Keras 3.12). The numbers in it are read by all of them, so the network
is built by our own code, as the sidecar's ``network`` says, and only they are taken from the file.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Collection
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skysift.models._weights import SUFFIX, Weights, WeightsError, sha256_of, write_sidecar

if TYPE_CHECKING:
    import keras


def write(model: keras.Model, output: Path, name: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Write NAME.keras, without the optimiser's state, and its sidecar NAME.json.

    Returns
    -------
    dict
        What the sidecar says: the facts, with version, date and releases.
    """
    import keras

    path = output / f"{name}{SUFFIX}"
    model.save(path)
    facts = {
        "version": f"{name}+{sha256_of(path)[:8]}",
        **facts,
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
    }
    write_sidecar(path, facts)
    return facts


def check_name(name: str) -> None:
    """Refuse a name of weights that is no file's name.

    Raises
    ------
    ValueError
        If it is empty, or names a folder too.
    """
    if name in ("", "..") or Path(name).name != name:
        raise ValueError(f"a name of weights must be that of a file, without folder. Got: {name!r}")


def rebuild(
    weights: Weights, names: Collection[str], build: Callable[..., keras.Model]
) -> keras.Model:
    """Build the network that a file's sidecar names and give it the file's weights.

    Parameters
    ----------
    weights : Weights
    names : collection of str
        The networks that can be built.
    build : callable
        ``build(name, **settings)``, with the name and settings of the sidecar's ``network``.

    Raises
    ------
    WeightsError
        If the network is none of these, or the weights are not such a network's.
    """
    network = weights.facts.get("network")
    if not isinstance(network, dict) or network.get("name") not in names:
        raise WeightsError(
            f"{weights.path} holds a network {network!r}; known are: {', '.join(names)}"
        )
    name = network["name"]
    try:
        model = build(name, **network.get("settings", {}))
        model.load_weights(weights.path)
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise WeightsError(f"{weights.path} holds no weights of {name}: {error}") from error
    return model
