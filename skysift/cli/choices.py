"""Options that several verbs share: which modules, filters, weights and survey."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from skysift.alerts.payloads import peek
from skysift.stream.kafka import is_kafka
from skysift.stream.plan import Plan, PlanError, make_plan
from skysift.stream.security import KafkaSecurity

Modules = Annotated[
    str | None,
    typer.Option("--modules", help="Science modules, by comma. Default: all that can run."),
]
Filters = Annotated[
    str | None, typer.Option("--filters", help="Filters, by comma. Default: all that can run.")
]
Weights = Annotated[
    list[str] | None,
    typer.Option(
        "--weights", metavar="MODULE=PATH", help="Weights of a module instead of its default."
    ),
]
Compat = Annotated[
    bool,
    typer.Option("--compat", help="Treat missing values as the published models' services do."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="MODULE.SETTING=VALUE", help="A setting of a module; may be repeated."
    ),
]
Survey = Annotated[
    str, typer.Option("--survey", help="Survey of the alerts: ztf, lsst, or auto to look.")
]
KafkaSecurityFile = Annotated[
    Path | None,
    typer.Option(
        "--kafka-security",
        help="File with SASL/TLS settings for Kafka; else SKYSIFT_KAFKA_… in the environment.",
    ),
]


def names(given: str | None) -> list[str] | None:
    """Split a list by comma; None stays None."""
    if given is None:
        return None
    return [name.strip() for name in given.split(",") if name.strip()]


def module_settings(
    weights: list[str] | None, compat: bool, given: list[str] | None, plan: Plan
) -> dict[str, dict]:
    """Read settings of modules off the options.

    Raises
    ------
    PlanError
        If a weight is not given as MODULE=PATH, or a setting not as MODULE.SETTING=VALUE.
    """
    settings: dict[str, dict[str, Any]] = {}
    modules = {module.name: module for module in plan.modules}
    for text in given or []:
        (name, setting), value = _split(text)
        default = modules[name].settings.get(setting) if name in modules else None
        settings.setdefault(name, {})[setting] = _as(default, value, text)
    for pair in weights or []:
        name, equals, path = pair.partition("=")
        if not equals or not path:
            raise PlanError(f"--weights takes MODULE=PATH, e.g. btsbot=models/; got {pair!r}")
        # not resolved: a link to a round of labelling may be replaced while the job runs
        settings.setdefault(name, {})["weights"] = os.path.abspath(path)
    if compat:
        for module in plan.modules:
            if "compat" in module.settings:
                settings.setdefault(module.name, {})["compat"] = True
    return settings


def _split(text: str) -> tuple[tuple[str, str], str]:
    """Take MODULE.SETTING=VALUE apart."""
    name, equals, value = text.partition("=")
    module, dot, setting = name.partition(".")
    if not (equals and dot and module and setting):
        raise PlanError(f"--set takes MODULE.SETTING=VALUE, e.g. vra.dust=maps/; got {text!r}")
    return (module, setting), value


def _as(default: Any, value: str, text: str) -> Any:
    """Read a value as what the setting is by default; paths hold wherever a worker stands."""
    kind = type(default)
    if kind is bool and value in ("true", "false"):
        return value == "true"
    if kind in (int, float):
        with suppress(ValueError):
            return kind(value)
    if kind in (bool, int, float):
        raise PlanError(f"--set {text}: the value must be of {kind.__name__}, like {default}")
    return os.path.abspath(value) if os.path.exists(value) else value


def kafka_security(file: Path | None) -> KafkaSecurity:
    """Read how to log in to Kafka: from a file, or from SKYSIFT_KAFKA_… in the environment."""
    return KafkaSecurity.from_file(file) if file else KafkaSecurity.from_env()


def plan_for(
    source: str,
    *,
    modules: str | None,
    filters: str | None,
    weights: list[str] | None,
    compat: bool,
    settings: list[str] | None,
    survey: str,
) -> Plan:
    """Settle a plan for a path and check it against what the path holds.

    Raises
    ------
    PlanError
        If the plan cannot be done on this source.
    """
    offered = None if is_kafka(source) else peek(source)
    if survey == "auto":
        survey = offered.survey if offered is not None else "ztf"
    chosen = names(modules), names(filters)
    plan = make_plan(survey, *chosen)
    plan = make_plan(survey, *chosen, settings=module_settings(weights, compat, settings, plan))
    if offered is not None and offered.survey == survey:
        plan.check_source(offered.paths)
    for module in plan.modules:
        module.prepare(**plan.settings.get(module.name, {}))
    return plan
