"""Pictures of what is asked about where it is no alert: galaxies, frames."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}
"""Suffixes of files that are shown, and what a browser is told that they are."""


class Pictures:
    """Files named after items: ``ITEM.png`` or ``ITEM.jpg``.

    Parameters
    ----------
    folder : Path, optional
        By default there are none.

    Raises
    ------
    NotADirectoryError
        If the folder is none.
    """

    def __init__(self, folder: Path | None = None) -> None:
        if folder is not None and not folder.is_dir():
            raise NotADirectoryError(f"pictures must be in a folder. Got: {folder}")
        self._folder = folder

    def find(self, item: str) -> Path | None:
        """Return the picture of an item; names that would lead out of the folder have none."""
        if self._folder is None or not item or "/" in item or "\\" in item or "\0" in item:
            return None
        files = (self._folder / f"{item}{suffix}" for suffix in TYPES)
        return next((file for file in files if file.is_file()), None)

    def size(self, item: str) -> tuple[int, int] | None:
        """Return width and height of an item's picture [px]; None if there is none to be read."""
        file = self.find(item)
        if file is None:
            return None
        try:
            with Image.open(file) as picture:
                return picture.size
        except OSError:
            return None
