"""Random life of two FIX sessions from a seed, and what their clients have read of it.

Orders, questions, logons of every kind, lines that break, resends, kills. The port's notes say what
was sent; the journal says what was owed.
"""

import random

from venue.domain import commands as c
from venue.domain.answers import OrderStatusQuery
from venue.domain.outgoing import Kept, Outgoing
from venue.journal.record import decode_batch
from venue.replay.history import History
from venue.sequencer.inbox import Input

from ..engine.builders import cancel
from ..journal.builders import frames
from .builders import Trading
from .noting_port import Sent

SESSIONS = ("ALPHA", "BRAVO")


class RandomLife:
    """kills: whether trading is killed now and then. read: what each client's machine has.

    last_sent: by the last step.
    """

    def __init__(self, trading: Trading, seed: int, kills: bool = False) -> None:
        self.trading = trading
        self.kills = kills
        self.read: dict[str, set[str]] = {session: set() for session in SESSIONS}
        self.again = self.resent = self.killed = self.orders = 0
        self.last_sent: list[Sent] = []
        self._source = random.Random(seed)

    def step(self) -> None:
        """One thing happens to one of the sessions."""
        source, port = self._source, self.trading.port
        session = source.choice(SESSIONS)
        if source.random() < 0.1:
            self._turn(session)
        if self.kills and source.random() < 0.01:
            self._kill()
        elif session not in port.connected:
            self._while_out(session)
        else:
            (deed,) = source.choices(
                (self._order, self._cancel, self._ask, self._answer, self._chat, self._confirm,
                 self._resend, self._log_on_again, self._leave),
                (50, 10, 8, 4, 6, 10, 5, 1, 6),
            )  # fmt: skip
            deed(session)
        if source.random() < 0.4:
            self.trading.sequencer.run_batch()
        self._note()

    def settle(self) -> None:
        """Have everything that waits sequenced."""
        self.trading.sequencer.drain()
        self._note()

    def reports(self, session: str) -> list[str]:
        """Every report to the session that is on disk, in order."""
        return [
            report.text
            for frame in frames(self.trading.directory)
            for record in decode_batch(frame.body).records
            for event in record.events
            for report in self.trading.encoder.reports(event)
            if report.session == session
        ]

    def numbered(self, session: str) -> dict[int, Kept]:
        """Reports by the numbers that they have since the last reset, no answers."""
        stored = self.trading.port.stored.get(session, {})
        return {n: kept for n, kept in stored.items() if is_report(kept.text)}

    def in_flight(self, session: str) -> set[str]:
        """What has left over the present connection and is not confirmed yet."""
        port = self.trading.port
        if session not in port.connected:
            return set()
        return {port.stored[session][number].text for number in port.unconfirmed[session]}

    def _note(self) -> None:
        self.last_sent = self.trading.port.take()
        for message in self.last_sent:
            self.again += message.again
            if message.left and message.session not in self.trading.port.silent:
                self.read[message.session].add(message.text)

    def _turn(self, session: str) -> None:
        """The client's machine confirms nothing by itself any more, or all that waits."""
        port = self.trading.port
        if session not in port.silent:
            port.silent.add(session)
            return
        port.silent.discard(session)
        if session in port.connected:
            self._confirm(session, len(port.unconfirmed[session]))

    def _while_out(self, session: str) -> None:
        source, trading = self._source, self.trading
        if source.random() < 0.05:
            trading.sequencer.reset_session(c.ResetSession(session))
        elif source.random() < 0.3:
            trading.log_on(
                session,
                reset=source.random() < 0.3,
                owed=source.random() < 0.8,
                cancels=source.random() < 0.3,
            )

    def _order(self, session: str) -> None:
        self.orders += 1
        price = str(99 + self._source.randrange(3))
        side = "1" if session == "ALPHA" else "2"
        self.trading.receive(
            c.EnterOrder(session, f"C{self.orders}", "ACME", side, "2", "0", "3", price)
        )

    def _cancel(self, session: str) -> None:
        self.orders += 1
        self.trading.receive(cancel(f"C{self.orders}", f"C{self.orders - 1}", session=session))

    def _ask(self, session: str) -> None:
        query = OrderStatusQuery(session, f"C{self.orders}", "ACME", "1")
        number = self.trading.port.count_in(session)
        self.trading.sequencer.inbox.put(Input(session, number, query=query))

    def _answer(self, session: str) -> None:
        number = self.trading.port.count_in(session)
        answer = Outgoing(session, "35=j\x0145=1\x01")
        self.trading.sequencer.inbox.put(Input(session, number, answer=answer))

    def _chat(self, session: str) -> None:
        for _ in range(self._source.randrange(60)):
            self.trading.sequencer.admin_sent(session)
            self.trading.port.send_admin(session)
            self.trading.port.count_in(session)

    def _confirm(self, session: str, count: int = 3) -> None:
        port = self.trading.port
        for number in port.confirm(session, count):
            self.read[session].add(port.stored[session][number].text)

    def _resend(self, session: str) -> None:
        """Have some numbers sent again. The machine confirms in order, so only once all else is."""
        trading, port = self.trading, self.trading.port
        end = port.next_out(session) - 1
        begin = self._source.randint(max(1, end - 40), end)
        history = History(trading.book, trading.directory, trading.encoder.reports)
        found = [each for each in history.between(session, begin, end) if each is not None]
        if not port.unconfirmed[session] and self._source.random() < 0.7:
            port.read[session].append((begin, end))
            self.read[session].update(kept.text for _, kept in found)
            self.resent += len(found)

    def _log_on_again(self, session: str) -> None:
        self.trading.log_on(session, reset=self._source.random() < 0.7)

    def _leave(self, session: str) -> None:
        self.trading.log_out(session)

    def _kill(self) -> None:
        """Trading is killed, with a batch on disk of which nothing has left, or between two."""
        self.killed += 1
        self._note()
        self.trading.port.is_killed = self._source.random() < 0.6
        if self.trading.port.is_killed:
            self.trading.sequencer.run_batch()
        self.trading.start_again()


def is_report(text: str) -> bool:
    """Whether it is neither an answer nor a reject."""
    return "150=I" not in text and "35=j" not in text


__all__ = ["SESSIONS", "RandomLife", "is_report"]
