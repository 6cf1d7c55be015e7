"""Alerts to members, made from events: the same events make the same alerts and ids. Pure.

What was counted before is in `image`. Must tell no member anything of another one, nor who of the
operators has done something, or why.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from venue.bus.alerts import Alert
from venue.domain import events as e
from venue.domain.exec_ids import exec_id
from venue.domain.types import Side
from venue.domain.verbs.trade_changes import BUSTED_CODE, CORRECTED_CODE
from venue.notify.alert_of import (
    WAYS,
    alert_of,
    done_alert,
    fail_alert,
    fill_alert,
    loss_alert,
    rise_alert,
    who,
)
from venue.notify.kinds import Interest, Kind
from venue.notify.limits import LimitUse
from venue.notify.limits_image import LimitsImage
from venue.notify.order_totals import OrderTotals, TotalsImage

WINDOW_NS = 60_000_000_000
"""Rejects are counted from the first one on for so long."""
_CANCEL_ON_DISCONNECT = "CANCEL_ON_DISCONNECT"
_REFUSED = "0"
"""MassCancelResponse(531) of a mass cancel that was refused."""


class WatchImage(msgspec.Struct):
    """All that has been seen, as far as later alerts depend on it."""

    limits: LimitsImage = msgspec.field(default_factory=LimitsImage)
    totals: TotalsImage = {}
    sessions: dict[str, str] = {}
    rejects: dict[str, tuple[int, int]] = {}
    canceling: list[str] = []


class Watch:
    """Takes every event, in order."""

    def __init__(self, image: WatchImage | None = None) -> None:
        image = image or WatchImage()
        self._limits = LimitUse.of(image.limits)
        self._totals = OrderTotals.of(image.totals)
        self._sessions = dict(image.sessions)
        """Each session's member."""
        self._rejects = dict(image.rejects)
        """Of each member: when its window began, and how many there were since."""
        self._canceling = set(image.canceling)
        """Sessions that have ended, and of whose orders it was said that they are canceled."""

    def image(self) -> WatchImage:
        """All that is needed to go on elsewhere."""
        return WatchImage(
            self._limits.image(),
            self._totals.image(),
            self._sessions,
            self._rejects,
            sorted(self._canceling),
        )

    def apply(self, event: e.AnyEvent, wanted: Interest) -> list[Alert]:
        """The alerts of an event, of those kinds that anybody wants."""
        found: list[Alert] = []
        for rise in self._limits.apply(event):
            if Kind.LIMIT_USE in wanted.kinds:
                found.append(rise_alert(event, rise))
            if rise.blocks and Kind.BLOCK in wanted.kinds:
                found.append(loss_alert(event, rise))
        for order, totals in self._totals.apply(event):
            if Kind.ORDER_DONE in wanted.kinds:
                found.append(done_alert(event, order, totals))
        tell = _TELL.get(type(event))
        if tell is not None:
            found += (each for each in tell(self, event, wanted) if each.type in wanted.kinds)
        return [each for each in found if each.member]

    def _executed(self, event: e.TradeExecuted, wanted: Interest) -> Iterator[Alert]:
        if Kind.FILL not in wanted.kinds:
            return
        for side, fill in ((Side.BUY, event.buy), (Side.SELL, event.sell)):
            text = (
                f"{who(fill.order)} {WAYS[side]} {event.last_qty} {event.symbol} at "
                f"{event.last_px} for {event.amount} {event.currency}, fee {fill.fee}"
            )
            yield fill_alert(Kind.FILL, event, side, fill, text)

    def _busted(self, event: e.TradeBusted, wanted: Interest) -> Iterator[Alert]:
        for side, fill in ((Side.BUY, event.buy), (Side.SELL, event.sell)):
            text = (
                f"{BUSTED_CODE} {event.match_id}: {event.last_qty} {event.symbol} at "
                f"{event.last_px}, which {who(fill.order)} {WAYS[side]}, is undone"
            )
            ref = exec_id(event.exec_ref_seq, side)
            yield fill_alert(Kind.BUST, event, side, fill, text, exec_ref_id=ref)

    def _corrected(self, event: e.TradeCorrected, wanted: Interest) -> Iterator[Alert]:
        for side, fill in ((Side.BUY, event.buy), (Side.SELL, event.sell)):
            text = (
                f"{CORRECTED_CODE} {event.match_id}: {who(fill.order)} {WAYS[side]} "
                f"{event.last_qty} {event.symbol} at {event.last_px}, not {event.previous_qty} at "
                f"{event.previous_px}"
            )
            yield fill_alert(
                Kind.CORRECT,
                event,
                side,
                fill,
                text,
                exec_ref_id=exec_id(event.exec_ref_seq, side),
                previous_px=event.previous_px,
                previous_qty=event.previous_qty,
                previous_amount=event.previous_amount,
                previous_fee=event.previous_fee_of(side),
            )

    def _failed(
        self, event: e.ObligationFailed | e.ObligationBoughtIn, wanted: Interest
    ) -> Iterator[Alert]:
        yield fail_alert(event)

    def _rejected(
        self, event: e.OrderRejected | e.CancelRejected | e.MassCancelReported, wanted: Interest
    ) -> Iterator[Alert]:
        if isinstance(event, e.MassCancelReported) and event.response != _REFUSED:
            return
        began, count = self._rejects.get(event.member, (0, 0))
        if event.timestamp_ns - began >= WINDOW_NS:
            began, count = event.timestamp_ns, 0
        self._rejects[event.member] = (began, count + 1)
        if count + 1 in wanted.rejects:
            latest = getattr(event, "reason", "MASS_CANCEL_REFUSED")
            text = f"{count + 1} requests of {event.member} were refused within a minute: {latest}"
            facts = {"rejects": str(count + 1), "reason": str(latest)}
            yield alert_of(
                Kind.REJECTS, event, event.member, text, session=event.session, facts=facts
            )

    def _logged_on(self, event: e.SessionLoggedOn, wanted: Interest) -> Iterable[Alert]:
        self._canceling.discard(event.session)
        return ()

    def _logged_out(self, event: e.SessionLoggedOut, wanted: Interest) -> Iterator[Alert]:
        self._canceling.discard(event.session)
        text = f"session {event.session} has ended"
        yield alert_of(Kind.DISCONNECT, event, event.member, text, session=event.session)

    def _canceled(self, event: e.OrderCanceled, wanted: Interest) -> Iterator[Alert]:
        """One alert for a session's end, however many orders it takes along."""
        terms = event.order.terms
        if not (event.text or "").startswith(_CANCEL_ON_DISCONNECT):
            return
        if terms.session in self._canceling:
            return
        self._canceling.add(terms.session)
        text = f"orders of session {terms.session} are being canceled, for it has ended"
        yield alert_of(Kind.CANCEL_ON_DISCONNECT, event, terms.member, text, session=terms.session)

    def _session_added(self, event: e.SessionAdded, wanted: Interest) -> Iterator[Alert]:
        is_new = event.session not in self._sessions
        self._sessions[event.session] = event.member
        text = f"session {event.session} {'was added' if is_new else 'has other terms'}"
        yield alert_of(Kind.SESSION, event, event.member, text, session=event.session)

    def _session_changed(
        self, event: e.SessionEnded | e.SessionEnabled | e.SessionReset, wanted: Interest
    ) -> Iterator[Alert]:
        match event:
            case e.SessionEnded(disabled=True):
                text = "was logged out, and no logon is taken"
            case e.SessionEnded():
                text = "was logged out by the venue"
            case e.SessionEnabled():
                text = "may log on again"
            case _:
                text = "begins at MsgSeqNum 1 again"
        member = self._sessions.get(event.session, "")  # one beside trading is not known here
        if not isinstance(event, e.SessionReset):
            member = event.member
        text = f"session {event.session} {text}"
        yield alert_of(Kind.SESSION, event, member, text, session=event.session)

    def _secret_changed(self, event: e.SecretChanged, wanted: Interest) -> Iterator[Alert]:
        by = "the venue" if event.operator else "the session itself"
        text = f"session {event.session} has another {event.kind}, set by {by}"
        yield alert_of(Kind.SECRET, event, event.member, text, session=event.session)

    def _blocked(
        self, event: e.EntryBlocked | e.EntryRestored, wanted: Interest
    ) -> Iterator[Alert]:
        is_block = isinstance(event, e.EntryBlocked)
        of = event.name or "all"
        text = f"{event.code}: no entry for {of}" if is_block else f"entry again for {of}"
        session = event.name if event.scope == "session" else ""
        if event.scope == "all":
            members = self._limits.members
        else:
            members = [self._sessions.get(event.name, "") if session else event.name]
        facts = {"code": event.code}
        for member in members:
            yield alert_of(Kind.BLOCK, event, member, text, session=session, facts=facts)

    def _kyc_changed(self, event: e.KycChanged, wanted: Interest) -> Iterator[Alert]:
        of = f"trader {event.trader} of {event.member}" if event.trader else event.member
        yield alert_of(Kind.BLOCK, event, event.member, f"KYC of {of} is {event.state}")

    def _history(
        self, event: e.HistoryBegun | e.SessionsOpened, wanted: Interest
    ) -> Iterator[Alert]:
        begun = isinstance(event, e.HistoryBegun)
        text = "the venue goes on from older data: no logon is taken" if begun else "logons again"
        for member in self._limits.members:
            yield alert_of(Kind.SESSION, event, member, text)

    def _risk(self, event: e.RiskAlerted | e.LimitsSet, wanted: Interest) -> Iterator[Alert]:
        if isinstance(event, e.RiskAlerted):
            facts = {"code": event.code}
            yield alert_of(
                Kind.RISK, event, event.member, f"{event.code} {event.detail}", facts=facts
            )
            return
        whose = f"{event.member}/{event.account}" if event.account else event.member
        told = "  ".join(f"{name} {value}" for name, value in event.limits.items()) or "none"
        facts = dict(event.limits)
        yield alert_of(Kind.RISK, event, event.member, f"limits of {whose}: {told}", facts=facts)


_TELL: dict[type, Callable[[Watch, Any, Interest], Iterable[Alert]]] = {
    e.TradeExecuted: Watch._executed,
    e.TradeBusted: Watch._busted,
    e.TradeCorrected: Watch._corrected,
    e.ObligationFailed: Watch._failed,
    e.ObligationBoughtIn: Watch._failed,
    e.OrderRejected: Watch._rejected,
    e.CancelRejected: Watch._rejected,
    e.MassCancelReported: Watch._rejected,
    e.SessionLoggedOn: Watch._logged_on,
    e.SessionLoggedOut: Watch._logged_out,
    e.OrderCanceled: Watch._canceled,
    e.SessionAdded: Watch._session_added,
    e.SessionEnded: Watch._session_changed,
    e.SessionEnabled: Watch._session_changed,
    e.SessionReset: Watch._session_changed,
    e.SecretChanged: Watch._secret_changed,
    e.EntryBlocked: Watch._blocked,
    e.EntryRestored: Watch._blocked,
    e.KycChanged: Watch._kyc_changed,
    e.HistoryBegun: Watch._history,
    e.SessionsOpened: Watch._history,
    e.RiskAlerted: Watch._risk,
    e.LimitsSet: Watch._risk,
}
"""What is told of an event; of limits that are used and orders that are done: Watch.apply."""
