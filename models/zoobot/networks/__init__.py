"""The networks, by name: two published ones, and how their parts are called.

================ ============================================================== ===================
network          what it is                                                     parameters
================ ============================================================== ===================
`bayesian_cnn`   of Walmsley et al. 2020: six convolutions, dropout before the  1,335,394 at 128 px
                 last layer                                                     and two answers
`efficientnet`   of Walmsley et al. 2022: EfficientNet-B0, or a smaller or      4,048,988 and 1,281
                 larger one of the family                                       an answer
================ ============================================================== ===================

The input is named ``images``: (n, stored, stored, channels), pixels as they are stored. How they
are scaled, made grey, turned and cut is part of the network (see `view`), so that nobody can do it
otherwise. The output is (n, answers), question after question; see `answers` for what it means.

A network is three parts: the view, the trunk, and behind one layer of dropout the head. All that is
drawn when a network is sampled comes behind the trunk, which therefore runs once.

Settings are keyword arguments of the builders; they and the name are all that is needed to build a
network again. Made of Keras layers and operations only: they run on any backend.

Examples
--------
>>> build("bayesian_cnn", stored=64, side=32, answers=(3, 2)).output_shape
(None, 5)
"""

from __future__ import annotations

from skysift.models._family import Family

FAMILY = Family(
    __name__,
    ("bayesian_cnn", "efficientnet"),
    set_by_training=("stored", "channels", "pixels", "answers", "kind"),
)
NAMES = FAMILY.names
"""What `build` can build."""

build, settings_of = FAMILY.build, FAMILY.settings_of

INPUT = "images"

DROPOUT, LOGITS = "dropout", "logits"
"""Layers: what goes into the first are the features, or representation; the last but one."""
