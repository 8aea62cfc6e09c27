"""The command's front door: mounts the verbs, turns known errors into one line and exit code 2."""

from __future__ import annotations

import logging
import os
import sys

import typer
from rich.markup import escape

from skysift import __version__
from skysift.cli import (
    data,
    evaluate,
    frames,
    learn,
    listing,
    marshal,
    predict,
    rate,
    run,
    score,
    simulate,
    subscribe,
    train,
)
from skysift.cli.console import err

BAD_INPUT = 2
USER_ERRORS = (
    FileExistsError,
    FileNotFoundError,
    IsADirectoryError,
    KeyError,
    NotADirectoryError,
    PermissionError,
    ValueError,
)
"""What wrong input leads to; anything else is our fault and shows its traceback."""

app = typer.Typer(
    name="skysift",
    help="Deep-learning science modules and filters for astronomical alert streams.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run.run)
app.command("score")(score.score)
app.command("modules")(listing.modules)
app.command("filters")(listing.filters)
app.add_typer(listing.models_app, name="models")
app.command("subscribe")(subscribe.subscribe)
app.add_typer(simulate.app, name="simulate")
app.add_typer(data.app, name="data")
app.add_typer(train.app, name="train")
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(predict.app, name="predict")
app.command("rate")(rate.rate)
app.add_typer(learn.app, name="learn")
app.add_typer(frames.app, name="frames")
app.command("marshal")(marshal.marshal)


@app.callback(invoke_without_command=True)
def _options(
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
    verbose: bool = typer.Option(False, "--verbose", "-v", help="Log what is going on."),
) -> None:
    if version:
        typer.echo(f"skysift {__version__}")
        raise typer.Exit
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )


def main() -> None:
    """Run the command; errors that a user can mend become one line and exit code 2."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        app()
    except (*USER_ERRORS, ImportError) as error:
        # Python names the module that it lacks; we say which extra to install.
        broken = isinstance(error, ImportError) and error.name is not None
        if broken or "-v" in sys.argv or "--verbose" in sys.argv:
            raise
        told = escape(_message(error))  # "[training] epochs …" is no markup
        err.print(f"[bold red]skysift:[/] {told}", highlight=False, soft_wrap=True)
        sys.exit(BAD_INPUT)


def _message(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.strerror}: {error.filename}"
    return str(error.args[0] if isinstance(error, KeyError) and error.args else error)
