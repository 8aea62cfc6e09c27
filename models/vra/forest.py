"""Forests, flattened: all trees of one in a few arrays, and a compiled loop that walks them.

Scikit-learn walks tree by tree through calls that cost more than the walk, of small batches above
all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from skysift.compiled import compiled

LEAF = -1
"""What stands in place of a leaf's children."""


@dataclass(frozen=True, eq=False)
class Forest:
    """Trees that each vote for the side of yes.

    Attributes
    ----------
    roots : ndarray (trees,), int64
        Where each tree begins.
    feature, left, right : ndarray (nodes,), int64
        Of an inner node: the feature that it asks for, and where to go on if that is not larger
        than the threshold, and if it is. Of a leaf: anything, and `LEAF`.
    threshold : ndarray (nodes,), float64
    yes : ndarray (nodes,), float64
        Of a leaf: the share of its labels, weighed, that say yes.
    """

    roots: np.ndarray
    feature: np.ndarray
    left: np.ndarray
    right: np.ndarray
    threshold: np.ndarray
    yes: np.ndarray

    @classmethod
    def of(cls, classifier: Any) -> Forest:
        """Flatten a fitted forest of scikit-learn's, whose classes are codes (`members`).

        Parameters
        ----------
        classifier : RandomForestClassifier or ExtraTreesClassifier
        """
        trees = [estimator.tree_ for estimator in classifier.estimators_]
        roots = np.cumsum([0, *(tree.node_count for tree in trees)])[:-1]
        says_yes = classifier.classes_ % 2 == 1
        shares = [tree.value[:, 0] for tree in trees]
        return cls(
            roots=roots.astype(np.int64),
            feature=np.concatenate([tree.feature for tree in trees]).astype(np.int64),
            left=_moved([tree.children_left for tree in trees], roots),
            right=_moved([tree.children_right for tree in trees], roots),
            threshold=np.concatenate([tree.threshold for tree in trees]),
            yes=np.concatenate([s[:, says_yes].sum(axis=1) / s.sum(axis=1) for s in shares]),
        )

    def says_yes(self, points: np.ndarray) -> np.ndarray:
        """Return the probability of yes, the mean of the trees.

        Parameters
        ----------
        points : ndarray (n, d), float
            Finite; compared in float32, as scikit-learn does.

        Returns
        -------
        ndarray (n,), float64
        """
        p: np.ndarray = _walk(
            np.ascontiguousarray(points, np.float32), self.roots, self.feature, self.left,
            self.right, self.threshold, self.yes,
        )  # fmt: skip
        return p


def _moved(children: list[np.ndarray], roots: np.ndarray) -> np.ndarray:
    """Count the nodes of all trees through."""
    moved = [np.where(c == LEAF, LEAF, c + root) for c, root in zip(children, roots, strict=True)]
    return np.concatenate(moved).astype(np.int64)


@compiled
def _walk(points, roots, feature, left, right, threshold, yes):
    found = np.zeros(len(points))
    for row in range(len(points)):
        point = points[row]
        for root in roots:
            node = root
            while left[node] != LEAF:
                node = left[node] if point[feature[node]] <= threshold[node] else right[node]
            found[row] += yes[node]
    return found / len(roots)
