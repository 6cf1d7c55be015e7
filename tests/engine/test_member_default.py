"""Default of a member: two operators, no entry, no orders, and the house has all it had."""

from collections import Counter

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.codec import encode

from ..sequencer.builders import digest
from .builders import DAY, MEMBERS, Venue, buy, enter, sell, trading
from .corporate import T2, balance, deposit
from .invariants import check_state
from .outcomes import code, ended, kinds, refusal
from .test_image import through_bytes
from .test_random_flow import do_all_of

NEXT_DAY = "2026-01-06"
DECLARE = c.DeclareDefault("ALPHA", operator="olga", reason="call unanswered")


def house(venue: Venue) -> Venue:
    venue.do(c.AddMember("HOUSE", (), "1000000000", 1000))
    return venue


def defaulted(venue: Venue, command: c.DeclareDefault = DECLARE) -> list[e.AnyEvent]:
    """Events of a default that is declared and approved."""
    held = venue.do(command)
    assert kinds(held) == ["ActionHeld"]
    assert isinstance(held[0], e.ActionHeld)
    return do_all_of(venue, c.Approve(held[0].action_id, "piet"))


def transfers(events: list[e.AnyEvent]) -> list[tuple[str, str, str, str]]:
    """Giver and its account, taker and its account, what, how much."""
    return [
        (
            f"{each.member}/{each.account}", f"{each.to_member}/{each.to_account}",
            each.asset, each.amount,
        )
        for each in events
        if isinstance(each, e.FundsTransferred)
    ]  # fmt: skip


def totals(venue: Venue) -> Counter[str]:
    """Balance of each asset over all members."""
    found: Counter[str] = Counter()
    for member in venue.engine.state.members.values():
        for purse in member.purses.all():
            found[purse.asset] += purse.balance
    return found


def test_default_is_held_whatever_the_configuration_says(venue: Venue) -> None:
    house(venue)
    assert venue.engine.state.four_eyes == ()
    (held,) = venue.do(DECLARE)
    assert held == e.ActionHeld(
        held.event_seq, venue.now_ns, "H1", "DeclareDefault", encode(DECLARE).decode(), "olga",
        "call unanswered",
    )  # fmt: skip
    assert refusal(venue.do(c.Approve("H1", "olga"))) is not None
    assert code(venue.do(buy("A1", "1", "99"))) is None, "nothing has happened yet"
    nobody = msgspec.structs.replace(DECLARE, operator="")
    assert refusal(venue.do(nobody)) == (
        "DeclareDefault needs a second operator: who asks must be named"
    )


def test_orders_end_and_the_house_has_all_balances(venue: Venue) -> None:
    house(venue)
    venue.do_all(
        deposit("ALPHA", "USD", "500"), deposit("ALPHA", "BTC", "2", "A1"),
        buy("A1", "10", "99"), sell("B1", "4", "99"), buy("A2", "3", "98", "ALPHA2", "1"),
    )  # fmt: skip
    before = totals(venue)
    events = defaulted(venue)
    assert [type(each) for each in events[:3]] == [
        e.ActionApproved, e.MemberDefaulted, e.EntryBlocked,
    ]  # fmt: skip
    assert ended(events) == [
        ("1", "8", "MEMBER_SUSPENDED the member is in default"),
        ("3", "8", "MEMBER_SUSPENDED the member is in default"),
    ]
    assert transfers(events) == [
        ("ALPHA/", "HOUSE/", "USD", "104"),
        ("ALPHA/A1", "HOUSE/", "BTC", "2"),
        ("ALPHA/", "HOUSE/", "ACME", "4"),
    ]
    done = events[-1]
    assert done == e.PositionsTransferred(done.event_seq, venue.now_ns, "ALPHA", "HOUSE", 3, 0)
    members = venue.engine.state.members
    assert not members["ALPHA"].purses.is_used()
    assert [balance(venue, "HOUSE", asset) for asset in ("USD", "BTC", "ACME")] == [
        "104", "2", "4",
    ]  # fmt: skip
    assert totals(venue) == before
    assert members["HOUSE"].uses["ACME"].position_lots == 4
    assert members["ALPHA"].uses["ACME"].position_lots == 0
    check_state(venue.engine)


def test_debt_of_a_member_becomes_the_houses(venue: Venue) -> None:
    house(venue)
    venue.do_all(buy("A1", "4", "99"), sell("B1", "4", "99"))
    events = defaulted(venue)
    assert transfers(events) == [
        ("HOUSE/", "ALPHA/", "USD", "396"),
        ("ALPHA/", "HOUSE/", "ACME", "4"),
    ]
    assert balance(venue, "HOUSE", "USD") == "-396"


def test_member_in_default_enters_nothing_and_is_not_resumed(venue: Venue) -> None:
    defaulted(house(venue))
    assert code(venue.do(buy("A1", "1", "99"))) == "MEMBER_SUSPENDED"
    assert (
        refusal(venue.do(c.ResumeMember("ALPHA", "olga"))) == "member ALPHA is in default, for ever"
    )
    engine = through_bytes(venue.engine)
    assert engine.state.members["ALPHA"].in_default
    assert digest(engine) == digest(venue.engine)


def test_said_again_it_passes_on_what_has_come_since(venue: Venue) -> None:
    house(venue)
    venue.do_all(buy("A1", "4", "99"), sell("B1", "4", "99"))
    defaulted(venue)
    venue.do(c.BustTrade("M1"))
    assert balance(venue, "ALPHA", "USD") == "396"
    events = defaulted(venue)
    assert transfers(events) == [
        ("ALPHA/", "HOUSE/", "USD", "396"),
        ("HOUSE/", "ALPHA/", "ACME", "4"),
    ]
    assert not venue.engine.state.members["ALPHA"].purses.is_used()
    assert kinds(events).count("EntryBlocked") == 0


@pytest.mark.parametrize(
    ("others", "why"),
    [
        ({"to_member": "ALPHA"}, "ALPHA cannot take over from itself"),
        ({"to_member": "PAUL"}, "PAUL is prefunded: who takes over debts trades on credit"),
        ({"to_member": "BRAVO"}, "BRAVO is suspended"),
    ],
)
def test_default_is_refused_in_words(venue: Venue, others: dict[str, str], why: str) -> None:
    venue.do_all(
        c.AddMember("PAUL", (), "1000000", 100, "prefunded"), c.SuspendMember("BRAVO", "olga"),
        msgspec.structs.replace(DECLARE, **others),
    )  # fmt: skip
    (_, refused) = venue.do(c.Approve("H1", "piet"))
    assert isinstance(refused, e.CommandRefused) and refused.detail == why
    assert not venue.engine.state.members["ALPHA"].in_default


@pytest.mark.parametrize("field", ["member", "to_member"])
def test_unknown_member_is_refused_before_it_is_held(venue: Venue, field: str) -> None:
    unknown = msgspec.structs.replace(DECLARE, **{field: "NOPE"})
    assert refusal(venue.do(unknown)) == "member NOPE is unknown"


def test_obligations_pass_to_the_house_and_still_sum_to_zero() -> None:
    venue = Venue()
    venue.do_all(
        c.AddInstrument(T2),
        *(c.AddMember(name, (), "1000000000", 1000)
          for name in ("ALPHA", "BRAVO", "CHARLIE", "HOUSE")),
        *(c.AddSession(session, member) for session, member in MEMBERS.items()),
        c.StartDay(DAY),
        deposit("ALPHA", "USD", "50"),
        sell("B1", "9", "100", tif="1"),
        buy("A1", "5", "100"),
        enter("A2", "1", "2", "100", account="A1"),
        c.EndDay(), c.StartDay(NEXT_DAY),
        buy("A3", "2", "100"),
    )  # fmt: skip
    state = venue.engine.state
    before = sorted((o.due, o.quantity, o.amount) for o in state.obligations.of("ALPHA"))
    assert len(before) == 3
    events = defaulted(venue)
    moved = [each for each in events if isinstance(each, e.ObligationMoved)]
    assert len(moved) == 3 and {each.to_member for each in moved} == {"HOUSE"}
    assert not state.obligations.owes_anything("ALPHA")
    assert sum(o.quantity for o in state.obligations.of("HOUSE")) == 9 * 10**8
    assert sum(o.quantity for o in state.obligations) == 0
    assert sum(o.amount for o in state.obligations) == 0
    assert transfers(events) == [("ALPHA/", "HOUSE/", "USD", "50")]
    for member in state.members.values():
        for purse in member.purses.all():
            parts = [
                o.quantity if o.asset == purse.asset else o.amount
                for o in state.obligations.of(member.name)
                if o.account == purse.account and purse.asset in (o.asset, o.currency)
            ]
            assert purse.pending == sum(parts)
    assert digest(through_bytes(venue.engine)) == digest(venue.engine)
    done = do_all_of(venue, c.SettleObligations("2026-01-08", "olga"))
    assert "SettlementEnded" in kinds(done)


def test_many_orders_and_accounts_pass_in_slices() -> None:
    first, second = house(trading()), house(trading())
    script: list[c.AnyCommand] = [
        *(deposit("ALPHA", "ACME", f"{number + 1}", f"A{number}") for number in range(150)),
        *(buy(f"A{number}", "1", "95") for number in range(150)),
        DECLARE,
    ]
    for venue in (first, second):
        venue.do_all(*script)
    before = totals(first)
    waiting: list[c.AnyCommand] = [c.Approve("H1", "piet")]
    slices, seen = 0, Counter[str]()
    while waiting:
        command = waiting.pop(0)
        events = [venue.do(command) for venue in (first, second)]
        assert list(map(encode, events[0])) == list(map(encode, events[1]))
        seen.update(kinds(events[0]))
        waiting += first.engine.take_follow_ups()
        second.engine.take_follow_ups()
        second.engine = through_bytes(second.engine)
        assert digest(second.engine) == digest(first.engine)
        if slices == 1:
            said = "what ALPHA has still passes to the house; funds move behind it"
            assert refusal(first.do(deposit("BRAVO", "USD", "1"))) == said
            assert refusal(second.do(deposit("BRAVO", "USD", "1"))) == said
        slices += 1
    assert slices > 4
    assert seen["OrderCanceled"] == seen["FundsTransferred"] == 150
    assert seen["PositionsTransferred"] == 1
    assert totals(first) == before
    assert balance(first, "HOUSE", "ACME") == f"{sum(range(151))}"
