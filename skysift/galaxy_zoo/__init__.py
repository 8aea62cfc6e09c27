"""Decision trees of Galaxy Zoo: which questions are asked, with what answers, of whom.

A tree is a file in ``trees/``, or one's own; `read_tree` reads it by name or path. Columns of votes
are called ``<question>_<answer>`` everywhere, how many answered a question ``<question>_total``.
"""

from __future__ import annotations

from skysift.galaxy_zoo.question import Question
from skysift.galaxy_zoo.read import TREES, TreeError, read_tree, tree_of
from skysift.galaxy_zoo.tree import BASE_VOTES, Tree

__all__ = ["BASE_VOTES", "TREES", "Question", "Tree", "TreeError", "read_tree", "tree_of"]
