"""``skysift modules | filters | models``: what there is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from skysift.cli.console import err, out

Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Verb = Annotated[str, typer.Argument(metavar="[list]", show_default=False)]


def modules(verb: Verb = "list", as_json: Json = False) -> None:
    """List the science modules: inputs, outputs, settings.

    Example: skysift modules --json
    """
    from skysift.science_modules import discover

    weights = {row["model"]: row for row in _weights() if row["default"]}
    rows = [
        {
            "name": m.name,
            "summary": m.summary,
            "version": weights.get(m.name, {}).get("version"),
            "trained_on": weights.get(m.name, {}).get("trained_on"),
            "surveys": list(m.surveys),
            "inputs": list(m.columns),
            "outputs": {**m.outputs, "status": "string", "version": "string"},
            "settings": m.settings,
        }
        for m in discover().values()
    ]
    _print(rows, ("name", "surveys", "outputs", "version", "trained_on", "summary"), as_json)


def filters(verb: Verb = "list", as_json: Json = False) -> None:
    """List the filters: topic, rate cap, columns, settings.

    Example: skysift filters
    """
    from skysift.filters import discover

    rows = [
        {
            "name": f.name,
            "summary": f.summary,
            "topic": f.topic,
            "max_per_night": f.max_per_night,
            "order_by": f.order_by,
            "columns": list(f.columns),
            "settings": f.settings,
        }
        for f in discover().values()
    ]
    _print(rows, ("name", "topic", "summary"), as_json)


models_app = typer.Typer(
    help="List the trained networks, or import published weights.",
    invoke_without_command=True,
)


@models_app.callback()
def models(context: typer.Context, as_json: Json = False) -> None:
    """List the trained networks: version, training data, metrics.

    Example: skysift models list
    """
    if context.invoked_subcommand is None:
        _list_models(as_json)


@models_app.command("list")
def models_list(as_json: Json = False) -> None:
    """List the trained networks: version, training data, metrics."""
    _list_models(as_json)


@models_app.command("import")
def models_import(
    name: Annotated[str, typer.Argument(help="Published network, e.g. btsbot-v1.0.1.")],
    path: Annotated[
        Path, typer.Argument(help="The published archive, a SavedModel folder or its variables/.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")],
) -> None:
    """Import published weights into our network, checked.

    Example: skysift models import btsbot-v1.0.1 best_model/variables --output weights/
    """
    import importlib

    from skysift.models import discover

    model = next((model for model, presets in discover().items() if name in presets), None)
    if model is None:
        known = [n for presets in discover().values() for n, p in presets.items() if p.source]
        raise ValueError(f"nothing is known of {name!r}; there are: {', '.join(known)}")
    importing = importlib.import_module(f"skysift.models.{model}.importing")
    with err.status(f"importing {name} …"):
        written = importing.import_published(path, output)
    err.print(f"{name} → {written}")


@models_app.command("export")
def models_export(
    weights: Annotated[Path, typer.Argument(help="A .keras file, or a folder with one.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File (ONNX) or folder (SavedModel) to write.")
    ],
    kind: Annotated[str, typer.Option("--format", help="onnx or savedmodel.")] = "onnx",
) -> None:
    """Write trained weights for other programs, checked against the network.

    Example: skysift models export weights/ --format onnx --output btsbot.onnx
    """
    from skysift.models.btsbot.exporting import export_weights

    with err.status(f"exporting {weights} …"):
        differences = export_weights(weights, output, kind=kind)
    told = ", ".join(f"{value:.1e} in a batch of {size}" for size, value in differences.items())
    err.print(f"{weights} → {output}; largest difference: {told}")


def _list_models(as_json: bool) -> None:
    rows = _weights()
    if not as_json:
        rows = [{**row, "metrics": _figures(row.get("metrics", {}))} for row in rows]
    _print(rows, ("model", "weights", "default", "version", "trained_on", "metrics"), as_json)


def _figures(metrics: dict[str, Any]) -> dict[str, str]:
    """Pick the single numbers out of an evaluation."""
    return {name: f"{value:.3g}" for name, value in metrics.items() if isinstance(value, float)}


def _weights() -> list[dict[str, Any]]:
    """Describe all known weights: those that ship with what their sidecar says of them."""
    from skysift.models import discover

    return [
        {
            "model": model,
            "weights": name,
            "default": preset.default,
            "trained_on": preset.trained_on,
            "licence": preset.licence,
            "description": preset.description,
            "import": preset.source.get("how"),
            **preset.facts,
        }
        for model, presets in discover().items()
        for name, preset in presets.items()
    ]


def _print(rows: list[dict[str, Any]], shown: tuple[str, ...], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(rows, indent=2, default=str))
        return
    table = Table(*shown, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(_cell(row.get(name)) for name in shown))
    out.print(table)


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
