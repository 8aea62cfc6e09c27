"""Where the files of a frame are: in a folder, or in the archive first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from skysift.alerts.frame_name import FrameName
from skysift.frames.fetch import Archive, NotThereError
from skysift.frames.ids import FrameFiles, files_in


class Finder:
    """Finds the files of frames, and fetches what is not here; from several threads at once.

    Parameters
    ----------
    folder : Path
        Laid out as the archive; what is fetched is put into it.
    archive : Archive or None
        None: nothing is fetched.
    difference : bool
        Whether the search needs the difference.

    Attributes
    ----------
    here : mapping of str to FrameFiles
        Frames that lie elsewhere, by their ids.
    """

    def __init__(self, folder: Path, archive: Archive | None, *, difference: bool = True) -> None:
        self._folder = folder
        self._archive = archive
        self._difference = difference
        self.here: Mapping[str, FrameFiles] = {}

    def files(self, frame: str) -> FrameFiles:
        """Say where a frame's files lie, be they there or not."""
        return self.here.get(frame) or files_in(self._folder, FrameName.parse(frame))

    def __call__(self, frame: str) -> FrameFiles:
        """Find the files of a frame.

        Raises
        ------
        NotThereError
            If one is not there, and the archive does not have it either.
        FetchError
            If the archive cannot be had.
        """
        files = self.files(frame)
        missing = self._missing(files)
        if missing and self._archive is not None:
            name = FrameName.parse(frame)
            return self._archive.fetch(name, self._folder, difference=self._difference)
        if missing:
            raise NotThereError(f"{missing[0]} is not there (yet)")
        return files

    def _missing(self, files: FrameFiles) -> list[Path]:
        return [path for path in files.missing() if self._difference or path != files.difference]
