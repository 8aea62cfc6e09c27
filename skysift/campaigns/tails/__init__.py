"""Tails, taught by people who tell its false detections from comets."""

from __future__ import annotations

from skysift.campaigns.kind import Kind, Tools
from skysift.campaigns.tails.collecting import collect
from skysift.campaigns.tails.learning import learner
from skysift.campaigns.tails.pool import read_pool, write_pictures
from skysift.campaigns.tails.settings import Settings, form, unused
from skysift.campaigns.tails.simulation import simulate

KIND = Kind(
    name="tails",
    doc="Which detections in frames are comets: those that are none become hard negatives.",
    settings=Settings,
    form=form,
    unused=unused,
    read_pool=read_pool,
    learner=learner,
    write_pictures=write_pictures,
    tools=Tools(collect=collect, simulate=simulate),
)
