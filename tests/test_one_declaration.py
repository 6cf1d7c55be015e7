"""What passes from settings over commands and events to state, image and views is copied by name.

So names must agree. Whatever is called otherwise somewhere, or is no copy, stands here as such.
"""

import msgspec
import pytest

from tests.domain.samples import full
from tests.engine.builders import ACME, Venue, trading
from venue.domain.commands import AddInstrument, AddMember, AddSession, EnterOrder
from venue.domain.events import MemberAdded, SessionAdded
from venue.domain.instruments import InstrumentDefinition
from venue.domain.order_state import OrderState, OrderTerms
from venue.engine.state.members import Member, Session
from venue.engine.views import overview
from venue.engine.views.configuration import current_configuration
from venue.fix.order_fields import ORDER_FIELDS
from venue.settings.sections import InstrumentSettings, MemberSettings, SessionSettings

BY_WHOM = {"operator", "reason"}


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
    (told,) = [row for row in overview.members(venue.engine.state) if row["member"] == "ECHO"]
    assert names(AddMember) - told.keys() == {"credit_limit", "max_open_orders"}
    (told, *_) = overview.instruments(venue.engine.state)
    assert names(InstrumentDefinition) - told.keys() == set()


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
    terms = OrderTerms.__struct_fields__
    behind_the_side = terms[terms.index("side") + 1 :]
    assert set(behind_the_side) <= names(EnterOrder)


def test_fields_of_orders_are_named_as_in_command_terms_and_state() -> None:
    for field in ORDER_FIELDS:
        assert field.name in names(EnterOrder)
        if field.write is not None:
            assert field.name in names(OrderTerms) | names(OrderState)
