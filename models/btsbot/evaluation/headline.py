"""The headline figures of a report, and their place in the sidecar of the weights judged."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from skysift.models._weights import WeightsError, read_weights, write_sidecar

SHOWN = ("auc", "ece", "average_precision", "tpr", "precision")


def headline(report: Mapping[str, Any]) -> dict[str, Any]:
    """Pick out of a report what a sidecar says of how good weights are.

    Parameters
    ----------
    report : mapping
        From `make_report`.

    Returns
    -------
    dict
        ``part``, ``alerts`` and ``objects`` judged; AUC, calibration error and the like; of each
        policy, in ``policies``, completeness and purity; and ``called_positive``, by class. None
        where a figure is not defined.
    """
    alerts = report["alerts"]
    policies = report["sources"]["policies"]
    return {
        "part": report["set"]["part"],
        "alerts": alerts["alerts"],
        "objects": alerts["objects"],
        **{name: alerts["metrics"][name]["value"] for name in SHOWN},
        "policies": {
            name: {what: policy[what]["value"] for what in ("completeness", "purity")}
            for name, policy in policies.items()
        },
        "called_positive": {
            kind["name"]: kind["value"] for kind in alerts["called_positive"]["class"]
        },
    }


def record(report: Mapping[str, Any], weights: str | os.PathLike[str]) -> None:
    """Write the headline figures into the sidecar of the weights that were judged.

    Parameters
    ----------
    report : mapping
    weights : path-like
        A ``.keras`` file or a folder with one.

    Raises
    ------
    WeightsError
        If the report is of other weights.
    """
    read = read_weights(weights)
    if report["weights"]["version"] != read.facts["version"]:
        raise WeightsError(
            f"{read.path} is {read.facts['version']}, the report is of "
            f"{report['weights']['version']}"
        )
    write_sidecar(read.path, {**read.facts, "metrics": headline(report)})
