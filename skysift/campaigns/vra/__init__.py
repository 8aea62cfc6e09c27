"""The virtual research assistant, taught from a few dozen labels."""

from __future__ import annotations

from skysift.campaigns.alert_text import describe
from skysift.campaigns.kind import Kind, Tools
from skysift.campaigns.vra.assistant import learner
from skysift.campaigns.vra.exporting import export
from skysift.campaigns.vra.pool import ROWS, read_pool
from skysift.campaigns.vra.samples import read_contest
from skysift.campaigns.vra.scoring import score
from skysift.campaigns.vra.settings import Settings, form, unused

KIND = Kind(
    name="vra",
    doc="Which alerts are real, and Galactic, and transient, as one observer wants them ranked.",
    settings=Settings,
    form=form,
    unused=unused,
    read_pool=read_pool,
    learner=learner,
    rows=ROWS,
    describe=describe,
    tools=Tools(contest=read_contest, score=score, export=export),
)
