"""Random commands with accounts, short sales, funds, limits changed live and all that stops entry.

What stops something is taken back soon, so that most of the flow trades.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from venue.domain import commands as c
from venue.domain import events as e

from .builders import MEMBERS, Venue
from .funded import ACCOUNTS, DEFINITIONS
from .random_flow import SESSIONS, RandomFlow
from .test_random_flow import do_all_of

_NAMES = tuple(dict.fromkeys(MEMBERS.values()))
_SYMBOLS = tuple(definition.symbol for definition in DEFINITIONS)
_TRADERS = ("T1", "T2")
"""Both have to be named and approved once one of them has been heard of: those of CHARLIE."""
_OPERATOR: dict[str, Any] = {"operator": "olga", "reason": "drill"}
_LIMITS = {
    "credit_limit": ("200000", "100000", "50000", "20000", "5000"),
    "max_position": ("800", "300", "120", "60", "20", "5"),
    "max_gross_notional": ("300000", "150000", "80000", "40000", "15000"),
    "max_net_notional": ("150000", "80000", "40000", "15000", "5000"),
    "max_daily_loss": ("2000", "400", "100", "20", "1"),
    "max_open_orders": ("20", "10", "5", "3", "1"),
    "order_to_trade_ratio": ("50", "2"),
    "restricted": ("ACME", "BTC-USD:buy GLOBEX:sell"),
}
"""From loose to tight: what is below the use of the moment is refused, what is left binds."""


class ControlFlow(RandomFlow):
    """Iterates over commands; the same seed gives the same ones. Of the engine it knows only how
    many trades there were, which `hear` has to be told."""

    def __init__(self, seed: int, count: int) -> None:
        super().__init__(seed, count)
        self._trades = 0
        self._undo: list[c.AnyCommand] = []
        self._tighter: list[c.AnyCommand] = []

    def __iter__(self) -> Iterator[c.AnyCommand]:
        for number in range(self._count):
            if self._tighter:
                yield self._tighter.pop(0)
            elif self._source.random() < 0.2:
                yield self._control()
            else:
                yield self._command(number)

    def hear(self, events: Iterable[e.AnyEvent]) -> None:
        """What the last command has caused."""
        self._trades += sum(isinstance(event, e.TradeExecuted) for event in events)

    def _enter(self, number: int, session: str) -> c.EnterOrder:
        source = self._source
        order = super()._enter(number, session)
        changed: dict[str, Any] = {}
        if MEMBERS[session] == "BRAVO":
            changed["account"] = source.choice((*ACCOUNTS * 3, None, None, "B9"))
        elif MEMBERS[session] == "CHARLIE":
            changed["parties"] = (c.Party(source.choice(_TRADERS), "D", "11"),)
            if order.side == "2" and source.random() < 0.3:
                changed |= {"side": "5", "locate_reqd": "N"}
        if order.time_in_force in "016" and not order.exec_inst and source.random() < 0.2:
            changed["exec_inst"] = "K" if order.ord_type != "P" else order.exec_inst
        order = msgspec.structs.replace(order, **changed)
        self._used[session][-1] = order
        return order

    def _known(self, session: str) -> c.EnterOrder:
        """Mostly a very new one: much is stopped before it grows old."""
        used = self._used[session]
        return self._source.choice(used[-6:] if self._source.random() < 0.8 else used)

    def _control(self) -> c.AnyCommand:
        source = self._source
        if len(self._undo) > 5 or (self._undo and source.random() < 0.4):
            return self._undo.pop(source.randrange(len(self._undo)))
        if source.random() < 0.35:
            return self._change()
        (kind,) = source.choices((self._stop, self._funds, self._limits), (3, 5, 4))
        return kind()

    def _change(self) -> c.AnyCommand:
        """A bust or correction of a trade, mostly one of the day."""
        source = self._source
        match_id = f"M{max(self._trades - source.randrange(25), 1)}"
        kind = source.randrange(3)
        if kind == 0:
            return c.BustTrade(match_id, **_OPERATOR)
        price = self._price(source.choice(_SYMBOLS))
        return c.CorrectTrade(match_id, price, source.choice((None, "1")), **_OPERATOR)

    def _stop(self) -> c.AnyCommand:
        """Something that stops entry or trading; what takes it back is kept."""
        source, who = self._source, _OPERATOR
        member, session, symbol = map(source.choice, (_NAMES, SESSIONS, _SYMBOLS))
        trader = source.choice(("", *_TRADERS)) if member == "CHARLIE" else ""
        definition = next(each for each in DEFINITIONS if each.symbol == symbol)
        pairs: list[tuple[c.AnyCommand, c.AnyCommand]] = [
            (c.Kill("member", member, **who), c.Revive("member", member, **who)),
            (c.Kill("session", session, **who), c.Revive("session", session, **who)),
            (c.Kill("all", **who), c.Revive("all", **who)),
            (c.SuspendMember(member, **who), c.ResumeMember(member, **who)),
            (c.HaltInstrument(symbol, **who), c.ResumeInstrument(symbol, **who)),
            (c.HaltInstrument(symbol, **who), c.ResumeInstrument(symbol, **who)),
            (c.DisableInstrument(symbol, **who), c.AddInstrument(definition)),
            (c.DisableSession(session, **who), c.EnableSession(session, **who)),
            (
                c.SetKyc(member, source.choice(("pending", "suspended")), trader),
                c.SetKyc(member, "approved", trader),
            ),
        ]
        stop, undo = source.choice(pairs)
        self._undo.append(undo)
        return stop

    def _funds(self) -> c.AnyCommand:
        source = self._source
        member = source.choice(_NAMES)
        asset, most = source.choice((("USD", 40_000), ("ACME", 100), ("GLOBEX", 300), ("BTC", 1)))
        amount = f"{source.randint(0, most)}.{source.randint(0, 99):02}"
        account = source.choice(("", *ACCOUNTS)) if member == "BRAVO" else ""
        kind = source.choice((c.Deposit, c.Withdraw, c.Withdraw))
        return kind(member, asset, amount, account=account, **_OPERATOR)

    def _limits(self) -> c.AnyCommand:
        source = self._source
        member = source.choice((*_NAMES, "BRAVO"))
        name = source.choice([*_LIMITS])
        account = source.choice(("", *ACCOUNTS)) if member == "BRAVO" else ""
        self._undo.append(c.SetLimits(member, {name: None}, account, **_OPERATOR))
        self._tighter += (
            c.SetLimits(member, {name: value}, account, **_OPERATOR) for value in _LIMITS[name]
        )
        return self._tighter.pop(0)


def play(venue: Venue, flow: ControlFlow) -> Iterator[tuple[c.AnyCommand, list[e.AnyEvent]]]:
    """Each command of a flow with what it and its follow-ups have caused."""
    for command in flow:
        events = do_all_of(venue, command)
        flow.hear(events)
        yield command, events
