"""Serve the page until somebody stops it."""

from __future__ import annotations

import signal
import socket

import uvicorn
from fastapi import FastAPI

STOPPING = (signal.SIGINT, signal.SIGTERM)

ANY = ("0.0.0.0", "::")
"""Addresses that mean all of a machine's own."""


def listen(host: str, port: int) -> socket.socket:
    """Take the place before anything else is done: whoever comes early waits, and is not refused.

    Raises
    ------
    ValueError
        If another program listens there, or this machine has no such address.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named, or asyncio would not know that it may send without delay.
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen()
    except OSError as error:
        taken.close()
        raise ValueError(
            f"cannot listen at {host}:{port}: {error.strerror or error}; "
            "choose another with --host and --port"
        ) from None
    return taken


def address_of(place: socket.socket) -> str:
    """Tell what to open in a browser."""
    host, port, *_ = place.getsockname()
    if host in ANY:
        host = socket.gethostname()
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def serve(app: FastAPI, place: socket.socket) -> None:
    """Answer until the process is told to stop, by SIGINT or SIGTERM."""
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
    # When it has stopped, uvicorn raises the signal again, for whoever had been listening before.
    before = {number: signal.signal(number, _heard) for number in STOPPING}
    try:
        uvicorn.Server(config).run(sockets=[place])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _heard(number: int, frame: object) -> None:
    """Take a signal that was obeyed already."""
