"""``skysift predict``: a folder of images and weights in, a table of what a model says out."""

from __future__ import annotations

import typer

from skysift.cli import ganomaly, zoobot_predict

app = typer.Typer(help="Ask a model about a folder of images.", no_args_is_help=True)
app.command("ganomaly")(ganomaly.predict)
app.command("zoobot")(zoobot_predict.predict)
