"""What must hold of every report that a client receives, whatever it asked for.

Knows the rules, spec/FIX44.xml and the table of order states; knows nothing of the test that runs.
"""

import re
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path
from xml.etree import ElementTree

from tests.fix_client import FixClient
from tests.fix_message import Message
from venue.domain.reject_reasons import RejectReason
from venue.domain.types import OPEN_STATUSES, ExecType, OrdStatus
from venue.engine.state.orders import TRANSITIONS

_SPEC = ElementTree.parse(Path(__file__).parents[2] / "spec" / "FIX44.xml").getroot()
_NOT_STOCK = {"8": {586, 114, 880, 7928, 8000}, "9": {790}}
"""What spec/FIX44.xml declares beyond the stock dictionary: nothing for a stock session."""
_REQUIRED = {
    "8": (37, 17, 150, 39, 55, 54, 151, 14, 6, 60, 58),
    "9": (37, 11, 41, 39, 434, 102, 60, 58),
    "r": (37, 11, 530, 531, 533, 60),
}
_GROUP_TAGS = {448, 447, 452}
_FILLS = (ExecType.TRADE, ExecType.TRADE_CORRECT, ExecType.TRADE_CANCEL)
_CODE = re.compile(r"[A-Z]+(_[A-Z]+)*( \S.*)?")
_ACTIONS = {
    ExecType.CANCELED: "cancel",
    ExecType.EXPIRED: "expire",
    ExecType.REPLACED: "replace",
    ExecType.RESTATED: "restate",
}


def allowed_tags(msg_type: str) -> frozenset[int]:
    """Tags that the stock FIX 4.4 dictionary knows for a message, header and trailer included."""
    numbers = {f.attrib["name"]: int(f.attrib["number"]) for f in _SPEC.iterfind("fields/field")}
    components = {c.attrib["name"]: c for c in _SPEC.iterfind("components/component")}

    def tags(element: ElementTree.Element) -> set[int]:
        found = set()
        for child in element:
            if child.tag == "component":
                found |= tags(components[child.attrib["name"]])
            else:
                found |= {numbers[child.attrib["name"]]} | tags(child)
        return found

    message = _SPEC.find(f"messages/message[@msgtype='{msg_type}']")
    assert message is not None
    parts = [message, *_SPEC.iterfind("header"), *_SPEC.iterfind("trailer")]
    return frozenset(set().union(*map(tags, parts)) - _NOT_STOCK.get(msg_type, set()))


_ALLOWED = {msg_type: allowed_tags(msg_type) for msg_type in ("8", "9", "r", "j", "3")}

_REPLACEABLE = (18, 126, 432, 211)
"""Terms that a replacement may change, beside quantity and prices."""


class OrderSeen:
    """An order as the reports of one session have told it. whole: from its New on."""

    def __init__(self, first: Message) -> None:
        self.whole = first.get(150) == ExecType.NEW
        self.fixed = _fixed_terms(first)
        self.status = OrdStatus(first[39])
        self.cl_ord_id = first.get(41) or first[11]
        self.fills: dict[str, tuple[Decimal, Decimal]] = {}
        self.before: dict[str, tuple[Decimal, Decimal]] = {}
        """Those of the fills that are of earlier days."""


class ReportChecker:
    """Checks reports in the order in which they come, for all sessions of a venue at once."""

    def __init__(self) -> None:
        self.checked = 0
        self._executions: dict[str, tuple[str, ...]] = {}
        self._received: set[tuple[str, str]] = set()
        self._last_sequence: dict[str, int] = {}
        self._orders: dict[tuple[str, str], OrderSeen] = {}
        self._order_ids: dict[tuple[str, str], str] = {}
        self._match_sides: Counter[tuple[str, str]] = Counter()

    def check(self, session: str, message: Message) -> None:
        """Raises AssertionError with what is wrong and the message."""
        allowed = _ALLOWED.get(message.msg_type)
        if allowed is None:
            return
        unknown = [tag for tag, _ in message.fields if tag not in allowed]
        assert not unknown, f"{unknown} are not of this message in FIX 4.4: {message}"
        for tag, count in Counter(tag for tag, _ in message.fields).items():
            assert count == 1 or tag in _GROUP_TAGS, f"{tag} stands {count} times: {message}"
        assert all(value for _, value in message.fields), f"empty field: {message}"
        for tag in _REQUIRED.get(message.msg_type, ()):
            assert tag in message or tag == 58, f"{tag} is missing: {message}"
        if 58 in message and message.msg_type in "89rj":
            assert _CODE.fullmatch(message[58]), f"Text without a code: {message}"
        if message.msg_type == "8":
            self._check_execution_report(session, message)
        elif message.msg_type == "9":
            assert (message[37] == "NONE") == (message[39] == "8"), message
            assert message[58].split()[0] in RejectReason.__members__, message
        self.checked += 1

    def _check_execution_report(self, session: str, report: Message) -> None:
        exec_type = ExecType(report[150])
        unknown = exec_type is ExecType.ORDER_STATUS and report.get(103) == "5"
        rejected = exec_type is ExecType.REJECTED
        assert (report[37] == "NONE") == (unknown or rejected), report
        assert (103 in report) == (unknown or rejected), report
        if unknown or rejected:
            assert [report[tag] for tag in (39, 151, 14, 6)] == ["8", "0", "0", "0"], report
        else:
            _check_quantities(report)
        assert (32 in report) == (31 in report) == (exec_type in _FILLS), report
        if exec_type in (ExecType.EXPIRED, ExecType.RESTATED) or (
            exec_type is ExecType.CANCELED and 41 not in report
        ):
            assert 58 in report, f"nobody asked for it and it does not say why: {report}"
        if exec_type is ExecType.ORDER_STATUS:
            assert report[17] == "0", report
            if not unknown:
                self._check_status(session, report)
            return
        if rejected:
            assert report[58].split()[0] in RejectReason.__members__, report
        again = self._check_exec_id(session, report)
        if not again and not rejected:
            self._check_life(session, report, exec_type)

    def _check_exec_id(self, session: str, report: Message) -> bool:
        """Whether the session has had this execution before (PossDup, PossResend)."""
        exec_id = report[17]
        facts = tuple(report.get(tag) for tag in (37, 150, 39, 11, 41, 38, 14, 151, 6, 31, 32, 527))
        assert self._executions.setdefault(exec_id, facts) == facts, f"ExecID used again: {report}"
        repeated = "Y" in (report.get(43), report.get(97))
        if (session, exec_id) in self._received:
            assert repeated, f"told twice: {report}"
            return True
        self._received.add((session, exec_id))
        if not repeated:
            sequence = int(exec_id) // 10  # the last digit tells the two sides of a trade apart
            assert sequence >= self._last_sequence.get(session, 0), f"ExecID goes back: {report}"
            self._last_sequence[session] = sequence
        return False

    def _check_status(self, session: str, report: Message) -> None:
        order = self._orders.get((session, report[37]))
        if order is not None and order.whole:
            assert report[39] == order.status, report
            assert report[11] == order.cl_ord_id, report
            _check_sums(order, report)

    def _check_life(self, session: str, report: Message, exec_type: ExecType) -> None:
        key = (session, report[37])
        order = self._orders.get(key)
        named = (session, report[11])
        if exec_type is ExecType.NEW or 41 in report:
            self._order_ids[named] = report[37]
        of = self._order_ids.setdefault(named, report[37])
        assert of == report[37], f"{report[11]} was of order {of}: {report}"
        if order is None:
            order = self._orders[key] = OrderSeen(report)
            if not order.whole:
                return
            assert (report[39], report[14]) == ("0", "0"), report
        else:
            assert exec_type is not ExecType.NEW, f"New twice: {report}"
            _check_transition(order, report, exec_type)
        fixed = _fixed_terms(report)
        if exec_type is ExecType.REPLACED or report.get(378) == "0":
            order.fixed |= {tag: fixed[tag] for tag in _REPLACEABLE}
        assert fixed == order.fixed, f"was {order.fixed}: {report}"
        if 41 in report:
            assert exec_type in (ExecType.CANCELED, ExecType.REPLACED), report
            assert report[41] == order.cl_ord_id != report[11], report
        else:
            assert report[11] == order.cl_ord_id, report
        if exec_type is ExecType.REPLACED:
            order.cl_ord_id = report[11]
        if exec_type in _FILLS:
            self._take_fill(order, report, exec_type)
        if exec_type is ExecType.RESTATED and report.get(378) == "1":
            order.before = dict(order.fills)
        if exec_type is ExecType.RESTATED and report.get(378) == "0":
            _split(order, report)
        order.status = OrdStatus(report[39])
        if order.whole:
            _check_sums(order, report)

    def _take_fill(self, order: OrderSeen, report: Message, exec_type: ExecType) -> None:
        fill = (Decimal(report[31]), Decimal(report[32]))
        if exec_type is ExecType.TRADE:
            assert report[851] in ("1", "2") and 19 not in report, report
            self._match_sides[report[527], report[54]] += 1
            assert self._match_sides[report[527], report[54]] == 1, f"527 used again: {report}"
        else:
            assert 527 in report and (report[19] in order.fills or not order.whole), report
            if order.status not in OPEN_STATUSES and report.get(425) == "0":
                order.before = dict(order.fills)  # it ended on an earlier day
            busted = order.fills.pop(report[19], fill)
            was_before = order.before.pop(report[19], None) is not None
            assert exec_type is ExecType.TRADE_CORRECT or fill == busted, report
            if was_before and exec_type is ExecType.TRADE_CORRECT:
                order.before[report[17]] = fill
        if exec_type is not ExecType.TRADE_CANCEL:
            order.fills[report[17]] = fill


class CheckedClient(FixClient):
    """A client whose every report passes the checker before a test sees it."""

    def __init__(self, address: tuple[str, int], sender: str, checker: ReportChecker) -> None:
        super().__init__(address, sender)
        self._checker = checker

    def _follow(self, message: Message) -> None:
        super()._follow(message)
        self._checker.check(self.sender, message)


def avg_px(value: Decimal, quantity: Decimal) -> Decimal:
    """Quotient to 8 decimals, halves away from zero; 0 for no quantity."""
    with localcontext() as context:
        context.prec = 60
        exact = value / quantity if quantity else Decimal(0)
        return exact.quantize(Decimal("1E-8"), ROUND_HALF_UP)


def _fixed_terms(report: Message) -> dict[int, str]:
    return {tag: report.get(tag) for tag in (54, 55, 40, 59, 1, 528, 453, 18, 110, 126, 432, 211)}


def _check_quantities(report: Message) -> None:
    order_qty, leaves, cum = (Decimal(report[tag]) for tag in (38, 151, 14))
    assert min(leaves, cum) >= 0 and Decimal(report[6]) >= 0, report
    if report[39] in OPEN_STATUSES:
        assert order_qty == cum + leaves and leaves > 0, report
        assert (report[39] == OrdStatus.NEW) == (cum == 0), report
    else:
        assert leaves == 0, report
        assert report[39] != OrdStatus.FILLED or order_qty == cum, report
    day_tags = [tag in report for tag in (424, 425, 426)]
    assert all(day_tags) or not any(day_tags), report
    if any(day_tags) and report[39] in OPEN_STATUSES:
        assert Decimal(report[424]) == Decimal(report[425]) + leaves, report


def _check_transition(order: OrderSeen, report: Message, exec_type: ExecType) -> None:
    after = OrdStatus(report[39])
    if exec_type is ExecType.TRADE:
        action = "trade in whole" if report[151] == "0" else "trade in part"
    elif exec_type in _FILLS:
        status = order.status
        kind = "open" if status in OPEN_STATUSES else "filled" if status == "2" else ""
        action = f"bust or correct, order {kind or 'ended otherwise'}"
    else:
        action = _ACTIONS[exec_type]
    before, then = TRANSITIONS[action]
    assert order.status in before, f"{action} from {order.status.name}: {report}"
    assert after in then, f"{action} to {after.name}: {report}"


def _split(order: OrderSeen, report: Message) -> None:
    """Have the fills seen be those of the units behind a split, as CumQty says."""
    quantity = sum((qty for _, qty in order.fills.values()), Decimal(0))
    if not quantity:
        return
    new, old = Decimal(report[14]), quantity
    for fills in (order.fills, order.before):
        for exec_id, (px, qty) in fills.items():
            fills[exec_id] = (px * old / new, qty * new / old)


def _check_sums(order: OrderSeen, report: Message) -> None:
    """CumQty and AvgPx, and those of the day, are exactly what the fills seen make them."""
    quantity = sum((qty for _, qty in order.fills.values()), Decimal(0))
    value = sum((px * qty for px, qty in order.fills.values()), Decimal(0))
    assert Decimal(report[14]) == quantity, f"the fills are {quantity}: {report}"
    assert Decimal(report[6]) == avg_px(value, quantity), f"of {value}/{quantity}: {report}"
    if 425 in report:
        day = quantity - sum((qty for _, qty in order.before.values()), Decimal(0))
        of_day = value - sum((px * qty for px, qty in order.before.values()), Decimal(0))
        assert Decimal(report[425]) == day, report
        assert Decimal(report[426]) == avg_px(of_day, day), report
