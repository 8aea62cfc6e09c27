"""Galaxies with known truth and votes, made from a seed: what Zoobot and GANomaly learn from.

``DIR`` of ``skysift simulate galaxies --output DIR`` holds ::

    images/NNNN/ID.png   pictures, red, green and blue, a folder for each block of them
    votes.csv            a row a galaxy: id_str, image, votes <question>_<answer>, <question>_total
    truth.parquet        a row a galaxy: what it is (`Structure`), how it was seen (`View`), what
                         can be seen of it (`Seen`, seen_…), <question>_<answer>_p
    manifest.json        seed, settings, versions
    blocks/              the same tables in pieces, so that it can go on where it was stopped

What of it is not real is said in docs/simulated-galaxies.md.
"""

from __future__ import annotations

from skysift.simulate.galaxies.galaxy import Galaxy, make_galaxies
from skysift.simulate.galaxies.kinds import DEFAULT_MIX, KINDS
from skysift.simulate.galaxies.produce import write_galaxies
from skysift.simulate.galaxies.settings import Settings

__all__ = ["DEFAULT_MIX", "KINDS", "Galaxy", "Settings", "make_galaxies", "write_galaxies"]
