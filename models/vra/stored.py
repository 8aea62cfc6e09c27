"""Learned targets on disk: one ``.skops`` file with its JSON sidecar. Nothing is unpickled."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED

import numpy as np

from skysift.models._weights import Weights, WeightsError, write_sidecar
from skysift.models.vra.learner import TargetModel
from skysift.models.vra.views import Views

SUFFIX = ".skops"

TRUSTED = ("numpy.dtype", "sklearn.tree._tree.Tree")
"""Types that a file may hold beside those that skops trusts by itself.

This list alone decides: what a file or its sidecar says of itself is never believed. A tree is
trusted because a forest is nothing without: its class reads arrays and calls nothing, but takes
them at their word, so that a file made with malice may crash the process. Load what you know.
"""


def save(models: Mapping[str, TargetModel], path: Path, facts: Mapping[str, Any]) -> Path:
    """Write learned targets and their sidecar.

    Parameters
    ----------
    models : mapping of str to TargetModel
        By target.
    path : Path
        Ends in ``.skops``.
    facts : mapping
        For the sidecar: at least ``version``, ``trained_on`` and ``features`` (their names, in
        order); each target's version and the trusted types are added.

    Returns
    -------
    Path
        The weights, `path`.

    Raises
    ------
    WeightsError
        If a model holds a type that `load` would refuse.
    """
    from skops.io import dump, get_untrusted_types

    state = {name: _state(model) for name, model in models.items()}
    dump(state, path, compression=ZIP_DEFLATED)
    _refuse_strangers(path, get_untrusted_types(file=path))
    versions = {name: model.version for name, model in models.items()}
    write_sidecar(path, {**facts, "targets": versions, "trusted_types": list(TRUSTED)})
    return path


def read(weights: Weights) -> dict[str, TargetModel]:
    """Read learned targets from a file that was checked against its sidecar.

    Raises
    ------
    WeightsError
        If the file holds a type that is not in `TRUSTED`, or no learned targets.
    """
    from skops.io import get_untrusted_types, load

    _refuse_strangers(weights.path, get_untrusted_types(file=weights.path))
    state = load(weights.path, trusted=list(TRUSTED))
    try:
        return {name: _model(values) for name, values in state.items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{weights.path} does not hold learned targets: {error!r}") from None


def _refuse_strangers(path: Path, untrusted: list[str]) -> None:
    strangers = sorted(set(untrusted) - set(TRUSTED))
    if strangers:
        raise WeightsError(
            f"{path} holds what is not trusted: {', '.join(strangers)}. "
            f"Only {', '.join(TRUSTED)} and what skops knows may be in it."
        )


def _state(model: TargetModel) -> dict[str, Any]:
    return {
        "version": model.version,
        "classes": list(model.classes),
        "views": model.views.arrays(),
        "members": dict(model.members),
        "lean": model.lean,
        "calibration": None if model.calibration is None else dict(model.calibration),
    }


def _model(state: dict[str, Any]) -> TargetModel:
    no, yes = state["classes"]
    return TargetModel(
        version=state["version"],
        classes=(no, yes),
        views=Views(**state["views"]),
        members=state["members"],
        lean=np.asarray(state["lean"], dtype=np.float64),
        calibration=state["calibration"],
    )
