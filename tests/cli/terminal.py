"""A command of the venue whose stdin is a terminal, at which somebody types."""

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SECONDS = 60


@contextmanager
def at_terminal(
    argv: Sequence[str], *, keeps_output: bool = False
) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """A command of a session of its own on a terminal, which stdin and stderr are, and our end.

    keeps_output: what it prints behind a Ctrl-C is not thrown away.
    """
    ours, theirs = pty.openpty()
    if keeps_output:
        settings = termios.tcgetattr(theirs)
        settings[3] |= termios.NOFLSH
        termios.tcsetattr(theirs, termios.TCSANOW, settings)
    process = subprocess.Popen(
        argv,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    try:
        yield process, ours
    finally:
        os.close(ours)


def shown_until(terminal: int, is_enough: Callable[[bytes], bool], shown: bytes = b"") -> bytes:
    """What the terminal shows, behind `shown`, once that is enough."""
    while not is_enough(shown):
        assert select.select([terminal], [], [], SECONDS)[0], shown
        shown += os.read(terminal, 1000)
    return shown


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
