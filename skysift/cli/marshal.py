"""``skysift marshal``: the page where people see candidates and label them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from skysift.cli.console import err

TOKEN = "SKYSIFT_MARSHAL_TOKEN"
"""Environment variable with the token that people log in with."""


def marshal(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Folders with candidates: a sink of `skysift run`, a folder of `skysift "
            "subscribe --save`, or any alerts.",
            show_default=False,
        ),
    ] = None,
    ledger: Annotated[
        str | None,
        typer.Option(
            "--ledger",
            help="File or database URL of questions and labels. Default: labels.db in the first "
            "folder.",
        ),
    ] = None,
    campaign: Annotated[
        str, typer.Option("--campaign", help="What labels of the folders' candidates are for.")
    ] = "candidates",
    alerts: Annotated[
        list[Path] | None,
        typer.Option(
            "--alerts", help="Where the alerts of a learning campaign are; may be repeated."
        ),
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option("--pictures", help="Folder of ITEM.png or .jpg, for what is no alert."),
    ] = None,
    rank: Annotated[
        str, typer.Option("--rank", help="Order of candidates: MODULE.OUTPUT, or jd for newest.")
    ] = "jd",
    host: Annotated[str, typer.Option("--host", help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535)] = 8765,
    names: Annotated[
        list[str] | None,
        typer.Option("--name", help="Another host name that people reach it by; may be repeated."),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file",
            help=f"File with the token to log in with; else {TOKEN}. Demanded beyond loopback.",
        ),
    ] = None,
) -> None:
    """Serve the page where people see candidates and label them.

    Labels go into a ledger, under the name that each person gives once. The page is served to this
    machine alone; with --host, or under another --name, it is open to others, who must log in
    with a token.

    Examples:

      skysift marshal out/demo --rank btsbot.score

      skysift marshal --ledger vra/labels.db --alerts packets/

    Exit codes: 0 stopped, 2 bad input.
    """
    try:
        from skysift.marshal.app import create_app
        from skysift.marshal.guard import is_loopback, own_names
        from skysift.marshal.opening import open_room
        from skysift.marshal.secrecy import Secrecy
        from skysift.marshal.server import address_of, listen, serve
    except ModuleNotFoundError as error:
        raise ImportError(f"the page needs {error.name}: pip install 'skysift[marshal]'") from None

    with listen(host, port) as place:
        with err.status("reading alerts …"):
            room = open_room(
                folders or [],
                ledger=ledger,
                campaign=campaign,
                alerts=alerts or [],
                pictures=pictures,
                rank=rank,
            )
        beyond = not is_loopback(host)
        token = _token(token_file, wanted=beyond or bool(names))  # a name is a proxy's, for others
        known = {*(names or []), *(own_names() if beyond else ())}
        app = create_app(room, Secrecy(token), names=known, any_address=beyond)
        err.print(f"{address_of(place)}   Ctrl-C to stop", highlight=False)
        serve(app, place)


def _token(file: Path | None, *, wanted: bool) -> str | None:
    """Read the token; where one is wanted and none given, draw one and show it, once."""
    from skysift.marshal.secrecy import new_token

    given = file.read_text(encoding="utf-8") if file is not None else os.environ.get(TOKEN, "")
    if given.strip():
        return given.strip()
    if not wanted:
        return None
    drawn = new_token()
    err.print(f"token, for this time: [bold]{drawn}[/]   (to keep one: {TOKEN})", highlight=False)
    return drawn
