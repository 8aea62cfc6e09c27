"""Zoobot, taught by votes on galaxies chosen where they teach most."""

from __future__ import annotations

from skysift.campaigns.kind import Kind, Tools
from skysift.campaigns.zoobot.learning import learner
from skysift.campaigns.zoobot.pool import read_pool, remember, write_pictures
from skysift.campaigns.zoobot.settings import Settings, form, unused
from skysift.campaigns.zoobot.simulation import simulate

KIND = Kind(
    name="zoobot",
    doc="How people would vote on galaxies' shapes, learned from votes on a few of them.",
    settings=Settings,
    form=form,
    unused=unused,
    read_pool=read_pool,
    learner=learner,
    write_pictures=write_pictures,
    remember=remember,
    tools=Tools(simulate=simulate),
)
