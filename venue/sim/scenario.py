"""Simulated counterparties trading over FIX for a while, paced by a schedule, and their summary.

Wires behaviours to sessions; one thread does all of it. Runs outside the trading process only.
"""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from venue.clock import Clock, utc_timestamp
from venue.domain.instruments import Instrument, InstrumentDefinition
from venue.sim.behaviours import Behaviour, MarketMaker, Noise, Taker
from venue.sim.broker import Fields, Login
from venue.sim.counterparty import Counterparty, Tape
from venue.sim.initiator import Initiator
from venue.sim.parties import Party
from venue.sim.summary import ScenarioError, Summary

_LOGON_SECONDS = 15.0
_ANSWER_SECONDS = 15.0
_LOGOUT_SECONDS = 3.0
_QUIET_SECONDS = 0.3
_IDLE_SECONDS = 0.002
_LATE_SECONDS = 1.0
"""Whoever is later than this, as after a lost connection, does not catch up in a burst."""


class Scenario:
    """Counterparties of one run. `run` may be called once; other threads may read meanwhile."""

    def __init__(
        self,
        address: tuple[str, int],
        parties: Sequence[Party],
        definitions: Sequence[InstrumentDefinition],
        *,
        seed: int = 1,
        rate: int = 10,
        dictionary: Path | None = None,
    ) -> None:
        """Trade `rate` requests a second on each session. dictionary: validate reports with it."""
        self._clock = Clock()
        self._interval_s = 1 / rate
        self.tape = Tape()
        instruments = {definition.symbol: Instrument(definition) for definition in definitions}
        # ClOrdIDs must differ from those of every earlier run of the trading day.
        run_id = f"sim{self._clock.now_ns() // 1_000_000:x}"
        self.counterparties = {
            party.comp_id: Counterparty(
                party.comp_id,
                instruments,
                _behaviour(number, Random(f"{seed}/{party.comp_id}"), list(instruments.values())),
                self.tape,
                run_id,
                party.account,
            )
            for number, party in enumerate(parties)
        }
        self.live_sessions: set[str] = set()
        self._refusals: dict[str, str] = {}
        self._due = dict.fromkeys(self.counterparties, 0.0)
        logins = [Login(party.comp_id, party.password) for party in parties]
        self._initiator = Initiator(address, logins, self, dictionary)

    def run(self, stop: threading.Event, seconds: float | None = None) -> Summary:
        """Log on, trade until `stop` or for `seconds`, wait for all answers, log out.

        Raises ScenarioError when a session cannot log on.
        """
        try:
            self._log_on(stop)
            self._trade(stop, seconds)
            self._await_answers()
            self._initiator.log_out()
            self._poll_until(lambda: not self.live_sessions, _LOGOUT_SECONDS)
        finally:
            self._initiator.close()
        return self.summary()

    def summary(self) -> Summary:
        """How far it is."""
        parties = self.counterparties.values()
        return Summary(
            orders=sum(party.counts.orders for party in parties),
            requests=sum(party.counts.requests for party in parties),
            reports=sum(party.counts.reports for party in parties),
            refused=sum(party.counts.refused for party in parties),
            trades=self.tape.trades,
            traded_value=self.tape.traded_value(),
            unanswered=sum(len(party.unanswered) for party in parties),
            session_rejects=sum(party.counts.session_rejects for party in parties),
        )

    # What the initiator tells, inside poll

    def logged_on(self, session: str) -> None:
        """A session may trade."""
        self.live_sessions.add(session)

    def logged_out(self, session: str, reason: str) -> None:
        """A session has ended or was refused."""
        self.live_sessions.discard(session)
        self._refusals[session] = reason or "the venue closed the connection"

    def received(self, session: str, fields: Fields) -> None:
        """A report, or a reject, came."""
        self.counterparties[session].apply(fields)

    # The stages of a run

    def _log_on(self, stop: threading.Event) -> None:
        def is_settled() -> bool:
            return stop.is_set() or len(self.live_sessions) == len(self.counterparties)

        self._poll_until(is_settled, _LOGON_SECONDS)
        if not is_settled():
            missing = sorted(set(self.counterparties) - self.live_sessions)
            why = {self._refusals.get(session, "no answer") for session in missing}
            raise ScenarioError(f"{', '.join(missing)} cannot log on: {'; '.join(sorted(why))}")

    def _trade(self, stop: threading.Event, seconds: float | None) -> None:
        start = time.monotonic()
        for number, session in enumerate(self._due):
            self._due[session] = start + self._interval_s * number / len(self._due)
        while not stop.is_set():
            now = time.monotonic()
            if seconds is not None and now - start >= seconds:
                return
            for session in self._due:
                self._send_due(session, now)
            if not self._initiator.poll():
                wait = min(self._due.values()) - time.monotonic()
                stop.wait(min(max(wait, 0.0), _IDLE_SECONDS))

    def _send_due(self, session: str, now: float) -> None:
        if session not in self.live_sessions or now - self._due[session] > _LATE_SECONDS:
            self._due[session] = now + self._interval_s
            return
        while self._due[session] <= now:
            self._due[session] += self._interval_s
            time_text = utc_timestamp(self._clock.now_ns())
            request = self.counterparties[session].next_request(time_text)
            if request is not None:
                self._initiator.send(session, request)

    def _await_answers(self) -> None:
        """Until nothing is unanswered, and then until no more reports come."""
        self._poll_until(lambda: self.summary().unanswered == 0, _ANSWER_SECONDS)
        reports = -1
        while reports != (reports := self.summary().reports):
            self._poll_until(lambda: False, _QUIET_SECONDS)

    def _poll_until(self, is_done: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not is_done() and time.monotonic() < deadline:
            if not self._initiator.poll():
                time.sleep(_IDLE_SECONDS)


def _behaviour(number: int, random: Random, instruments: Sequence[Instrument]) -> Behaviour:
    """A maker first and a taker second, so that two parties already trade with each other."""
    match number % 4:
        case 1:
            return Taker(random, instruments)
        case 2:
            return Noise(random, instruments)
        case _:
            return MarketMaker(random, instruments)
