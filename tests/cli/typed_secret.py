"""A secret that is typed twice on a terminal."""

import os
from collections.abc import Sequence
from functools import partial

from tests.cli.terminal import at_terminal, shown_until


def type_twice(argv: Sequence[str], secret: str) -> tuple[bytes, bytes]:
    """Run a command that asks for a secret twice: its stdout, and all that the terminal shows."""
    with at_terminal(argv) as (process, terminal):
        shown = b""
        for prompts in (1, 2):
            shown = shown_until(terminal, partial(_has_prompts, prompts), shown)
            os.write(terminal, f"{secret}\n".encode())
        assert process.stdout is not None
        with process.stdout:
            said = process.stdout.read()
        assert process.wait(60) == 0
    return said, shown


def _has_prompts(count: int, shown: bytes) -> bool:
    return shown.count(b": ") >= count
