"""The token of an account, which is sent to the server and shown to nobody."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "SKYPORTAL_TOKEN"
"""Environment variable with the token."""


class Token:
    """A token that does not show itself.

    Parameters
    ----------
    text : str
        One word, as SkyPortal shows it on the page of one's profile.

    Raises
    ------
    ValueError
        If it cannot be one; what was given is not repeated.

    Examples
    --------
    >>> Token("6b2b1b2e-0a54")
    Token(…)
    """

    def __init__(self, text: str) -> None:
        word = text.strip()
        if not word or not word.isascii() or not word.isprintable() or " " in word:
            raise ValueError(
                "a SkyPortal token is one word of plain letters; what was given is not"
            )
        self._word = word

    @property
    def header(self) -> str:
        """Value of the header ``Authorization``."""
        return f"token {self._word}"

    def hide_in(self, text: str) -> str:
        """Put ``…`` wherever the token stands in a text."""
        return text.replace(self._word, "…")

    def __repr__(self) -> str:
        return "Token(…)"


def read_token(file: Path | None = None) -> Token:
    """Read the token from a file, or else from the environment (`VARIABLE`).

    Raises
    ------
    ValueError
        If there is none, or it cannot be one.
    """
    if file is None and not os.environ.get(VARIABLE):
        raise ValueError(f"no token: set {VARIABLE}, or name a file with --token-file")
    where = VARIABLE if file is None else str(file)
    text = os.environ[VARIABLE] if file is None else file.read_text(encoding="utf-8")
    try:
        return Token(text)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
