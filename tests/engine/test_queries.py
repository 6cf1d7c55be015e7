"""Order status: the order as it is now, by any ClOrdID of its chain; and it changes nothing."""

from venue.domain.answers import OrderStatus, OrderStatusQuery, OrderUnknown
from venue.domain.types import OrdStatus

from .builders import Venue, buy, replace, sell, view


def query(cl_ord_id: str, session: str = "ALPHA") -> OrderStatusQuery:
    return OrderStatusQuery(session, cl_ord_id, "ACME", "1", "S1")


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
        assert venue.engine.answer(query(cl_ord_id, session)) == OrderUnknown(
            session, cl_ord_id, "ACME", "1", venue.now_ns, "S1"
        )


def test_query_uses_no_event_number(venue: Venue) -> None:
    before = venue.engine.state.next_event_seq
    venue.engine.answer(query("A1"))
    assert venue.engine.state.next_event_seq == before


def test_cl_ord_ids_are_known_once_used_whatever_became_of_them(venue: Venue) -> None:
    venue.do_all(buy("A1", "5", "100"), buy("A9", "5", "500"))
    known = [venue.engine.knows_cl_ord_id("ALPHA", name) for name in ("A1", "A9", "A7")]
    assert known == [True, True, False]
    assert not venue.engine.knows_cl_ord_id("BRAVO", "A1")
    assert not venue.engine.knows_cl_ord_id("NOBODY", "A1")
