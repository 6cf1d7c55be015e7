"""Who may trade at all: suspension, KYC of members and traders, sanctions list, documents."""

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.commands import EnterOrder
from venue.engine.trading.slices import SLICE

from .builders import Venue, buy, cancel, configured, replace, sell, trading
from .outcomes import code, ended, kinds, refusal, why

WHO = ("olga", "checked")


def by(trader: str, order: EnterOrder, role: str = "11") -> EnterOrder:
    return msgspec.structs.replace(order, parties=(c.Party(trader, "D", role),))


def kyc(state: str, trader: str = "", legal_name: str = "") -> c.SetKyc:
    return c.SetKyc("ALPHA", state, trader, legal_name, (), *WHO)


def test_suspended_member_is_stopped_and_its_orders_canceled(venue: Venue) -> None:
    venue.do_all(
        buy("A1", "1", "99"), buy("X1", "1", "99", session="ALPHA2"), sell("B1", "1", "105")
    )
    blocked, *cancels = venue.do(c.SuspendMember("ALPHA", *WHO))
    assert blocked == e.EntryBlocked(
        venue.first_event_seq, venue.now_ns, "member", "ALPHA", "MEMBER_SUSPENDED", "", *WHO
    )
    assert ended(cancels) == [(key, "8", "MEMBER_SUSPENDED checked") for key in "12"]
    assert why(venue.do(buy("A2", "1", "99"))) == "MEMBER_SUSPENDED ALPHA is suspended"
    assert code(venue.do(sell("B2", "1", "105"))) is None


def test_resumed_member_may_enter_again(venue: Venue) -> None:
    venue.do(c.SuspendMember("ALPHA", *WHO))
    assert venue.do(c.ResumeMember("ALPHA", *WHO)) == venue.stamped(
        e.EntryRestored(0, 0, "member", "ALPHA", "MEMBER_SUSPENDED", *WHO)
    )
    assert code(venue.do(buy("A1", "1", "99"))) is None


def test_suspension_is_no_kill_and_a_kill_no_suspension(venue: Venue) -> None:
    venue.do_all(c.SuspendMember("ALPHA", *WHO), c.Kill("member", "ALPHA", *WHO))
    assert code(venue.do(buy("A1", "1", "99"))) == "KILL_SWITCH"
    venue.do(c.Revive("member", "ALPHA", *WHO))
    assert code(venue.do(buy("A2", "1", "99"))) == "MEMBER_SUSPENDED"


@pytest.mark.parametrize(
    ("command", "detail"),
    [
        (c.SuspendMember("DELTA"), "member DELTA is unknown"),
        (c.ResumeMember("DELTA"), "member DELTA is unknown"),
        (c.ResumeMember("ALPHA"), "member ALPHA is not suspended"),
        (c.SetKyc("DELTA", "approved"), "member DELTA is unknown"),
        (
            c.SetKyc("ALPHA", "fine"),
            "fine is none of pending, approved, suspended, rejected",
        ),
        (
            c.AddMember("DELTA", (), "5", 5, kyc="fine"),
            "KYC state fine is none of pending, approved, suspended, rejected",
        ),
    ],
)
def test_impossible_command_is_refused(venue: Venue, command: c.AnyCommand, detail: str) -> None:
    assert refusal(venue.do(command)) == detail


def test_member_is_suspended_once(venue: Venue) -> None:
    venue.do(c.SuspendMember("ALPHA"))
    assert refusal(venue.do(c.SuspendMember("ALPHA"))) == "member ALPHA is suspended already"


@pytest.mark.parametrize("state", ["pending", "suspended", "rejected"])
def test_member_without_approval_is_stopped_and_its_orders_canceled(
    venue: Venue, state: str
) -> None:
    venue.do(buy("A1", "1", "99"))
    events = venue.do(kyc(state))
    assert kinds(events) == ["KycChanged", "EntryBlocked", "OrderCanceled"]
    assert ended(events) == [("1", "8", "KYC_NOT_APPROVED")]
    assert why(venue.do(buy("A2", "1", "99"))) == f"KYC_NOT_APPROVED KYC of ALPHA is {state}"
    assert kinds(venue.do(kyc("approved"))) == ["KycChanged"]
    assert code(venue.do(buy("A3", "1", "99"))) is None


def test_new_member_begins_as_it_is_added_and_later_keeps_its_state(venue: Venue) -> None:
    add = c.AddMember("DELTA", (), "1000000", 10, kyc="pending")
    venue.do_all(add, c.AddSession("DELTA", "DELTA"))
    assert code(venue.do(buy("D1", "1", "99", session="DELTA"))) == "KYC_NOT_APPROVED"
    venue.do(msgspec.structs.replace(add, kyc="approved"))
    assert code(venue.do(buy("D2", "1", "99", session="DELTA"))) == "KYC_NOT_APPROVED"
    venue.do(c.SetKyc("DELTA", "approved"))
    assert code(venue.do(buy("D3", "1", "99", session="DELTA"))) is None


def test_documents_are_noted_once_and_told_with_the_name(venue: Venue) -> None:
    venue.do(c.SetKyc("ALPHA", "approved", legal_name="Alpha Ltd", documents=("charter",)))
    again = c.SetKyc("ALPHA", "approved", documents=("charter", "board"), operator="olga")
    assert venue.do(again) == venue.stamped(
        e.KycChanged(0, 0, "ALPHA", "", "approved", "Alpha Ltd", ("charter", "board"), "olga", "")
    )


def test_once_a_trader_is_known_every_order_names_an_approved_one(venue: Venue) -> None:
    assert code(venue.do(by("T9", buy("A1", "1", "99")))) is None
    assert kinds(venue.do(kyc("approved", "T1"))) == ["KycChanged"]
    assert code(venue.do(by("T1", buy("A2", "1", "99")))) is None
    assert code(venue.do(by("T1", buy("A3", "1", "99"), role="12"))) is None
    unnamed = venue.do(by("T1", buy("A4", "1", "99"), role="1"))
    assert why(unnamed) == (
        "TRADER_NOT_APPROVED an order of ALPHA names its trader (448 with 452=11 or 12)"
    )
    unknown = venue.do(by("T2", buy("A5", "1", "99")))
    assert why(unknown) == "TRADER_NOT_APPROVED 448=T2 is unknown"
    venue.do(kyc("pending", "T2"))
    pending = venue.do(by("T2", buy("A6", "1", "99")))
    assert why(pending) == "TRADER_NOT_APPROVED 448=T2 is pending"
    assert code(venue.do(buy("B1", "1", "99", session="BRAVO"))) is None


def test_orders_of_a_trader_who_loses_approval_are_canceled_and_no_others(venue: Venue) -> None:
    venue.do_all(kyc("approved", "T1"), kyc("approved", "T2"))
    venue.do_all(by("T1", buy("A1", "1", "99")), by("T2", buy("A2", "1", "99")))
    venue.do(by("T1", buy("B1", "1", "99", session="BRAVO")))
    events = venue.do(kyc("suspended", "T1"))
    assert kinds(events) == ["KycChanged", "OrderCanceled"]
    assert ended(events) == [("1", "8", "TRADER_NOT_APPROVED 448=T1 is suspended")]
    assert code(venue.do(replace("A3", "A2", "1", "98"))) is None
    assert code(venue.do(cancel("A4", "A3"))) is None


def test_listed_name_is_not_approved(venue: Venue) -> None:
    (event,) = venue.do(c.SetSanctions(("Smaug  the Golden", "Sauron")))
    assert isinstance(event, e.SanctionsSet) and event.names == ("Smaug  the Golden", "Sauron")
    venue.do(kyc("pending"))
    for name in ("SMAUG THE GOLDEN", "Golden, Smaug the", "sauron"):
        assert refusal(venue.do(kyc("approved", legal_name=name))) == (
            f"{name} is on the sanctions list"
        )
    assert refusal(venue.do(kyc("approved", "T1", legal_name="Sauron"))) is not None
    assert refusal(venue.do(kyc("approved", "sauron"))) == "sauron is on the sanctions list"
    assert refusal(venue.do(kyc("approved", legal_name="Smaug"))) is None


def test_listed_name_is_not_added_nor_taken_later(venue: Venue) -> None:
    venue.do(c.SetSanctions(("Sauron",)))
    add = c.AddMember("DELTA", (), "5", 5, legal_name="Sauron")
    assert refusal(venue.do(add)) == "Sauron is on the sanctions list"
    assert refusal(venue.do(msgspec.structs.replace(add, member="Sauron", legal_name=""))) == (
        "Sauron is on the sanctions list"
    )
    assert refusal(venue.do(msgspec.structs.replace(add, kyc="pending"))) is None
    renamed = c.AddMember("ALPHA", (), "5", 5, legal_name="Sauron")
    assert refusal(venue.do(renamed)) == "Sauron is on the sanctions list"


def test_member_added_again_without_a_name_keeps_its_legal_name(venue: Venue) -> None:
    venue.do_all(kyc("approved", legal_name="Alpha Ltd"), c.AddMember("ALPHA", (), "5", 5))
    assert venue.engine.state.members["ALPHA"].legal_name == "Alpha Ltd"


def test_approved_member_that_gets_listed_is_suspended(venue: Venue) -> None:
    venue.do_all(kyc("approved", legal_name="Alpha Ltd"), buy("A1", "1", "99"))
    events = venue.do(c.SetSanctions(("ltd alpha",)))
    assert kinds(events) == ["SanctionsSet", "KycChanged", "EntryBlocked", "OrderCanceled"]
    assert code(venue.do(buy("A2", "1", "99"))) == "KYC_NOT_APPROVED"
    assert refusal(venue.do(kyc("approved"))) == "Alpha Ltd is on the sanctions list"
    venue.do(c.SetSanctions(()))
    assert refusal(venue.do(kyc("approved"))) is None
    assert code(venue.do(buy("A3", "1", "99"))) is None


def test_list_of_names_without_words_matches_nobody() -> None:
    venue = configured()
    assert kinds(venue.do(c.SetSanctions(("...", "")))) == ["SanctionsSet"]
    assert kinds(venue.do(c.AddMember("DELTA", (), "5", 5, legal_name="---"))) == ["MemberAdded"]


def test_suspension_of_many_orders_goes_in_slices() -> None:
    venue = trading()
    for number in range(SLICE + 44):
        venue.do(buy(f"A{number}", "1", "99"))
    assert len(ended(venue.do(kyc("rejected")))) == SLICE
    (command,) = venue.engine.take_follow_ups()
    assert len(ended(venue.do(command))) == 44
