"""A sequencer with a real journal, engine and encoder, and FIX sessions that only take notes.

The sessions ALPHA and BRAVO of the members ALPHA and BRAVO; a clock that goes 1 us a look.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from venue.book.price_level import RestingOrder
from venue.domain import commands as c
from venue.engine.engine import Engine
from venue.engine.image.settlement import settlement_image
from venue.engine.state.market import Market
from venue.engine.state.members import Member, scopes_of
from venue.engine.state.orders import Order
from venue.engine.state.trades import Trade
from venue.fix.encode import ReportEncoder
from venue.journal.record import Batch, SessionMark, decode_batch
from venue.journal.segment import EMPTY_JOURNAL
from venue.replay.replay import Replay, replay
from venue.risk.exposure import Scope, Use
from venue.sequencer.inbox import Input
from venue.sequencer.sequencer import Sequencer
from venue.sequencer.session_state import RESEND_WINDOW, SKIPPED_AFTER_CRASH, SessionBook
from venue.sequencer.writer import JournalWriter

from ..attributes import attributes_of
from ..engine.builders import ACME, DAY, START_NS, buy, sell
from ..journal.builders import frames
from .noting_port import NotingPort, Sent

SEED: tuple[c.AnyCommand, ...] = (
    c.AddInstrument(ACME),
    c.AddMember("ALPHA", (), "1000000000", 100_000),
    c.AddMember("BRAVO", (), "1000000000", 100_000),
    c.AddSession("ALPHA", "ALPHA"),
    c.AddSession("BRAVO", "BRAVO"),
    c.StartDay(DAY),
    c.StartVenue(1, 30_000_000_000),
)


def no_time() -> float:
    """A clock by which every write takes no time, however slow the machine's disk is."""
    return 0.0


class Trading:
    """Trading without QuickFIX: what sessions say goes in, what they are sent is noted."""

    def __init__(
        self,
        directory: Path,
        max_batch: int = 256,
        seed: bool = True,
        segment_bytes: int = 1 << 20,
        window: int = RESEND_WINDOW,
    ) -> None:
        self.directory = directory
        self.now = START_NS
        self.encoder = ReportEncoder()
        self.engine = Engine()
        self.writer = JournalWriter(directory, segment_bytes, EMPTY_JOURNAL, no_time)
        self.port = NotingPort(directory)
        self.book = SessionBook(window)
        self.segment_bytes, self.max_batch, self.window = segment_bytes, max_batch, window
        self.sequencer = self._sequencer(1)
        if seed:
            for command in SEED:
                self.put(command)
            self.sequencer.drain()

    def now_ns(self) -> int:
        """The time, one microsecond after the last look."""
        self.now += 1_000
        return self.now

    def put(self, command: c.AnyCommand) -> None:
        """Have a command wait that no session sent."""
        self.sequencer.inbox.put(Input(None, 0, command=command))

    def receive(self, command: c.TradingCommand) -> None:
        """A session sends a command; it waits."""
        number = self.port.count_in(command.session)
        self.sequencer.inbox.put(Input(command.session, number, command=command))

    def say(self, *commands: c.TradingCommand) -> list[Sent]:
        """Sessions send commands, all are sequenced; what is sent."""
        for command in commands:
            self.receive(command)
        self.sequencer.drain()
        return self.port.take()

    def log_on(
        self, session: str, reset: bool = False, owed: bool = True, cancels: bool | None = None
    ) -> None:
        """A Logon as the door takes it: on disk, then the numbers are reset, then it is answered.

        owed: go on to send what is owed.
        """
        number = 1 if reset else self.port.next_in(session)
        self.sequencer.commit_logon(c.LogOn(session, reset, cancels), number)
        if reset:
            self.port.reset(session)
        self.port.attach(session)
        self.port.count_in(session)
        self.port.send_admin(session)
        if owed:
            self.sequencer.send_owed(session)

    def log_out(self, session: str) -> None:
        """A session's connection ends."""
        self.port.detach(session)
        self.put(c.LogOut(session))

    def replayed(self, witness: int | None = None) -> Replay:
        """What a start on a copy of the journal as it is would find."""
        witness = self.writer.next_event_seq - 1 if witness is None else witness
        return replay(self.directory, witness, self.encoder.reports, window=self.window)

    def start_again(self) -> None:
        """Kill trading as it is, and start it on what is on disk."""
        self.writer.close()
        found = self.replayed()
        self.engine, self.book = found.engine, found.sessions
        self.writer = JournalWriter(self.directory, self.segment_bytes, found.position, no_time)
        port = self.port
        port.is_killed, port.unflushed = False, 0
        port.connected.clear()
        port.last_words.clear()
        unsure = []
        for name in found.sessions.names():
            state = found.sessions[name]
            port.incoming[name], port.outgoing[name] = state.next_in, state.next_out
            if state.logged_on:
                port.outgoing[name] += SKIPPED_AFTER_CRASH
                unsure.append(name)
        self.sequencer = self._sequencer(found.epoch + 1)
        self.put(c.StartVenue(found.epoch + 1, 30_000_000_000))
        self.sequencer.inbox.put_first(found.follow_ups)
        self.sequencer.run_all(unsure)
        self.sequencer.drain()

    def _sequencer(self, epoch: int) -> Sequencer:
        return Sequencer(
            self.engine, self.writer, self.encoder, self.port, self.book, self.now_ns, epoch,
            self.max_batch,
        )  # fmt: skip


def mark_on(
    next_in: int, first_out: int, count: int = 0, answers: tuple[int, ...] = ()
) -> SessionMark:
    """Mark of a session that is on, and whose client's machine has all that was sent before."""
    return SessionMark(next_in, first_out, count, answers, unread_from=first_out)


def last_batch(trading: Trading) -> Batch:
    """The batch that is last in the journal."""
    return decode_batch(frames(trading.directory)[-1].body)


def told(sent: list[Sent], *tags: str) -> list[tuple[str, ...]]:
    """Session and these tags of each message, `-` where one is missing."""
    return [(m.session, *(m.tags.get(tag, "-") for tag in tags)) for m in sent]


def missed_fills(trading: Trading, count: int = 1) -> list[str]:
    """Reports that ALPHA is sent while it is out."""
    trading.log_out("ALPHA")
    trading.log_on("ALPHA", cancels=False)
    trading.say(buy("A1", "9", "100"))
    trading.log_out("ALPHA")
    sent = trading.say(*(sell(f"B{number}", "1", "100") for number in range(count)))
    texts = [m.text for m in sent if m.session == "ALPHA"]
    assert len(texts) == count
    return texts


def digest(engine: Engine) -> Sequence[object]:
    """All of an engine's state that later events can depend on, in comparable form."""
    state = engine.state
    return [
        (state.next_event_seq, state.next_order_id, state.next_match_id, state.timestamp_ns),
        (
            state.phase,
            state.trading_day,
            state.entry_stopped,
            state.next_due_ns,
            list(state.expiring),
        ),
        settlement_image(state.obligations),
        (state.pending, state.four_eyes, state.sanctions, state.killed, state.next_action_id),
        {name: _order(order) for name, order in state.orders.items()},
        {symbol: _market(market) for symbol, market in state.markets.items()},
        {name: _trade(trade) for name, trade in state.trades.items()},
        {
            name: (
                *map(_scope, scopes_of(m)),
                {each: getattr(m, each) for each in _OF_MEMBERS},
                [(p.account, p.asset, p.balance, p.reserved, p.pending) for p in m.purses.all()],
            )
            for name, m in state.members.items()
        },
        {
            name: (
                s.logged_on,
                s.cancel_on_disconnect,
                s.grace_ends_ns,
                (s.enabled, s.blocked, s.messages_per_second, s.repeated_executions),
                (s.repeats, s.repeats_since_ns, s.entries.full_at_ns, s.removals.full_at_ns),
                s.mass_cancels,
                (s.excess.second, s.excess.count, s.excess.seconds_over),
                list(s.open_orders),
                sorted(s.cl_ord_ids.items()),
                sorted(cl_ord_id for cl_ord_id, _ in s.before.items()),
            )
            for name, s in state.sessions.items()
        },
    ]


_OF_MEMBERS = sorted(
    attributes_of(Member) - attributes_of(Scope) - {"by_account", "purses", "_standings"}
)
"""What a member has beside what every scope has."""


def _scope(scope: Scope) -> object:
    uses = {
        symbol: [
            getattr(use, name) for name in sorted(attributes_of(Use) - {"scope", "instrument"})
        ]
        for symbol, use in scope.uses.items()
    }
    return scope.limits.texts(), scope.exposure, scope.net_bought, scope.open_orders, uses


def _order(order: Order) -> object:
    """Every field but the links of its queue, which the market shows."""
    links = {"level", "ahead", "behind", "standing", "counted_ticks", "day"}
    names = (attributes_of(Order) | {"exposure"}) - links
    told = {name: getattr(order, name) for name in sorted(names)}
    return told | {"state": order.state(), "is_past": order.day.is_over}


def _market(market: Market) -> object:
    numbers = {
        name: getattr(market, name)
        for name in sorted(attributes_of(Market))
        if name.startswith("day_") or name.endswith(("_ticks", "ed"))
    }
    queues = [
        (level.price_ticks, level.lots, [_id(order) for order in level])
        for side in (market.book.bids, market.book.asks)
        for level in side.levels()
    ]
    waiting = [list(each) for each in _waiting(market)]
    return numbers, queues, waiting, _stops(market), market.instrument.definition


def _waiting(market: Market) -> list[Iterable[object]]:
    return [market.all_or_none, market.auction, market.pegs, market.on_halt]


def _stops(market: Market) -> object:
    """Waiting stops in the order in which they would be triggered."""
    sides = (market.stops._buys, market.stops._sells)
    return [[_id(order) for level in s._levels.values() for order in level] for s in sides]


def _id(order: RestingOrder) -> str:
    assert isinstance(order, Order)
    return order.terms.order_id


def _trade(trade: Trade) -> object:
    return [getattr(trade, name) for name in sorted(attributes_of(Trade) - {"earlier"})]
