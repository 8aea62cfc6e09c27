"""A learner for few labels: from about ten on, a committee that says one probability."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import expit

from skysift.models import _calibration
from skysift.models.vra.beliefs import Belief
from skysift.models.vra.labels import LabelMap
from skysift.models.vra.members import MEMBERS, Voter, fit_members, voters
from skysift.models.vra.views import Views

FOLDS = 5
"""Parts of the labels, each predicted from the others, that calibration is learned from."""

PRIOR = 30
"""Labels that weigh as much as what is believed without them: of features, see `beliefs`, and that
the probability made of members and belief is right as it is."""


class OneClassError(ValueError):
    """Labels of one class alone teach nothing."""


@dataclass(frozen=True, eq=False)
class TargetModel:
    """What was learned of one target.

    Attributes
    ----------
    version : str
        E.g. ``vra-gal-70-1f2e3d4c``: target, number of labels, hash of what was learned from.
    classes : tuple of str
        Answers that mean no and yes: the columns of a prediction.
    views : Views
        How it looks at features.
    members : mapping of str to classifier
        By the names of `members.MEMBERS`.
    lean : ndarray, float64
        What each column of the view ``ranks`` adds to the logit, and last a constant: the belief,
        as far as the labels have left it. 0 without a belief.
    calibration : mapping or None
        For `_calibration.apply`; None where there were too few labels for one.
    """

    version: str
    classes: tuple[str, str]
    views: Views
    members: Mapping[str, Any]
    lean: np.ndarray
    calibration: Mapping[str, Any] | None

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return the probability of each class, as if both were equally common.

        Parameters
        ----------
        features : ndarray (n, d), float
            In the order of those learned from; NaN is missing.

        Returns
        -------
        ndarray (n, 2), float32
            No and yes, the mean of the members, leant to what is believed, calibrated.
        """
        seen = self.views.look(features)
        return self._both(votes(self._voters, seen).mean(axis=0), seen)

    def committee(self, features: np.ndarray) -> np.ndarray:
        """Return each member's probabilities, float32 (m, n, 2): no and yes, leant, calibrated."""
        seen = self.views.look(features)
        return self._both(votes(self._voters, seen), seen)

    @cached_property
    def _voters(self) -> dict[str, Voter]:
        return voters(self.members)

    def _both(self, p: np.ndarray, seen: Mapping[str, np.ndarray]) -> np.ndarray:
        yes = _calibration.apply(self.calibration, _leant(p, seen, self.lean))
        return np.stack([1 - yes, yes], axis=-1)


def learn(
    features: np.ndarray,
    label: np.ndarray,
    *,
    target: str,
    classes: tuple[str, str] = ("no", "yes"),
    kinds: Sequence[object] | np.ndarray | None = None,
    background: np.ndarray | None = None,
    belief: Belief | None = None,
    groups: np.ndarray | None = None,
    seed: int = 0,
) -> TargetModel:
    """Learn a target from few labels.

    Parameters
    ----------
    features : ndarray (n, d), float
        NaN is missing; columns without a number, or without a difference, are harmless.
    label : ndarray (n,), float
        1 yes, 0 no, NaN unknown, which is left out.
    target : str
        For the version.
    classes : tuple of str
        Answers that mean no and yes.
    kinds : sequence or ndarray (n,), optional
        The answers themselves: those that mean the same to this target, as a variable star and a
        nova do to ``gal``, are learned apart, and their probabilities added up. By default a side
        is of one kind.
    background : ndarray (m, d), float, optional
        Alerts without labels, which tell how features are spread; by default `features`.
    belief : Belief, optional
        What is believed of the features before any label; by default nothing.
    groups : ndarray (n,), optional
        Object of each row: one object is never on both sides when the calibration is learned.
    seed : int

    Returns
    -------
    TargetModel

    Raises
    ------
    OneClassError
        If the known labels are all the same, or there are none.
    """
    known = np.isfinite(label)
    features, yes = np.asarray(features)[known], label[known] == 1
    if yes.all() or not yes.any():
        raise OneClassError(
            f"{target}: labels of both classes are needed. Got: {yes.sum()} yes and "
            f"{(~yes).sum()} no. Label more alerts, some of them at random."
        )
    known_of = features if background is None else background
    views = Views.of(known_of)
    seen = views.look(features)
    lean = np.zeros(seen["ranks"].shape[1] + 1)
    if belief is not None:
        fading = PRIOR / (PRIOR + len(yes))
        lean = fading * belief.lean(views, views.look(known_of)["ranks"])
    codes = _codes(yes if kinds is None else np.array(kinds, dtype=object)[known], yes)
    groups = np.arange(len(yes)) if groups is None else np.asarray(groups)[known]
    return TargetModel(
        version=f"vra-{target}-{len(yes)}-{_fingerprint(features, codes, lean)}",
        classes=classes,
        views=views,
        members=fit_members(seen, codes, seed=seed),
        lean=lean,
        calibration=_learn_calibration(seen, codes, lean, groups, seed),
    )


def fitter(
    target: str,
    label_map: LabelMap,
    *,
    background: np.ndarray | None = None,
    belief: Belief | None = None,
) -> Callable[..., TargetModel]:
    """Make ``fit(features, answers, rng, groups=…) -> TargetModel``, as active learning wants it.

    Parameters
    ----------
    target : str
        One of `labels.TARGETS`.
    label_map : LabelMap
        What answers mean.
    background : ndarray (m, d), float, optional
        Features of the whole pool.
    belief : Belief, optional
        See `learn`.
    """
    classes = label_map.classes(target)

    def fit(
        features: np.ndarray,
        answers: np.ndarray,
        rng: np.random.Generator,
        *,
        groups: np.ndarray | None = None,
    ) -> TargetModel:
        label = label_map.target(target, list(answers))
        return learn(
            features, label, target=target, classes=classes, kinds=answers, background=background,
            belief=belief, groups=groups, seed=int(rng.integers(2**31)),
        )  # fmt: skip

    return fit


def votes(voters: Mapping[str, Voter], views: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return each member's probability of yes, float64 (m, n); n may be 0."""
    n = len(next(iter(views.values())))
    if not n:
        return np.empty((len(voters), 0))
    return np.stack([says_yes(views[MEMBERS[name]]) for name, says_yes in voters.items()])


def _leant(p: np.ndarray, seen: Mapping[str, np.ndarray], lean: np.ndarray) -> np.ndarray:
    return expit(_calibration.logit(p) + seen["ranks"] @ lean[:-1] + lean[-1])


def _learn_calibration(
    views: Mapping[str, np.ndarray],
    codes: np.ndarray,
    lean: np.ndarray,
    groups: np.ndarray,
    seed: int,
) -> dict[str, Any] | None:
    """Compare what members say of labels that they have not seen with these labels.

    Slope and intercept of the logit, drawn towards 1 and 0: few labels tell neither well, and
    those that happen to be parted perfectly call for any slope. Classes weigh the same in total.
    """
    yes = codes % 2 == 1
    folds = _folds(yes, groups, seed)
    p = np.full(len(yes), np.nan)
    for train, test in folds:
        if yes[train].all() or not yes[train].any():
            continue
        members = fit_members({k: v[train] for k, v in views.items()}, codes[train], seed=seed)
        p[test] = votes(voters(members), {k: v[test] for k, v in views.items()}).mean(axis=0)
    seen = np.isfinite(p)
    if yes[seen].all() or not yes[seen].any():
        return None
    share = np.where(yes, yes[seen].mean(), 1 - yes[seen].mean())
    fitted = _calibration.fit("platt", yes, _leant(p, views, lean), weight=1 / share)
    trust = len(yes) / (len(yes) + PRIOR)
    slope, intercept = fitted["slope"] ** trust, fitted["intercept"] * trust
    return {**fitted, "slope": slope, "intercept": intercept}


def _folds(yes: np.ndarray, groups: np.ndarray, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Part the labels, objects whole and classes alike in each; nothing if a class has but one."""
    from sklearn.model_selection import StratifiedGroupKFold

    rarest = min(len(np.unique(groups[yes])), len(np.unique(groups[~yes])))
    if rarest < 2:
        return []
    parts = StratifiedGroupKFold(min(FOLDS, rarest), shuffle=True, random_state=seed)
    return list(parts.split(yes, yes, groups))


def _codes(kinds: np.ndarray, yes: np.ndarray) -> np.ndarray:
    """Number the kinds, in the order of their names: odd those that mean yes."""
    place = np.unique(kinds.astype(str), return_inverse=True)[1]
    return 2 * place.astype(np.int64) + yes


def _fingerprint(features: np.ndarray, codes: np.ndarray, lean: np.ndarray) -> str:
    digest = hashlib.sha256(np.ascontiguousarray(features, dtype="<f8").tobytes())
    digest.update(codes.astype("<i8").tobytes() + lean.astype("<f8").tobytes())
    return digest.hexdigest()[:8]
