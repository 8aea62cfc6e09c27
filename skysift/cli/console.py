"""Where the command prints: results to standard output, everything else to standard error."""

from __future__ import annotations

from rich.console import Console

out = Console(soft_wrap=True)
err = Console(stderr=True)
