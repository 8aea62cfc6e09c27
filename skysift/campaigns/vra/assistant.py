"""The assistant as active learning wants it: all targets from one set of answers.

What it is uncertain about, and so what is asked, is either one target, or where an alert stands in
the rank: whether it is bogus, Galactic or extragalactic.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from skysift.active_learning.learner import Learner
from skysift.active_learning.pool import Pool
from skysift.campaigns.kind import NotEnoughLabelsError
from skysift.campaigns.vra.judging import judge
from skysift.campaigns.vra.settings import RANK, Settings
from skysift.models._weights import read_weights
from skysift.models.vra import stored
from skysift.models.vra.inputs import FEATURES
from skysift.models.vra.labels import TARGETS, LabelMap
from skysift.models.vra.learner import OneClassError, TargetModel, learn

NAME = "vra"
"""Stem of the weights."""


@dataclass(frozen=True, eq=False)
class Assistant:
    """What was learned of all targets.

    Attributes
    ----------
    version : str
    asked : str
        What predictions are of: a target, or the rank.
    classes : tuple of str
        Answers; the columns of a prediction.
    targets : mapping of str to TargetModel
    """

    version: str
    asked: str
    classes: tuple[str, ...]
    targets: Mapping[str, TargetModel]

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return probabilities (n, 2) of no and yes; or (n, 3): bogus, Galactic, extragalactic."""
        return self._joined({n: self.targets[n].predict(features) for n in parts(self.asked)})

    def committee(self, features: np.ndarray) -> np.ndarray:
        """Return the same of each member, (m, n, k)."""
        return self._joined({n: self.targets[n].committee(features) for n in parts(self.asked)})

    def _joined(self, p: Mapping[str, np.ndarray]) -> np.ndarray:
        if self.asked != RANK:
            return p[self.asked]
        real, galactic = p["real"][..., 1], p["gal"][..., 1]
        return np.stack([1 - real, real * galactic, real * (1 - galactic)], axis=-1)


def parts(asked: str) -> tuple[str, ...]:
    """Name the targets without which nothing can be said of what is asked."""
    return ("real", "gal") if asked == RANK else (asked,)


def classes(asked: str, label_map: LabelMap) -> tuple[str, ...]:
    """Name an answer for each column of a prediction.

    Raises
    ------
    ValueError
        If the label map has none that means it.

    Examples
    --------
    >>> from skysift.models.vra.labels import read_label_map
    >>> classes("rank", read_label_map())
    ('bogus', 'gal', 'extragal')
    """
    if asked != RANK:
        return label_map.classes(asked)
    wanted = ({"real": False}, {"real": True, "gal": True}, {"real": True, "gal": False})
    return tuple(_answer(meaning, label_map) for meaning in wanted)


def _answer(wanted: Mapping[str, bool], label_map: LabelMap) -> str:
    for answer, meaning in label_map.meanings.items():
        if wanted.items() <= meaning.items():
            return answer
    told = ", ".join(f"{target} = {str(value).lower()}" for target, value in wanted.items())
    raise ValueError(f"the label map needs an answer that means {told}")


def learner(pool: Pool, background: np.ndarray, settings: Settings) -> Learner:
    """Make the functions that active learning calls.

    Parameters
    ----------
    pool : Pool
        Of features in the order of `inputs.FEATURES`.
    background : ndarray (n,), bool
        Rows whose spread may be learned from.
    settings : Settings

    Returns
    -------
    Learner
        Its ``fit`` raises `NotEnoughLabelsError` if a target that is asked about has labels of one
        class only; other targets are learned where they can be.
    """
    label_map = settings.label_map()
    believed = settings.believed()
    beliefs = {target: believed.of(target, FEATURES) for target in TARGETS}
    spread = pool.features[background]

    def fit(
        features: np.ndarray,
        answers: np.ndarray,
        rng: np.random.Generator,
        *,
        groups: np.ndarray,
    ) -> Assistant:
        seed = int(rng.integers(2**31))
        targets: dict[str, TargetModel] = {}
        for target in TARGETS:
            label = label_map.target(target, list(answers))
            try:
                targets[target] = learn(
                    features, label, target=target, classes=label_map.classes(target),
                    kinds=answers, background=spread, belief=beliefs[target], groups=groups,
                    seed=seed,
                )  # fmt: skip
            except OneClassError as error:
                if target in parts(settings.target):
                    raise NotEnoughLabelsError(str(error)) from None
        digest = hashlib.sha256("".join(m.version for m in targets.values()).encode()).hexdigest()
        return Assistant(
            version=f"{NAME}-{len(answers)}-{digest[:8]}",
            asked=settings.target,
            classes=classes(settings.target, label_map),
            targets=targets,
        )

    def evaluate(
        model: Assistant, features: np.ndarray, answers: np.ndarray
    ) -> Mapping[str, float]:
        return judge(model.targets, features, list(answers), label_map)

    return Learner(fit, evaluate, save, load)


def save(model: Assistant, folder: Path) -> None:
    """Write ``vra.skops`` and its sidecar: what the science module takes as its weights."""
    labels = model.version.split("-")[1]
    facts = {
        "version": model.version,
        "trained_on": f"{labels} answers, in a campaign of `skysift learn vra`",
        "features": list(FEATURES),
        "asked": model.asked,
        "classes": list(model.classes),
    }
    stored.save(model.targets, folder / f"{NAME}{stored.SUFFIX}", facts)


def load(folder: Path) -> Assistant:
    """Read what `save` wrote.

    Raises
    ------
    WeightsError
        If it is not there, was changed, or holds what is not trusted.
    """
    weights = read_weights(folder, stored.SUFFIX)
    facts = weights.facts
    targets = stored.read(weights)
    return Assistant(facts["version"], facts["asked"], tuple(facts["classes"]), targets)
