"""The table [vra] of a campaign's file, and what is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from skysift.active_learning.questions import TRANSIENT, Choice
from skysift.models.vra import atlas, labels
from skysift.models.vra.beliefs import Beliefs, read_beliefs
from skysift.models.vra.labels import TARGETS, LabelMap, read_label_map

RANK = "rank"
"""Asked about: all that the rank is made of."""

MAPS = {
    "published": labels.FILE,
    "simulation": labels.FILE.with_name("labels_simulation.toml"),
    "atlas": atlas.LABELS,
}
"""Label maps that ship."""


@dataclass(frozen=True)
class Settings:
    """What can be chosen."""

    target: str = field(
        default=RANK,
        metadata={
            "choices": (RANK, *TARGETS),
            "doc": "what questions are about: all of the rank, or one target alone",
        },
    )
    labels: str = field(
        default="published",
        metadata={
            "path": tuple(MAPS),
            "doc": f"what answers teach: {', '.join(MAPS)}, or a TOML file like labels.toml",
        },
    )
    min_detections: int = field(
        default=1, metadata={"low": 0, "doc": "positive detections that an alert must have"}
    )
    dust: str = field(
        default="",
        metadata={"path": (), "doc": "folder with the dust maps of Schlegel et al. 1998"},
    )

    beliefs: str = field(
        default="",
        metadata={
            "path": (),
            "doc": "TOML file of what is believed of features before any label; by default nothing",
        },
    )

    sherlock: str = field(
        default="",
        metadata={
            "path": (),
            "doc": "SQLite file for Sherlock's verdicts, asked of Lasair with LASAIR_TOKEN; "
            "by default nobody is asked",
        },
    )

    def believed(self) -> Beliefs:
        """Read what is believed; nothing by default.

        Raises
        ------
        FileNotFoundError
            If it is not there.
        ConfigError
            If it is no file of beliefs.
        """
        return read_beliefs(self.beliefs) if self.beliefs else Beliefs({})

    def label_map(self) -> LabelMap:
        """Read the label map.

        Raises
        ------
        FileNotFoundError
            If it is not there.
        ConfigError
            If it is no label map.
        """
        return read_label_map(MAPS.get(self.labels, Path(self.labels)))


def form(settings: Settings) -> Choice:
    """Ask with the keys of the label map."""
    return Choice(TRANSIENT.prompt, settings.label_map().keys)


def unused(settings: Settings) -> tuple[str, ...]:
    """Return the answers that say nothing of what is asked about."""
    wanted = {"real", "gal"} if settings.target == RANK else {settings.target}
    meanings = settings.label_map().meanings
    return tuple(answer for answer, meaning in meanings.items() if not wanted & meaning.keys())
