"""What share of people give each answer: the known map from a galaxy to its votes.

Most questions ask how much there is of something. Their answers are in an order, and people have
thresholds that scatter: the share whose answer lies above the k-th cut is
``1 / (1 + exp((cut - signal) / width))`` (McCullagh 1980, J. R. Stat. Soc. B 42, 109). The cuts are
ours, set so that the shares of answers come out as those of Galaxy Zoo, about. All is smooth in the
galaxy's parameters, and a few people always answer at random.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from skysift.galaxy_zoo import Question, Tree
from skysift.simulate.galaxies.seen import Seen

SLIP = 0.03
"""Share of people who answer at random."""


@dataclass(frozen=True)
class Scale:
    """A question whose answers are in an order.

    Attributes
    ----------
    rising : tuple of str
        Answers from least to most.
    signal : str
        Attribute of `Seen`.
    cuts : tuple of float
        Between neighbouring answers.
    width : float
        How much people's thresholds scatter.
    """

    rising: tuple[str, ...]
    signal: str
    cuts: tuple[float, ...]
    width: float


_SIZES = {
    4: Scale(("no", "just-noticeable", "obvious", "dominant"), "bulge", (0.20, 0.42, 0.72), 0.06),
    5: Scale(("none", "small", "moderate", "large", "dominant"), "bulge",
             (0.12, 0.32, 0.50, 0.72), 0.06),
    3: Scale(("none", "obvious", "dominant"), "bulge", (0.20, 0.68), 0.06),
}  # fmt: skip

SCALES: dict[str, tuple[Scale, ...]] = {
    "disk-edge-on": (Scale(("no", "yes"), "edge", (0.5,), 0.11),),
    "has-spiral-arms": (Scale(("no", "yes"), "arms", (0.22,), 0.08),),
    "bar": (
        Scale(("no", "yes"), "bar", (0.34,), 0.08),
        Scale(("no", "weak", "strong"), "bar", (0.26, 0.50), 0.07),
    ),
    "bulge-size": tuple(_SIZES.values()),
    "something-odd": (Scale(("no", "yes"), "odd", (0.30,), 0.07),),
    "how-rounded": tuple(
        Scale((cigar, "in-between", full), "axis_ratio", (0.40, 0.75), 0.05)
        for cigar, full in (("cigar", "round"), ("cigar-shaped", "round"),
                            ("cigar-shaped", "completely"))
    ),
    "spiral-winding": (Scale(("tight", "medium", "loose"), "pitch", (13.0, 20.0), 2.5),),
    "merging": (
        Scale(("none", "minor-disturbance", "major-disturbance", "merger"), "merging",
              (0.16, 0.32, 0.45), 0.045),
    ),
}  # fmt: skip
"""Questions on a scale; several where campaigns offered different answers."""


def answer_shares(tree: Tree, seen: Seen) -> np.ndarray:
    """Share of each answer among those who are asked.

    Parameters
    ----------
    tree : Tree
        One of those in `skysift.galaxy_zoo`.
    seen : Seen

    Returns
    -------
    ndarray (columns,), float64
        In the order of ``tree.columns``; of each question they sum to one.

    Raises
    ------
    ValueError
        If a question is not known.
    """
    return np.concatenate([_shares(question, seen) for question in tree.questions])


def _shares(question: Question, seen: Seen) -> np.ndarray:
    scale, own_way = _scale(question), _own_way(question)
    if scale is not None:
        by_answer = _on_scale(scale, getattr(seen, scale.signal))
    elif own_way is not None:
        by_answer = own_way(seen)
    else:
        told = ", ".join(question.answers)
        raise ValueError(f"nobody simulated can answer {question.name!r} with: {told}")
    shares = np.array([by_answer[answer] for answer in question.answers])
    shares /= shares.sum()
    return (1.0 - SLIP) * shares + SLIP / len(shares)


def _scale(question: Question) -> Scale | None:
    for scale in SCALES.get(question.name, ()):
        if set(scale.rising) == set(question.answers):
            return scale
    return None


def _on_scale(scale: Scale, signal: float) -> dict[str, float]:
    above = [1.0, *(_logistic((signal - cut) / scale.width) for cut in scale.cuts), 0.0]
    return dict(zip(scale.rising, -np.diff(above), strict=True))


def _smooth_or_featured(seen: Seen) -> dict[str, float]:
    featured = _logistic((seen.featured - 0.46) / 0.10)
    rest = 1.0 - seen.artefact
    return {
        "smooth": rest * (1.0 - featured),
        "featured-or-disk": rest * featured,
        "artifact": seen.artefact,
    }


def _edge_on_bulge(seen: Seen, names: tuple[str, str, str]) -> dict[str, float]:
    none, boxy, rounded = names
    without = _logistic((0.24 - seen.bulge) / 0.05)
    square = _logistic((seen.boxiness - 0.55) / 0.10)
    return {
        none: without, boxy: (1.0 - without) * square, rounded: (1.0 - without) * (1.0 - square)
    }  # fmt: skip


def _arm_count(seen: Seen) -> dict[str, float]:
    doubt = 0.3 + 0.6 * seen.raggedness + 0.5 * (1.0 - seen.arms)
    numbers = {"1": 1, "2": 2, "3": 3, "4": 4, "more-than-4": 5}
    true = min(seen.arm_count, 5.0) or 2.0  # who sees arms where there are none sees two
    weights = {name: np.exp(-0.5 * ((n - true) / doubt) ** 2) for name, n in numbers.items()}
    total = sum(weights.values())
    lost = _logistic((0.7 * seen.raggedness + 0.12 * true - 1.4 * seen.arms - 0.25) / 0.2)
    shares = {name: (1.0 - lost) * weight / total for name, weight in weights.items()}
    return {**shares, "cant-tell": lost}


def _merging_of_dr12(seen: Seen) -> dict[str, float]:
    pair = _logistic((seen.companion - 0.35) / 0.07)
    debris = _logistic((seen.tidal - 0.28) / 0.07)
    return {
        "neither": (1.0 - pair) * (1.0 - debris),
        "tidal-debris": (1.0 - pair) * debris,
        "both": pair * debris,
        "merger": pair * (1.0 - debris),
    }


_OWN_WAYS: dict[str, Callable[[Seen], dict[str, float]]] = {
    "smooth-or-featured": _smooth_or_featured,
    "bulge-shape": lambda seen: _edge_on_bulge(seen, ("no-bulge", "boxy", "round")),
    "edge-on-bulge": lambda seen: _edge_on_bulge(seen, ("none", "boxy", "rounded")),
    "spiral-arm-count": _arm_count,
    "merging": _merging_of_dr12,
}


def _own_way(question: Question) -> Callable[[Seen], dict[str, float]] | None:
    own_way = _OWN_WAYS.get(question.name)
    if own_way is None:
        return None
    nothing = Seen(*np.zeros(len(Seen.__dataclass_fields__)).tolist())
    return own_way if set(question.answers) <= set(own_way(nothing)) else None


def _logistic(x: float) -> float:
    return float(0.5 * (1.0 + np.tanh(0.5 * x)))
