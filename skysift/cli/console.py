"""Where the command prints: results to standard output, everything else to standard error."""

from __future__ import annotations

import sys

from rich.console import Console

WIDE = 160
"""Columns of what is printed to a file or a pipe, which have no width of their own."""

out = Console(width=None if sys.stdout.isatty() else WIDE)
err = Console(stderr=True, width=None if sys.stderr.isatty() else WIDE)
