"""Training sets of galaxies with votes: from a catalog and a folder of images to shards.

`build_galaxy_set` reads any catalog whose layout is known or told (`read_layout`, `read_catalog`),
finds the images, and writes what `skysift.models.zoobot.training_set.read_galaxy_set` opens;
`check_galaxy_set` verifies all of it. `published` and `cutouts` bring public votes and images.
"""

from __future__ import annotations

from skysift.datasets.galaxies.build import BuildOptions, build_galaxy_set
from skysift.datasets.galaxies.catalog import CatalogError, read_catalog
from skysift.datasets.galaxies.check import check_galaxy_set
from skysift.datasets.galaxies.index import SetIndex
from skysift.datasets.galaxies.layout import LAYOUTS, Layout, choose_layout, read_layout

__all__ = [
    "LAYOUTS",
    "BuildOptions",
    "CatalogError",
    "Layout",
    "SetIndex",
    "build_galaxy_set",
    "check_galaxy_set",
    "choose_layout",
    "read_catalog",
    "read_layout",
]
