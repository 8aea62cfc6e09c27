"""A frame's share of memory, in a process of its own: the limit stays with the process."""

from __future__ import annotations

import subprocess
import sys

TWO_FRAMES = """
import numpy as np
from skysift.frames.task import Searched, Task

def search(gibibytes):
    return Searched(detections=int(np.ones(int(gibibytes * 2**27)).size > 0))

task = Task(search, memory=1.0)
print(task(2.0).reason)
print(task(0.1).detections)
"""


def test_a_frame_that_needs_too_much_memory_fails_and_the_next_does_not():
    command = [sys.executable, "-c", TWO_FRAMES]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said == "needs more memory than 1 GiB: see --memory\n1\n"
