"""Reading the keyboard: single keys from a terminal, lines from anything else."""

from __future__ import annotations

import sys

END = "q"
"""What the end of the input means."""


def read_key() -> str:
    """Wait for a key; where the input is no terminal, take the first letter of a line."""
    if not sys.stdin.isatty():
        return _first_letter()
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    try:
        tty.setcbreak(terminal)
        return sys.stdin.read(1) or END
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def read_line() -> str:
    """Wait for a line."""
    return sys.stdin.readline() or END


def _first_letter() -> str:
    line = sys.stdin.readline()
    while line and not line.strip():
        line = sys.stdin.readline()
    return line.strip()[:1] or END
