"""The ``skysift`` command: parse, call one function, print."""

from __future__ import annotations

from skysift.cli.main import app, main

__all__ = ["app", "main"]
