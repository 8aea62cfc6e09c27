"""Shares on the command line: ``NAME=SHARE,…``."""

from __future__ import annotations


def read_shares(text: str, option: str, example: str) -> dict[str, float]:
    """Read shares by name.

    Raises
    ------
    ValueError
        If the text is none; the message names the option.

    Examples
    --------
    >>> read_shares("train=0.8, test=0.2", "--shares", "train=1")
    {'train': 0.8, 'test': 0.2}
    """
    try:
        pairs = [pair.split("=") for pair in text.split(",")]
        return {name.strip(): float(share) for name, share in pairs}
    except ValueError:
        what = {"--mix": "KIND"}.get(option, "PART")
        raise ValueError(f"{option} takes {what}=SHARE,…, e.g. {example}; got {text!r}") from None
