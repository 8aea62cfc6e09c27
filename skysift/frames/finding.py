"""Where the files of a frame are: in a folder, or in the archive first."""

from __future__ import annotations

from skysift.alerts.frame_file import FrameError


class NotThereError(FrameError):
    """A frame is not there yet; it may come."""
