"""Order status: the order as it is now, by any ClOrdID of its chain; and it changes nothing."""

from venue.domain.answers import OrderMassStatusQuery, OrderStatus, OrderStatusQuery, OrderUnknown
from venue.domain.types import OrdStatus

from .builders import Venue, buy, replace, sell, view


def query(cl_ord_id: str, session: str = "ALPHA", order_id: str | None = None) -> OrderStatusQuery:
    return OrderStatusQuery(session, cl_ord_id, "ACME", "1", "S1", order_id)


def test_status_by_any_cl_ord_id_of_the_chain_is_the_order_as_it_is_now(venue: Venue) -> None:
    venue.do_all(buy("A1", "5", "100"), replace("A2", "A1", "4", "100"), sell("B1", "1", "100"))
    order = view(
        "1", "A2", "1", "4", "100", leaves="3", cum="1", avg="100",
        status=OrdStatus.PARTIALLY_FILLED,
    )  # fmt: skip
    expected = OrderStatus("ALPHA", order, venue.now_ns, "S1")
    assert venue.engine.answer(query("A1")) == venue.engine.answer(query("A2")) == expected


def test_unknown_foreign_and_spent_cl_ord_ids_are_unknown(venue: Venue) -> None:
    venue.do_all(buy("A1", "5", "100"), buy("A9", "5", "500"))
    for cl_ord_id, session in (("A7", "ALPHA"), ("A1", "BRAVO"), ("A1", "NOBODY"), ("A9", "ALPHA")):
        text = f"UNKNOWN_ORDER 11={cl_ord_id} names no order"
        assert venue.engine.answer(query(cl_ord_id, session)) == OrderUnknown(
            session, "ACME", "1", venue.now_ns, text, cl_ord_id, "S1"
        )


def test_order_of_another_session_of_the_member_is_found_by_its_order_id(venue: Venue) -> None:
    venue.do(buy("A1", "5", "100"))
    order = view("1", "A1", "1", "5", "100")
    found = OrderStatus("ALPHA2", order, venue.now_ns, "S1")
    assert venue.engine.answer(query("A1", "ALPHA2", "1")) == found
    other_member = venue.engine.answer(query("A1", "BRAVO", "1"))
    no_order = venue.engine.answer(query("A1", "ALPHA2", "2"))
    assert isinstance(other_member, OrderUnknown) and isinstance(no_order, OrderUnknown)


def test_query_uses_no_event_number(venue: Venue) -> None:
    venue.do(buy("A1", "5", "100"))
    before = (venue.engine.state.next_event_seq, venue.engine.state.next_order_id)
    mass = OrderMassStatusQuery("ALPHA", "M1", "7")
    assert venue.engine.answer(query("A1")) and venue.engine.mass_status(mass).answers()
    assert (venue.engine.state.next_event_seq, venue.engine.state.next_order_id) == before


def test_cl_ord_ids_are_known_once_used_whatever_became_of_them(venue: Venue) -> None:
    venue.do_all(buy("A1", "5", "100"), buy("A9", "5", "500"))
    known = [venue.engine.knows_cl_ord_id("ALPHA", name) for name in ("A1", "A9", "A7")]
    assert known == [True, True, False]
    assert not venue.engine.knows_cl_ord_id("BRAVO", "A1")
    assert not venue.engine.knows_cl_ord_id("NOBODY", "A1")
