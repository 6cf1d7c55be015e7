"""The operator under load: an instrument halted and resumed, the trading day ended and begun.

Asks over the admin socket, again until it is done, whoever dies meanwhile; never waits for long.
"""

import random
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.faults.order_shapes import SYMBOLS
from venue.admin.client import VenueUnreachable, call

_ANSWER_SECONDS = 2.0
_PAUSE_SECONDS = (0.5, 3.0)
_HELD_SECONDS = (0.05, 0.5)
_DAY_CHANGES = 0.3
Lane = Iterator[None]


class Refused(Exception):
    """The venue has refused what an operator may ask for."""


def operator_lane(data_dir: Path, draw: random.Random, is_over: Callable[[], bool]) -> Lane:
    """Halt and resume, end and begin days; when it is over all trades on in an open day."""
    while not is_over():
        yield from _wait(draw.uniform(*_PAUSE_SECONDS))
        if draw.random() < _DAY_CHANGES:
            yield from _done(data_dir, {"type": "EndDay"}, "no trading day is open")
            yield from _wait(draw.uniform(*_HELD_SECONDS))
            yield from _day_begun(data_dir)
        else:
            symbol = draw.choice(SYMBOLS)
            yield from _done(data_dir, {"type": "HaltInstrument", "symbol": symbol}, "halted")
            yield from _wait(draw.uniform(*_HELD_SECONDS))
            yield from _done(data_dir, {"type": "ResumeInstrument", "symbol": symbol}, "not halted")


def _day_begun(data_dir: Path) -> Lane:
    """The next day, as soon as all that the old one leaves to do is done."""
    while True:
        status = _asked(data_dir, {"query": "status"})
        if status is not None:
            if status["phase"] == "CONTINUOUS":
                return
            after = date.fromisoformat(status["trading_day"]) + timedelta(days=1)
            _asked(data_dir, {"command": {"type": "StartDay", "trading_day": after.isoformat()}})
        yield


def _done(data_dir: Path, command: dict[str, Any], is_done_already: str) -> Lane:
    """Ask until it is done. A lost answer may have been a yes: then it is refused as done."""
    answer_lost = False
    while True:
        reply = _asked(data_dir, {"command": {**command, "reason": "faults"}})
        if reply is None:
            answer_lost = True
        elif reply["ok"] or (answer_lost and is_done_already in reply["error"]):
            return
        else:
            raise Refused(f"{command}: {reply['error']}")
        yield


def _asked(data_dir: Path, request: dict[str, Any]) -> dict[str, Any] | None:
    """The venue's answer; None while there is none."""
    try:
        return call(data_dir, request, _ANSWER_SECONDS)
    except VenueUnreachable:
        return None


def _wait(seconds: float) -> Lane:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        yield
