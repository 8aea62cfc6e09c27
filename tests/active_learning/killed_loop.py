"""A round in processes of its own: ``python -m tests.active_learning.killed_loop FOLDER WHEN…``.

WHEN is ``fit`` or ``save``: there the process is killed, as by ``kill -9``; or ``never``. For each
of them a line says how the process ended, the latest round, and how many answers there are.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from skysift.active_learning.ledger import Ledger
from skysift.active_learning.loop import Loop
from skysift.active_learning.oracles import TableOracle
from skysift.active_learning.plan import Plan
from skysift.active_learning.rounds import Rounds
from tests.active_learning.toy import FORM, LEARNER, clouds


def die(*_, **__) -> None:
    """End as nobody can prevent."""
    os.kill(os.getpid(), signal.SIGKILL)


def save_half(model, folder: Path) -> None:
    """Die with half of the model written."""
    (folder / "logistic.json").write_text("{")
    (folder / "left_over.json").write_text("{}")
    die()


def step(folder: Path, learner=LEARNER):
    """Take the campaign in a folder one round further."""
    pool, truth = clouds()
    ledger, rounds = Ledger(folder / "ledger.db"), Rounds(folder / "rounds")
    plan = Plan("toy", form=FORM, initial=10, batch=5, held_out=0.3, held_out_batch=4, seed=1)
    return Loop(pool, ledger, rounds, plan, learner).step(TableOracle(truth))


if __name__ == "__main__":
    killers = {"fit": {"fit": die}, "save": {"save": save_half}, "never": {}}
    folder = Path(sys.argv[1])
    for when in sys.argv[2:]:
        child = os.fork()
        if not child:
            step(folder, replace(LEARNER, **killers[when]))
            os._exit(0)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        answers = len(Ledger(folder / "ledger.db").answers("toy", retracted=True))
        print(ended, Rounds(folder / "rounds").next_number() - 1, answers)
