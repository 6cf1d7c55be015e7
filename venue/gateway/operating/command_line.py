"""What takes a processor for seconds, asked of the command line: a process each, that can be ended.

To execute a journal again beside the event loop would hold up everybody's orders. Only commands
that read are asked; what they print with --json is published (docs/CLI.md).
"""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from venue.gateway.guard import Guard, GuardTold, is_any_of
from venue.gateway.problems import Code, Problem

AT_ONCE = 2
WAIT_SECONDS = 10.0
DEADLINE_SECONDS = 60.0
NICENESS = 10
_WRONG_USE = 2


class CommandLine:
    """`venue` on one data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._venue = (sys.executable, "-P", "-m", "venue", "--data-dir", str(data_dir))
        self._environment = {**os.environ, "XDG_STATE_HOME": "/nonexistent"}
        """Whoever has logged in from the gateway's account is not who asks here."""
        self._guard = Guard(
            "the journal", AT_ONCE, is_any_of(TimeoutError), waits_seconds=WAIT_SECONDS
        )

    def guard(self) -> GuardTold:
        """How busy it is."""
        return self._guard.told()

    async def told(self, *arguments: str) -> dict[str, Any]:
        """The object that a command prints. Raises Problem: AWAY, NOT_FOUND, BAD_REQUEST."""
        try:
            async with self._guard.passing():
                printed = await self._printed(arguments)
        except TimeoutError as error:
            raise Problem(
                Code.AWAY, f"venue {arguments[0]} takes longer than {DEADLINE_SECONDS:g} s"
            ) from error
        try:
            told: dict[str, Any] = msgspec.json.decode(printed, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise Problem(Code.AWAY, f"venue {arguments[0]} has said nothing") from error
        if told.get("ok") is False and "exit_status" in told:
            is_wrong = told["exit_status"] == _WRONG_USE
            raise Problem(Code.BAD_REQUEST if is_wrong else Code.NOT_FOUND, str(told["error"]))
        return told

    async def _printed(self, arguments: tuple[str, ...]) -> bytes:
        """What a command writes to stdout. Raises TimeoutError; then the command has ended."""
        process = await asyncio.create_subprocess_exec(
            *self._venue,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=self._environment,
        )
        try:
            with suppress(ProcessLookupError):  # it may have ended already
                os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
            async with asyncio.timeout(DEADLINE_SECONDS):
                printed, _ = await process.communicate()
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        return printed
