"""The broker's side of FIX: what listeners are told, and that nothing they raise is lost."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.running import RunningTrading
from venue.sim.broker import Fields, Login, parse
from venue.sim.initiator import Initiator


class Notes:
    """Writes down what it is told; raises what it is given to."""

    def __init__(self, raises: BaseException | None = None) -> None:
        self.told: list[tuple[str, ...]] = []
        self.messages: list[Fields] = []
        self._raises = raises

    def logged_on(self, session: str) -> None:
        self.told.append(("on", session))
        if self._raises is not None:
            raise self._raises

    def logged_out(self, session: str, reason: str) -> None:
        self.told.append(("out", session, reason))

    def received(self, session: str, fields: Fields) -> None:
        self.messages.append(fields)


@contextmanager
def initiator(
    trading: RunningTrading, notes: Notes, *logins: Login
) -> Iterator[tuple[Initiator, Callable[[Callable[[], bool]], None]]]:
    """An initiator, and a function that polls it until something is so."""
    initiator = Initiator(trading.address, logins, notes)

    def poll_until(is_done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not is_done():
            assert time.monotonic() < deadline, notes.told
            initiator.poll()

    try:
        yield initiator, poll_until
    finally:
        initiator.close()


def test_sessions_log_on_trade_and_log_out(trading: RunningTrading) -> None:
    notes = Notes()
    logins = (Login("ALPHA", "demo"), Login("BRAVO", "demo", cancel_on_disconnect=False))
    with initiator(trading, notes, *logins) as (sessions, poll_until):
        poll_until(lambda: len(notes.told) == 2)
        assert sorted(notes.told) == [("on", "ALPHA"), ("on", "BRAVO")]
        head = "35=D\x0155=ACME\x0154=1\x0160=20260131-09:30:00\x0138=5\x0140=2\x0144=100\x01"
        sessions.send("ALPHA", head + "11=i1\x01")
        sessions.send("ALPHA", head + "11=i2\x0120000=x\x01")
        poll_until(lambda: len(notes.messages) == 2)
        assert {(m[35], m.get(150)) for m in notes.messages} == {("8", "0"), ("3", None)}
        sessions.log_out()
        poll_until(lambda: len(notes.told) == 4)
        assert {note[0] for note in notes.told[2:]} == {"out"}
        assert not sessions.is_logged_on("ALPHA")


def test_refused_logon_is_told_with_its_text(trading: RunningTrading) -> None:
    notes = Notes()
    with initiator(trading, notes, Login("ALPHA", "wrong")) as (_, poll_until):
        poll_until(lambda: bool(notes.told))
    assert notes.told == [("out", "ALPHA", "LOGON_REFUSED the logon is not accepted")]


def test_unknown_comp_id_is_told_without_reason(trading: RunningTrading) -> None:
    notes = Notes()
    with initiator(trading, notes, Login("ZULU", "demo")) as (_, poll_until):
        poll_until(lambda: bool(notes.told))
    assert notes.told == [("out", "ZULU", "LOGON_REFUSED the logon is not accepted")]


@pytest.mark.parametrize("error", [ValueError("mine"), KeyboardInterrupt()])
def test_what_a_listener_raises_comes_out_of_poll(
    trading: RunningTrading, error: BaseException
) -> None:
    notes = Notes(raises=error)
    with (
        pytest.raises(type(error)),
        initiator(trading, notes, Login("ALPHA", "demo")) as (_, poll_until),
    ):
        poll_until(lambda: False)
    assert ("on", "ALPHA") in notes.told


@pytest.mark.parametrize("where", ["load()", "t = Thread(target=load); t.start(); t.join()"])
def test_ctrl_c_still_interrupts_after_quickfix_is_loaded(where: str) -> None:
    program = f"""
import os, signal
from threading import Thread
def load():
    import venue.sim.initiator
try:
    {where}
    os.kill(os.getpid(), signal.SIGINT)
except KeyboardInterrupt:
    print("interrupted")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\n", "")


def test_first_of_a_repeated_tag_counts() -> None:
    assert parse("8=FIX.4.4\x0135=8\x01448=a\x01448=b\x01x\x01") == {
        8: "FIX.4.4",
        35: "8",
        448: "a",
    }
