"""Entry stopped before the venue stops: orders and replaces are refused, cancels go on."""

import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.types import OrdStatus
from venue.engine.image.capture import image_of
from venue.engine.image.restore import state_from

from .builders import Venue, buy, cancel, canceled, refused, replace, view

WHY = "the disk is full"
RESTING = view("1", "A1", "1", "5", "99")


@pytest.fixture
def venue(venue: Venue) -> Venue:
    """With an order in the book, and entry stopped."""
    venue.do_all(buy("A1", "5", "99"), c.StopEntry(WHY))
    return venue


def test_stopped_entry_is_said_with_its_reason(venue: Venue) -> None:
    assert venue.do(c.StopEntry(WHY)) == venue.stamped(e.EntryStopped(0, 0, WHY))


def test_new_order_is_refused_and_its_id_is_spent(venue: Venue) -> None:
    (event,) = venue.do(buy("A2", "1", "99"))
    assert isinstance(event, e.OrderRejected)
    assert (event.reason.name, event.detail) == ("VENUE_STOPPING", WHY)
    venue.do(c.StartVenue(2, 0))
    (event,) = venue.do(buy("A2", "1", "99"))
    assert isinstance(event, e.OrderRejected) and event.reason.name == "DUPLICATE_CL_ORD_ID"


def test_replacement_is_refused_and_the_order_stays_as_it_is(venue: Venue) -> None:
    request = replace("A2", "A1", "4", "99")
    assert venue.do(request) == venue.stamped(refused(request, "VENUE_STOPPING", WHY, RESTING))


def test_replacement_of_an_order_that_is_none_is_told_so(venue: Venue) -> None:
    (event,) = venue.do(replace("A2", "A9", "4", "99"))
    assert isinstance(event, e.CancelRejected) and event.reason.name == "UNKNOWN_ORDER"


def test_cancels_go_on(venue: Venue) -> None:
    gone = view("1", "A1", "1", "5", "99", leaves="0", status=OrdStatus.CANCELED)
    assert venue.do(cancel("A2", "A1")) == venue.stamped(canceled(gone, "A2"))


def test_mass_cancels_go_on(venue: Venue) -> None:
    done = venue.do(c.MassCancel("ALPHA", "A2", "7"))
    assert [type(event) for event in done] == [e.OrderCanceled, e.MassCancelReported]


def test_start_of_the_venue_takes_orders_again(venue: Venue) -> None:
    venue.do(c.StartVenue(2, 0))
    (event,) = venue.do(replace("A2", "A1", "4", "99"))
    assert isinstance(event, e.OrderReplaced)


def test_resumed_entry_is_said_and_takes_orders_again(venue: Venue) -> None:
    over = "the disk has room again"
    assert venue.do(c.ResumeEntry(over)) == venue.stamped(e.EntryResumed(0, 0, over))
    (event,) = venue.do(replace("A2", "A1", "4", "99"))
    assert isinstance(event, e.OrderReplaced)


def test_stopped_entry_is_part_of_the_image(venue: Venue) -> None:
    restored = state_from(image_of(venue.engine.state))
    assert restored.entry_stopped == WHY
