"""What a comparison needs before it begins: galaxies with votes, and a trunk. Each made once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from skysift.campaigns.kind import Tell
from skysift.campaigns.zoobot.settings import Settings
from skysift.campaigns.zoobot.simulation.options import Options
from skysift.datasets.galaxies import BuildOptions, build_galaxy_set
from skysift.galaxy_zoo import Tree, read_tree
from skysift.models import _backend
from skysift.models._weights import read_weights
from skysift.models.zoobot.training_set import GalaxySet, read_galaxy_set
from skysift.simulate.galaxies import Settings as GalaxySettings
from skysift.simulate.galaxies import write_galaxies

SHARES = {"train": 0.5, "validation": 0.3, "test": 0.2}
"""Of simulated galaxies: the pool, those that the trunk learns from, and those that judge."""

SIMULATED = "gz2"
"""Tree of the votes on simulated galaxies."""

TRUNK = "trunk"
EPOCHS = 30
SEEN = 0.8
"""Of an image's side, about, that the trunk sees."""


def check(options: Options) -> None:
    """Refuse what would fail after an hour.

    Raises
    ------
    ValueError
        If there is no such question, or no trunk without it; or trunk or network cannot be read.
    """
    tree = read_galaxy_set(options.set).tree if options.set else read_tree(SIMULATED)
    settings = Settings(tree=tree.name, questions=options.question, target=options.question)
    settings.learned()
    if options.trunk:
        read_weights(options.trunk)
    elif options.network:
        replace(settings, config=options.network).network()
    else:
        without(tree, options.question)


def galaxies_of(options: Options, save: Path, tell: Tell) -> GalaxySet:
    """Return the galaxies: those that are given, or simulated ones."""
    if options.set:
        return read_galaxy_set(options.set)
    made = save / "galaxies"
    settings = GalaxySettings(seed=options.galaxy_seed, size=options.size, tree=SIMULATED)
    write_galaxies(
        options.galaxies, made, settings,
        progress=lambda done: tell("simulating galaxies", done, options.galaxies),
    )  # fmt: skip
    build_galaxy_set(
        made / "votes.csv", made, save / "set",
        BuildOptions(size=options.size, shares=SHARES), truth=made / "truth.parquet",
        progress=lambda read, kept: tell("building the set", read, options.galaxies),
    )  # fmt: skip
    return read_galaxy_set(save / "set")


def trunk_of(galaxies: GalaxySet, options: Options, save: Path, tell: Tell) -> Path:
    """Return weights for the trunk: those given, or learned from the validation part.

    It learns all questions but the one that is compared on and those behind it, from galaxies that
    are neither asked about nor judge: what it knows of that question it does not have from votes
    on it.
    """
    if options.trunk:
        return Path(options.trunk)
    folder = save / TRUNK
    if (folder / f"{TRUNK}.json").is_file():
        return folder
    _backend.import_keras()
    from skysift.models.zoobot.config import read_config
    from skysift.models.zoobot.training import train

    side = max(16, int(SEEN * galaxies.shards.shape[0]) // 16 * 16)
    config = read_config(
        {
            "network": {"name": "bayesian_cnn", "side": side, "zoom": [1.0, 1.3]},
            "training": {"loss": "multinomial", "epochs": EPOCHS, "patience": 6},
            "recalibration": {"enabled": False},
        }
    )
    train(
        _others(galaxies, options.question), config, folder, name=TRUNK,
        trained_on=f"{int(0.85 * len(galaxies.part('validation')))} galaxies and all questions but "
        f"{options.question}",
        progress=lambda tick: tell("learning the trunk", tick.epoch - (tick.batch > 0), EPOCHS),
    )  # fmt: skip
    return folder


def _others(galaxies: GalaxySet, question: str) -> GalaxySet:
    """Make a set of the validation part and the other questions."""
    part = galaxies.part("validation")
    split = np.where(np.arange(len(part)) % 7 == 0, "validation", "train")
    table = part.galaxies.assign(split=split)
    return replace(galaxies, galaxies=table, tree=without(galaxies.tree, question))


def without(tree: Tree, question: str) -> Tree:
    """Leave a question out, and all that it leads to.

    Raises
    ------
    ValueError
        If nothing is left.

    Examples
    --------
    >>> from skysift.galaxy_zoo import read_tree
    >>> [q.name for q in without(read_tree("gz2"), "disk-edge-on").questions]
    ['smooth-or-featured', 'something-odd', 'how-rounded']
    """
    gone = {question}
    for one in tree.questions:  # each comes behind the one that leads to it
        if one.parent in gone:
            gone.add(one.name)
    left = tuple(one for one in tree.questions if one.name not in gone)
    if not left:
        raise ValueError(
            f"nothing of {tree.name} is left for a trunk without {question}: give one with --trunk"
        )
    return Tree(tree.name, tree.title, left)
