"""Short turns on the processor can be asked for without privileges, and change nothing else."""

import os
import subprocess
import sys

ASK = """
import os
from venue.servers.scheduling import ask_for_short_turns
os.nice(3)
print(ask_for_short_turns(), os.sched_getscheduler(0) == os.SCHED_OTHER, os.nice(0))
"""


def test_short_turns_leave_policy_and_nice_value_as_they_are() -> None:
    nice = os.nice(0)
    told = subprocess.check_output([sys.executable, "-c", ASK], text=True).split()
    assert told == ["True", "True", str(min(nice + 3, 19))]
