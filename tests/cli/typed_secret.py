"""A secret that is typed twice on a terminal."""

import fcntl
import os
import pty
import select
import subprocess
import termios
from collections.abc import Sequence


def type_twice(argv: Sequence[str], secret: str) -> tuple[bytes, bytes]:
    """Run a command that asks for a secret twice: its stdout, and all that the terminal shows."""
    terminal, end = pty.openpty()
    process = subprocess.Popen(
        argv,
        stdin=end,
        stdout=subprocess.PIPE,
        stderr=end,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(end)
    shown = b""
    for prompts in (1, 2):
        while shown.count(b": ") < prompts:
            assert select.select([terminal], [], [], 60)[0], shown
            shown += os.read(terminal, 1000)
        os.write(terminal, f"{secret}\n".encode())
    assert process.stdout is not None
    with process.stdout:
        said = process.stdout.read()
    assert process.wait(60) == 0
    os.close(terminal)
    return said, shown
