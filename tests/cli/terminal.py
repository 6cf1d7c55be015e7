"""A command of the venue whose stdin is a terminal, at which somebody types."""

import os
import pty
import subprocess
import sys
from pathlib import Path

SECONDS = 60


def typed_at_terminal(
    data_dir: Path, typed: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """What a command came to that was answered with `typed`."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "venue", "--data-dir", str(data_dir), *arguments],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    output, errors = process.communicate(timeout=SECONDS)
    os.close(ours)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)
