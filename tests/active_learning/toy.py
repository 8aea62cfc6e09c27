"""A small task for the loop's tests: two clouds of points, and learners made of scikit-learn."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import entropy
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from skysift.active_learning.learner import Doubt, Learner
from skysift.active_learning.loop import Loop
from skysift.active_learning.pool import Pool
from skysift.active_learning.questions import Choice

FORM = Choice("Which cloud?", {"l": "left", "r": "right", "n": "neither"})


@dataclass
class Logistic:
    """Logistic regression, stored as two lists of numbers."""

    classes: list[str]
    slope: np.ndarray
    offset: float
    version: str

    def predict(self, features):
        right = 1 / (1 + np.exp(-(features @ self.slope + self.offset)))
        return np.stack([1 - right, right], axis=1)

    def committee(self, features):
        return np.stack([self.predict(features + shift) for shift in (-0.5, 0.0, 0.5)])

    def doubt(self, features):
        members = self.committee(features)
        each = entropy(members, axis=2).mean(axis=0)
        together = entropy(members.mean(axis=0), axis=1)
        spread = members[..., 1].var(axis=0)
        columns = (together, each, spread, np.ones(len(features)))
        return Doubt(*(column[:, None] for column in columns))


def fit(features, answers, rng, groups=None):
    known = LogisticRegression().fit(features, answers.astype(str))
    version = f"toy-{len(answers)}"
    return Logistic(list(known.classes_), known.coef_[0], float(known.intercept_[0]), version)


def evaluate(model, features, answers):
    if len(set(answers)) < 2:
        return {"auc": float("nan"), "rows": len(answers)}
    right = model.predict(features)[:, 1]
    return {"auc": roc_auc_score(answers == "right", right), "rows": len(answers)}


def save(model, folder: Path) -> None:
    facts = {**vars(model), "slope": model.slope.tolist()}
    (folder / "logistic.json").write_text(json.dumps(facts))


def load(folder: Path) -> Logistic:
    facts = json.loads((folder / "logistic.json").read_text())
    return Logistic(**{**facts, "slope": np.array(facts["slope"])})


LEARNER = Learner(fit, evaluate, save, load)


def clouds(objects: int = 120, rows_each: int = 2, seed: int = 5) -> tuple[Pool, dict[str, str]]:
    """Make a pool with several rows an object, and the truth by object."""
    rng = np.random.default_rng(seed)
    right = rng.random(objects) < 0.4
    centre = np.where(right[:, None], [1.0, 0.5], [-1.0, -0.5]) + rng.normal(size=(objects, 2))
    features = np.repeat(centre, rows_each, axis=0)
    features = features + 0.1 * rng.normal(size=features.shape)
    names = [f"object{i}" for i in range(objects)]
    pool = Pool(
        items=np.arange(objects * rows_each) + 1_150_000_000_000_000_000,
        objects=np.repeat(names, rows_each),
        features=features,
    )
    truth = {
        name: "right" if is_right else "left" for name, is_right in zip(names, right, strict=True)
    }
    return pool, truth


def asked(loop: Loop, number: int | None = None) -> list[str]:
    """List the items that a loop has asked about, in all or in a round."""
    return [question.item for question in loop.ledger.questions("toy", round=number)]


def asked_objects(loop: Loop, number: int | None = None) -> list[str]:
    """List the objects of these items."""
    return [question.object for question in loop.ledger.questions("toy", round=number)]
