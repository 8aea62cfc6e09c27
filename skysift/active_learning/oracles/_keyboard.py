"""Reading the keyboard: single keys from a terminal, lines from anything else."""

from __future__ import annotations

import os
import select
import sys

END = "q"
"""What the end of the input means."""

ESCAPE = b"\x1b"
ESCAPE_TIME = 0.05
"""Seconds in which the rest of what an arrow key sends arrives."""


def read_key() -> str:
    """Wait for a key; where the input is no terminal, take the first letter of a line.

    What was typed before the call is no answer to what was shown since, and is thrown away.
    """
    if not sys.stdin.isatty():
        return _first_letter()
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    try:
        tty.setcbreak(terminal, termios.TCSAFLUSH)
        return _whole_key(terminal)
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def read_line() -> str:
    """Wait for a line."""
    return sys.stdin.readline() or END


def _whole_key(terminal: int) -> str:
    """Read a key: all that an arrow sends, ESC [ A say, is one key and never the letter A."""
    key = os.read(terminal, 1)
    while key.startswith(ESCAPE) and select.select([terminal], [], [], ESCAPE_TIME)[0]:
        key += os.read(terminal, 1)
    return key.decode("latin-1") or END


def _first_letter() -> str:
    line = sys.stdin.readline()
    while line and not line.strip():
        line = sys.stdin.readline()
    return line.strip()[:1] or END
