"""What passes from settings over commands and events to state, image and views is copied by name.

So names must agree. Whatever is called otherwise somewhere, or is no copy, stands here as such.
"""

import inspect

import msgspec
import pytest

from tests.domain.samples import full
from tests.engine.builders import ACME, Venue, trading
from venue.admin.answers import SessionRow
from venue.cli.desk import instrument, member
from venue.domain.commands import AddInstrument, AddMember, AddSession, EnterOrder
from venue.domain.events import MemberAdded, SessionAdded
from venue.domain.instruments import Instrument, InstrumentDefinition
from venue.domain.order_state import OrderState, OrderTerms, terms_of
from venue.domain.overview import InstrumentRow, MemberRow
from venue.domain.types import OrdStatus, Side
from venue.engine.state.conditions import NO_CONDITIONS, Conditions, conditions_of
from venue.engine.state.members import Member, Session
from venue.engine.views import overview
from venue.engine.views.configuration import current_configuration
from venue.fix.order_fields import ORDER_FIELDS, OrderField, order_fields_said
from venue.risk.pre_trade import CheckedOrder, is_plain
from venue.settings.sections import InstrumentSettings, MemberSettings, SessionSettings

BY_WHOM = {"operator", "reason", "uid"}
OF_PLAIN_ORDERS = {
    "session", "cl_ord_id", "symbol", "order_qty", "price", "account", "order_capacity", "parties",
    "text", "poss_resend", "self_match_id", "locate_reqd", "route",
}  # fmt: skip
"""Fields whose value takes no look beyond those at quantity and price."""


def names(kind: type[msgspec.Struct]) -> set[str]:
    return set(kind.__struct_fields__) - BY_WHOM


def test_member_has_one_name_for_each_of_its_terms() -> None:
    terms = names(AddMember)
    assert terms - set(MemberSettings.model_fields) == {"member", "kyc"}
    assert terms - names(MemberAdded) == {"kyc"}
    attributes = {name for name in terms if hasattr(Member("ALPHA"), name)}
    assert terms - attributes == {"member", "credit_limit", "max_open_orders"}


def test_session_has_one_name_for_each_of_its_terms() -> None:
    terms = names(AddSession)
    assert terms - set(SessionSettings.model_fields) == {"session"}
    assert terms - names(SessionAdded) == set()
    session = Session("ALPHA", Member("ALPHA"), True)
    assert terms - {name for name in terms if hasattr(session, name)} == {"session"}


def test_instrument_has_one_name_for_each_of_its_terms() -> None:
    otherwise = {"max_order_qty", "max_order_value", "asset"}
    assert names(InstrumentDefinition) - set(InstrumentSettings.model_fields) == otherwise


def test_operator_can_say_all_that_the_configuration_can() -> None:
    assert set(instrument.TERMS.values()) == names(InstrumentDefinition) - {"symbol"}
    assert set(instrument.TERMS) < set(inspect.signature(instrument.add).parameters)
    of_member = set(inspect.signature(member.add).parameters)
    otherwise = {"accounts": "account", "member": "name"}
    said = {name for name in names(AddMember) if otherwise.get(name, name) in of_member}
    assert names(AddMember) - said == {"kyc"}, "a new member has none yet"


@pytest.fixture
def venue() -> Venue:
    """With a member and a session that have nothing by default."""
    venue = trading()
    member = msgspec.structs.replace(
        full(AddMember), member="ECHO", credit_limit="7", funding="prefunded", kyc="pending"
    )
    session = msgspec.structs.replace(full(AddSession), session="ECHO", member="ECHO")
    venue.do_all(member, session)
    return venue


def test_what_a_member_was_added_with_is_told_of_it(venue: Venue) -> None:
    (told,) = [row for row in overview.members(venue.engine.state) if row.member == "ECHO"]
    given = full(AddMember)
    for name in names(MemberRow) & names(AddMember) - {"member", "funding", "kyc"}:
        assert getattr(told, name) == getattr(given, name), name
    assert names(AddMember) - names(MemberRow) == {"credit_limit", "max_open_orders"}
    assert names(InstrumentDefinition) - names(InstrumentRow) == set()
    assert names(AddSession) - names(SessionRow) == set()


def test_configuration_in_force_says_all_that_was_given(venue: Venue) -> None:
    current = current_configuration(venue.engine.state)
    for key in (("member", "ECHO"), ("session", "ECHO")):
        command = current[key]
        assert isinstance(command, AddMember | AddSession)
        given = full(type(command))
        for name in names(type(command)) - {"session", "member", "kyc", "credit_limit", "funding"}:
            assert getattr(command, name) == getattr(given, name), name
    assert current["instrument", "ACME"] == AddInstrument(ACME)


def test_terms_of_an_order_are_those_of_its_command() -> None:
    command = full(EnterOrder)
    terms = terms_of(command, "1", "ALPHA", "ALPHA", "ACME", Side.BUY)
    copied = names(OrderTerms) - {"order_id", "session", "member", "symbol", "side"}
    assert {name: getattr(terms, name) for name in copied} == {
        name: getattr(command, name) for name in copied
    }


def test_numbers_of_a_checked_order_are_its_conditions() -> None:
    checked = full(CheckedOrder)
    conditions = conditions_of(checked, frozenset("G"), Instrument(ACME))
    for name in names(CheckedOrder) & set(Conditions._fields):
        assert getattr(conditions, name) == getattr(checked, name), name
        alone = msgspec.structs.replace(CheckedOrder(1, 1, 1), **{name: getattr(checked, name)})
        is_found = conditions_of(alone, frozenset(), Instrument(ACME)) != NO_CONDITIONS
        assert is_found or name == "peg_offset_ticks", name  # no order has it without ExecInst(18)


@pytest.mark.parametrize("name", sorted(names(EnterOrder)))
def test_order_with_another_field_is_not_plain(name: str) -> None:
    plain = EnterOrder("ALPHA", "A1", "ACME", "1", "2", order_qty="1", price="100")
    assert is_plain(plain)
    value = getattr(full(EnterOrder), name)
    assert is_plain(msgspec.structs.replace(plain, **{name: value})) == (name in OF_PLAIN_ORDERS)


@pytest.mark.parametrize("field", [field for field in ORDER_FIELDS if field.write is not None])
def test_reports_say_a_field_that_is_the_only_one(field: OrderField) -> None:
    terms = OrderTerms("1", "ALPHA", "ALPHA", "ACME", Side.BUY, "2", "0")
    order = OrderState(terms, "A1", OrdStatus.NEW, "1", "1", "0", "0", "100")
    assert not any(order_fields_said(order))
    if field.name in names(OrderTerms):
        value = getattr(full(OrderTerms), field.name)
        terms = msgspec.structs.replace(terms, **{field.name: value})
        order = msgspec.structs.replace(order, terms=terms)
    else:
        value = getattr(full(OrderState), field.name)
        order = msgspec.structs.replace(order, **{field.name: value})
    assert any(f"{field.tag}=" in said for said in order_fields_said(order))


def test_fields_of_orders_are_named_as_in_command_terms_and_state() -> None:
    for field in ORDER_FIELDS:
        assert field.name in names(EnterOrder)
        if field.write is not None:
            assert field.name in names(OrderTerms) | names(OrderState)
