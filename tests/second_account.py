"""A second Unix account for tests that run as root: one that has no name and owns nothing."""

import ctypes
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from venue.admin.client import VenueUnreachable, call

UID = GID = 61_234
OPEN = (f"control.operators_group={GID}",) if os.geteuid() == 0 else ()
"""Settings that let the account open the admin socket."""

_libc = ctypes.CDLL(None)
_PR_SET_DUMPABLE = 4

needs_second_account = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="acting as a second Unix account takes root and setpriv",
)


def call_as_second(data_dir: Path, request: dict[str, Any], gid: int = GID) -> dict[str, Any]:
    """What the account is answered on the admin socket; {"unreachable": why} where it is not."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.chdir(data_dir)  # what is above belongs to the tests
            os.environ["XDG_STATE_HOME"] = "/nonexistent"
            os.setgroups([])
            os.setgid(gid)
            os.setuid(UID)
            _libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)  # or /proc/self stays root's
            try:
                answer = call(Path(), request)
            except VenueUnreachable as error:
                answer = {"unreachable": str(error)}
            os.write(writer, json.dumps(answer).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    answer = json.loads(said)
    assert isinstance(answer, dict)
    return answer


def run_as_second(*arguments: str, home: Path, typed: str = "") -> subprocess.CompletedProcess[str]:
    """`venue` as the account types it. Its interpreter may be in root's home: it may read all."""
    account = [f"--reuid={UID}", f"--regid={GID}", "--clear-groups"]
    reads_all = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    venue = [sys.executable, "-P", "-m", "venue"]
    return subprocess.run(
        ["setpriv", *account, *reads_all, *venue, *arguments],
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "HOME": str(home), "XDG_STATE_HOME": str(home / "state")},
    )
