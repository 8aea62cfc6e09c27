"""Galaxies one after another: picture, truth and votes, each from its own dice."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from skysift.galaxy_zoo import Tree, read_tree
from skysift.simulate.galaxies.around import add_background, draw_stars
from skysift.simulate.galaxies.artefacts import add_bright_star, add_trail
from skysift.simulate.galaxies.camera import View, add_noise, draw_view, expose, picture
from skysift.simulate.galaxies.kinds import draw_structure
from skysift.simulate.galaxies.light import add_galaxy
from skysift.simulate.galaxies.opinions import answer_shares
from skysift.simulate.galaxies.seen import Seen, see
from skysift.simulate.galaxies.settings import Settings
from skysift.simulate.galaxies.structure import Structure
from skysift.simulate.galaxies.survey import SURVEYS
from skysift.simulate.galaxies.votes import draw_votes

SKY, PEOPLE = 0, 1
"""Whose dice: other volunteers see the same pictures."""


@dataclass(frozen=True)
class Galaxy:
    """A simulated galaxy.

    Attributes
    ----------
    id_str : str
    picture : ndarray (size, size, 3) uint8
        Red, green, blue.
    structure : Structure
        What it is.
    view : View
        How it was seen.
    seen : Seen
        What can be seen of it.
    shares : ndarray (columns,), float64
        True probability of each answer among those who are asked, as the tree orders them.
    votes : ndarray (columns,), int64
    """

    id_str: str
    picture: np.ndarray
    structure: Structure
    view: View
    seen: Seen
    shares: np.ndarray
    votes: np.ndarray


def make_galaxies(settings: Settings, numbers: Iterable[int]) -> Iterator[Galaxy]:
    """Make galaxies; each depends on the settings and its number alone.

    Parameters
    ----------
    settings : Settings
    numbers : iterable of int
        Which, from 0.

    Examples
    --------
    >>> galaxy = next(make_galaxies(Settings(seed=1, size=32), [7]))
    >>> galaxy.id_str, galaxy.picture.shape, galaxy.structure.kind
    ('sim-1-0000007', (32, 32, 3), 'lenticular')
    """
    tree = read_tree(settings.tree)
    for number in numbers:
        yield _make(settings, tree, number)


def name_of(settings: Settings, number: int) -> str:
    """Return the id of a galaxy."""
    return f"sim-{settings.seed}-{number:07d}"


def _make(settings: Settings, tree: Tree, number: int) -> Galaxy:
    rng = np.random.default_rng([settings.seed, number, SKY])
    structure = draw_structure(settings.mix, rng)
    survey = SURVEYS[settings.survey]
    if survey.stamps is not None:
        structure = structure.farther(math.exp(rng.uniform(*np.log(survey.stamps.distances))))
    pixel = settings.pixel or settings.field * structure.r90 / settings.size
    view = draw_view(survey, settings.size, pixel, rng=rng)
    seen = see(structure, view)
    shares = answer_shares(tree, seen)
    people = np.random.default_rng([settings.seed, number, PEOPLE])
    votes = draw_votes(tree, shares, settings.volunteers, settings.overdispersion, rng=people)
    name = name_of(settings, number)
    return Galaxy(
        name, take_picture(structure, view, rng=rng), structure, view, seen, shares, votes
    )


def take_picture(structure: Structure, view: View, *, rng: np.random.Generator) -> np.ndarray:
    """Draw a galaxy, and what lies around it, as a survey shows it, (side, side, 3) uint8."""
    canvas = np.zeros((3, view.canvas_side, view.canvas_side), np.float32)
    add_background(canvas, view.survey, view.pixel, rng=rng)
    if structure.kind not in ("star", "blank"):
        add_galaxy(canvas, structure, view.survey, view.pixel, rng=rng)
    image = expose(canvas, draw_stars(view.side, view.survey, view.pixel, rng=rng), view)
    if structure.kind == "star":
        add_bright_star(image, structure.r_mag, view, rng=rng)
    if structure.trail > 0.0:
        add_trail(image, structure.trail, view, rng=rng)
    add_noise(image, view, rng=rng)
    return picture(image, view)
