"""RequestForPositions: AO and AP of what is held, and each refusal; without a database."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.clearing.trades import deposited, traded
from tests.fix_message import Message
from tests.spec.dictionary import DICTIONARY, NAMES
from venue.clearing.portfolio.changes import ChangeKind, changes_of
from venue.clearing.portfolio.holdings import Held, Holdings, Mark
from venue.clearing.portfolio.lots import Method
from venue.clearing.portfolio.portfolio import folded
from venue.domain.decimal_text import MONEY_SCALE
from venue.domain.events import AnyEvent
from venue.fix.groups import DecodeError
from venue.fixdc.core import DropCopies
from venue.fixdc.held import HeldNow, HeldUnknown, HeldWanted, LedgerPositions
from venue.fixdc.listener import Terms
from venue.fixdc.sources import Sources

from .desk import Desk
from .venue_day import EVENTS, LISTENER, FakeWire, Journal, listening

UNIT = MONEY_SCALE
DAY_NS = 86_400 * 1_000_000_000
PARTY = [(453, "1"), (448, "ALPHA"), (447, "D"), (452, "1")]
HISTORY: Sequence[AnyEvent] = (
    deposited(1),
    traded(2, quantity="10", price="10", amount="100", buyer_account="A1", buyer_fee="0.5"),
    traded(3, buyer="BRAVO", seller="ALPHA", quantity="4", price="12", amount="48",
           seller_account="A1"),
    traded(4, quantity="1", price="7", amount="7", symbol="BTC-USD", asset="BTC",
           buyer_account="A1"),
    traded(5, buyer="BRAVO", seller="ALPHA", quantity="3", price="7", amount="21",
           symbol="BTC-USD", asset="BTC", seller_account="A1"),
)  # fmt: skip
MARKS = {
    "ACME": Mark("ACME", "ACME", "USD", 3, "M3", 12 * UNIT),
    "BTC-USD": Mark("BTC-USD", "BTC", "USD", 5, "M5", 7 * UNIT),
}


class KnownPositions(LedgerPositions):
    """Knows HISTORY as event 5; answers when a test lets it."""

    def __init__(self) -> None:
        super().__init__(str, lambda: Method.FIFO)
        self.wanted: list[HeldWanted] = []
        self.futures: list[Future[HeldNow]] = []
        self.at_once = True

    def ask(self, wanted: HeldWanted) -> Future[HeldNow]:
        self.wanted.append(wanted)
        future: Future[HeldNow] = Future()
        self.futures.append(future)
        if self.at_once:
            future.set_result(held_of(wanted.member))
        return future


def held_of(member: str) -> HeldNow:
    changes = [each for event in HISTORY for each in changes_of(event) if each.member == member]
    trades = [each for each in changes if each.kind is ChangeKind.TRADE]
    others = [each for each in changes if each.kind is not ChangeKind.TRADE]
    balances = {("A1", "ACME"): Held(10 * UNIT, -4 * UNIT), ("A1", "BTC"): Held(-2 * UNIT)}
    holdings = Holdings(5, folded(trades, others, Method.FIFO), MARKS, balances)
    return HeldNow(holdings, {"ACME": MARKS["ACME"]._replace(price=11 * UNIT)})


@pytest.fixture
def known(desk: Desk) -> KnownPositions:
    """What the desk's positions come from."""
    known = KnownPositions()
    desk.core._held = known
    return known


def today() -> str:
    """As it is when it is asked for: tests may run over midnight."""
    return datetime.now(UTC).strftime("%Y%m%d")


def request(desk: Desk, **other: str) -> list[Message]:
    """Ask for A1's positions of today; other: fields by name of tag, `t715`."""
    fields = {1: "A1", 581: "1", 710: "P1", 715: today(), 724: "0", 60: "20260101-00:00:00"}
    fields |= {int(name[1:]): value for name, value in other.items()}
    party = [] if other.get("t448") == "" else [
        (tag, other.get(f"t{tag}", value)) for tag, value in PARTY
    ]  # fmt: skip
    plain = [(tag, value) for tag, value in fields.items() if tag != 448]
    return desk.ask("AN", *party, *plain)


def groups(report: Message, *tags: int) -> list[tuple[str, ...]]:
    """Entries of a group whose members have these tags, in order."""
    values = [value for tag, value in report.fields if tag in tags]
    return [tuple(values[at : at + len(tags)]) for at in range(0, len(values), len(tags))]


def test_each_position_of_the_account_is_reported(desk: Desk, known: KnownPositions) -> None:
    ack, acme, btc = request(desk)
    assert (ack.msg_type, ack[728], ack[729], ack[727]) == ("AO", "0", "0", "2")
    assert (ack[710], ack[1], ack[581], ack[448], ack[58]) == (
        "P1", "A1", "1", "ALPHA", "as of event 5",
    )  # fmt: skip
    assert (acme.msg_type, acme[55], acme[15], acme[1], acme[448]) == (
        "AP", "ACME", "USD", "A1", "ALPHA",
    )  # fmt: skip
    assert groups(acme, 703, 704, 705) == [("TQ", "6", "0"), ("DLV", "0", "4")]
    assert groups(acme, 707, 708) == [
        ("FMTM", "12"), ("TVAR", "8"), ("VADJ", "60"), ("CASH", "-0.5"),
    ]  # fmt: skip
    assert (acme[730], acme[731], acme[734]) == ("12", "2", "11")
    assert acme[58] == "as of event 5, mark of match M3"
    assert groups(btc, 703, 704, 705) == [("TQ", "0", "2")]
    assert (btc[730], btc[734], btc[715]) == ("7", "0", today())
    assert len({each[721] for each in (ack, acme, btc)}) == 3


def test_answers_have_what_the_standard_requires(desk: Desk, known: KnownPositions) -> None:
    for answer in [*request(desk), *request(desk, t1="B9", t55="ACME", t15="USD")]:
        tags = {tag for tag, _ in answer.fields} - {35}
        required = {tag for tag in NAMES if DICTIONARY.isRequiredField(answer.msg_type, tag)}
        assert required <= tags, answer.msg_type
        for tag in tags - _IN_GROUPS:
            assert DICTIONARY.isMsgField(answer.msg_type, tag), (answer.msg_type, tag)


_IN_GROUPS = {447, 448, 452, 703, 704, 705, 707, 708}


def test_symbol_and_currency_narrow_it(desk: Desk, known: KnownPositions) -> None:
    ack, only = request(desk, t55="BTC-USD")
    assert (ack[727], ack[55], only[55]) == ("1", "BTC-USD", "BTC-USD")
    (none,) = request(desk, t15="EUR")
    assert (none[728], none[729], none[727], none[15]) == ("2", "0", "0", "EUR")
    assert none[58].startswith("NO_POSITION account A1")


def test_member_may_be_left_out_where_there_is_one(desk: Desk, known: KnownPositions) -> None:
    ack, *reports = request(desk, t448="")
    assert (ack[448], len(reports)) == ("ALPHA", 2)


@pytest.mark.parametrize(
    ("other", "result", "code"),
    [
        ({"t724": "1"}, "4", "POSITION_REQUEST_UNSUPPORTED"),
        ({"t263": "1"}, "4", "SUBSCRIPTION_UNSUPPORTED"),
        ({"t448": "BRAVO"}, "3", "NOT_AUTHORIZED"),
        ({"t448": "NOBODY"}, "3", "NOT_AUTHORIZED"),
    ],
)
def test_what_is_not_offered_is_rejected_in_words(
    desk: Desk, known: KnownPositions, other: dict[str, str], result: str, code: str
) -> None:
    (refused,) = request(desk, **other)
    assert (refused.msg_type, refused[728], refused[729]) == ("AO", result, "2")
    assert refused[58].startswith(f"{code} ")
    assert known.wanted == [], "nothing was read"


def test_account_that_holds_nothing_is_no_error(desk: Desk, known: KnownPositions) -> None:
    (none,) = request(desk, t1="NOPE")
    assert (none[728], none[729], none[1]) == ("2", "0", "NOPE")


def test_other_accounts_are_not_the_sessions_to_see(desk: Desk, known: KnownPositions) -> None:
    sources = Sources(frozenset({"ALPHA", "BRAVO"}), frozenset({"A1"}))
    desk.core.configure({LISTENER: Terms(sources)})
    for account in ("default", "A2"):
        (refused,) = request(desk, t1=account)
        assert (refused[728], refused[58].split()[0]) == ("3", "NOT_AUTHORIZED")
    (missing,) = request(desk, t448="")
    assert (missing[728], missing[58].split()[0]) == ("1", "PARTY_MISSING")
    assert request(desk)[0][728] == "0"


def test_orders_without_account_are_asked_for_as_default(desk: Desk, known: KnownPositions) -> None:
    (none,) = request(desk, t1="default")
    assert none[728] == "2", "ALPHA has money there, and no position"


def test_it_counts_all_that_the_journal_has(desk: Desk, known: KnownPositions) -> None:
    request(desk)
    request(desk, t715="29990101")
    today_ns = time.time_ns() // DAY_NS * DAY_NS
    assert [each.through for each in known.wanted] == [len(EVENTS) - 100] * 2
    assert [each.at_ns for each in known.wanted] == [None, None]
    assert {each.before_ns for each in known.wanted} <= {today_ns - 1, today_ns - 1 - DAY_NS}


def test_earlier_date_is_as_of_its_end(desk: Desk, known: KnownPositions) -> None:
    ack, first, _ = request(desk, t715="20260105")
    begin_ns = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp()) * 1_000_000_000
    (wanted,) = known.wanted
    assert (wanted.at_ns, wanted.before_ns) == (begin_ns + DAY_NS - 1, begin_ns - 1)
    assert (ack[728], first[715]) == ("0", "20260105")


@pytest.mark.parametrize("date", ["2026-01-05", "20260230", "x"])
def test_date_that_is_none_is_a_decode_error(desk: Desk, known: KnownPositions, date: str) -> None:
    with pytest.raises(DecodeError):
        request(desk, t715=date)


def test_others_go_on_while_the_ledger_is_read(desk: Desk, known: KnownPositions) -> None:
    known.at_once = False
    assert request(desk) == []
    desk.journal.write(len(EVENTS) - 50)
    assert "8" in {each.msg_type for each in desk.heard()}, "copies do not wait for it"
    known.futures[0].set_result(held_of("ALPHA"))
    assert [each.msg_type for each in desk.heard()] == ["AO", "AP", "AP"]


def test_ledger_that_does_not_say_is_told_in_words(desk: Desk, known: KnownPositions) -> None:
    known.at_once = False
    request(desk)
    known.futures[0].set_exception(HeldUnknown("the ledger cannot be read: it is away"))
    (refused,) = desk.heard()
    assert (refused[728], refused[729]) == ("99", "2")
    assert refused[58] == "POSITIONS_UNKNOWN the ledger cannot be read: it is away"


def test_session_that_ends_waits_no_more(desk: Desk, known: KnownPositions) -> None:
    known.at_once = False
    request(desk)
    desk.client.log_out(desk.core, desk.wire)
    assert known.futures[0].cancelled()


@pytest.fixture
def without_ledger(tmp_path: Path) -> Iterator[Desk]:
    wire = FakeWire()
    with (
        Journal(tmp_path / "journal") as journal,
        listening(tmp_path / "dc", wire, journal) as core,
    ):
        yield Desk(core, wire, journal)


def test_without_a_ledger_positions_are_not_known(without_ledger: Desk) -> None:
    (refused,) = request(without_ledger)
    assert (refused[728], refused[58].split()[0]) == ("99", "POSITIONS_UNKNOWN")
    assert DropCopies.takes >= {"AN"}
