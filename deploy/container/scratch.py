"""A trial in roots of its own, as root: what it needs, a scratch directory, what became of it.

Knows mounts and exit statuses, not what is tried.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from deploy.container.chroot import Root, leave_mounts, mounted_below


class StepFailed(Exception):
    """A step of a trial has failed; the text says which."""


def tried(
    name: str, needs: Sequence[str], work: Path | None, do: Callable[[Path], None], good: str
) -> int:
    """Do it in a directory; the exit status. work: one that is kept; None: a scratch directory.

    needs: programs that have to be there. good: what is said in the end.
    """
    missing = [each for each in needs if shutil.which(each) is None]
    if os.geteuid() != 0 or missing:
        sys.stderr.write(f"{name}: it takes root, and {', '.join(missing or needs)}\n")
        return 2
    began = time.monotonic()
    leave_mounts()
    place = Path(tempfile.mkdtemp(prefix="venue-trial-")) if work is None else work
    try:
        do(place)
    except (StepFailed, subprocess.SubprocessError) as error:
        sys.stderr.write(f"{name}: {error}\n")
        return 1
    finally:
        if work is None:
            _remove(place)
    say(f"{good}, {time.monotonic() - began:.0f} s")
    return 0


def _remove(work: Path) -> None:
    """Remove what was made, unless something is still mounted in it: that is not ours."""
    for root in (each for each in work.iterdir() if each.name.startswith("stage-")):
        Root(root).unmount()
    if mounted_below(work):
        say(f"{work} is left: something is mounted there")
    else:
        shutil.rmtree(work)


def say(text: str) -> None:
    """One line of progress."""
    print(f"trial: {text}", flush=True)
