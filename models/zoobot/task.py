"""What a training is about, settled before anything is computed: labels, galaxies, network."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from skysift.models._fitting.fingerprint import digest
from skysift.models._fitting.precision import resolve
from skysift.models.zoobot import networks
from skysift.models.zoobot.config import OF_CONCENTRATIONS, Config
from skysift.models.zoobot.labels import Labels, labels_of
from skysift.models.zoobot.networks.answers import CONCENTRATIONS, FRACTIONS, PUBLISHED
from skysift.models.zoobot.training_set import GalaxySet

FITTED = ("train", "validation")


@dataclass(frozen=True, eq=False)
class Task:
    """A training, before it begins.

    Attributes
    ----------
    config : Config
    labels : Labels
    parts : dict of str to GalaxySet
        ``train`` and ``validation``: galaxies with enough votes.
    left_out : dict of str to int
        Of each part, galaxies with too few.
    network : dict
        Name and all settings, as the sidecar has them.
    """

    config: Config
    labels: Labels
    parts: dict[str, GalaxySet]
    left_out: dict[str, int]
    network: dict[str, Any]

    @cached_property
    def decides(self) -> dict[str, Any]:
        """All that decides how a training ends."""
        training = {
            **asdict(self.config.training), "precision": resolve(self.config.training.precision)
        }  # fmt: skip
        ids = {part: digest(members.ids.tolist()) for part, members in self.parts.items()}
        set_ = digest(dict(self.parts["train"].facts))
        return {
            **self.config.as_dict, "network": self.network, "training": training, "set": set_,
            "galaxies": ids,
        }  # fmt: skip


def task_of(galaxies: GalaxySet, config: Config) -> Task:
    """Settle a training.

    Raises
    ------
    ValueError
        If a question, an answer or a column is not there; if a part has no galaxy with enough
        votes; or if galaxies have no image.
    """
    labels = labels_of(galaxies.tree, config.labels.question, config.labels.answer)
    parts, left_out = {}, {}
    for part in FITTED:
        members = galaxies.part(part)
        usable = labels.enough(members.galaxies, config.labels.min_votes)
        if not usable.any():
            raise ValueError(
                f"the {part} part has no galaxy with {config.labels.min_votes} votes or more on "
                f"{' or '.join(q.name for q in labels.tree.questions)}, of {len(members)}"
            )
        parts[part], left_out[part] = members.where(usable), int((~usable).sum())
        _check_images(parts[part])
    return Task(config, labels, parts, left_out, network_of(galaxies, labels, config))


def network_of(galaxies: GalaxySet, labels: Labels, config: Config) -> dict[str, Any]:
    """Return the name and all settings of the network, as the sidecar has them."""
    name, training = config.network.name, config.training
    side, _, channels = galaxies.shards.shape
    kind = FRACTIONS
    if training.loss in OF_CONCENTRATIONS:
        kind = PUBLISHED if training.published_concentrations else CONCENTRATIONS
    settings = {
        **networks.settings_of(name), **config.network.settings, "stored": side,
        "channels": channels, "pixels": str(galaxies.shards.dtype), "answers": labels.counts,
        "kind": kind,
    }  # fmt: skip
    return {"name": name, "settings": json.loads(json.dumps(settings))}


def _check_images(galaxies: GalaxySet) -> None:
    missing = [galaxy for galaxy in galaxies.ids if galaxy not in galaxies.shards.ids]
    if missing:
        raise ValueError(
            f"{len(missing)} galaxies of {galaxies.folder} have no image in its shards, such as "
            f"{missing[0]}: build the set again"
        )
