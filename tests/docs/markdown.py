"""Take Markdown apart: links, headings, code."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("docs", "filters", "science_modules", "models", "benchmarks", "ci", ".github")

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", flags=re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", flags=re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language and its text, indentation of the list around it removed."""

    language: str
    text: str

    @property
    def lines(self) -> list[str]:
        """Lines, with those that end in a backslash joined to the next."""
        return self.text.replace("\\\n", " ").splitlines()


class Page:
    """One Markdown file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._text = path.read_text(encoding="utf-8")
        self._prose = _FENCE.sub("", self._text)

    def __str__(self) -> str:
        """Name the page as a person would."""
        return str(self.path.relative_to(ROOT))

    @property
    def blocks(self) -> list[Block]:
        """Fenced blocks."""
        return [Block(lang, textwrap.dedent(text)) for _, lang, text in _FENCE.findall(self._text)]

    @property
    def spans(self) -> list[str]:
        """Code within the prose."""
        return _SPAN.findall(self._prose)

    @property
    def links(self) -> list[str]:
        """Targets that are no addresses on the web."""
        return [link for link in _LINK.findall(self._prose) if "://" not in link]

    @property
    def anchors(self) -> set[str]:
        """Names of the headings, as GitHub makes them."""
        kept = (re.sub(r"[^\w\- ]", "", head.lower()) for head in _HEADING.findall(self._prose))
        return {head.replace(" ", "-") for head in kept}


def pages() -> list[Page]:
    """Find every Markdown page of the project."""
    folders = [path for room in ROOMS for path in (ROOT / room).rglob("*.md")]
    return [Page(path) for path in sorted([*ROOT.glob("*.md"), *folders])]
