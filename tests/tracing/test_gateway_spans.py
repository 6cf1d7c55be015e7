"""The gateway's own span: which order a request was of is known by the venue's answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from venue.fixclient.message import Message
from venue.gateway import tracing
from venue.journal.identity import identify_journal
from venue.tracing import spans
from venue.tracing.spans import Spans

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def given(tmp_path: Path) -> Iterator[Spans]:
    identify_journal(tmp_path)
    given = Spans("1", tmp_path)
    spans.use(given)
    yield given
    spans.use(None)


def message(*fields: str) -> Message:
    return Message("\x01".join(["8=FIX.4.4", "56=ALPHA-API", *fields, ""]).encode())


def test_request_is_the_root_of_the_order_that_it_enters(given: Spans) -> None:
    tracing.begin("POST /v1/orders", TRACEPARENT)
    tracing.note(message("35=8", "17=90", "37=4", "11=mine"), "D", 1)
    (span,) = given.waiting
    ids = given.sampling()
    assert (span.process, span.step, span.parent_id) == ("gateway", "gateway", 0)
    assert (span.trace_id, span.span_id) == (ids.trace_id(4), ids.span_id(4, "gateway"))
    assert span.link == TRACEPARENT and 1 < span.began_ns <= span.ended_ns
    assert span.attributes == {
        "venue.request": "POST /v1/orders",
        "venue.session": "ALPHA-API",
        "venue.cl_ord_id": "mine",
    }


def test_refused_order_is_known_by_its_event(given: Spans) -> None:
    tracing.note(message("35=8", "17=90", "37=NONE", "39=8", "11=mine"), "D", 1)
    (span,) = given.waiting
    assert span.trace_id == given.sampling().trace_id(-9)


def test_later_requests_are_below_the_order(given: Spans) -> None:
    tracing.note(message("35=8", "17=120", "37=4", "11=c1"), "F", 1)
    tracing.note(message("35=9", "37=4", "11=c2"), "F", 2)
    ids = given.sampling()
    assert {span.parent_id for span in given.waiting} == {ids.root_id(4)}
    own = {span.span_id for span in given.waiting}
    assert len({*own, ids.span_id(4, "gateway")}) == 3


def test_answer_about_no_order_gives_none(given: Spans) -> None:
    tracing.note(message("35=j", "379=c1"), "D", 1)
    assert not given.waiting


def test_off_nothing_is_kept() -> None:
    tracing.begin("POST /v1/orders", TRACEPARENT)
    tracing.note(message("35=8", "17=90", "37=4"), "D", 1)
    assert spans.current() is None
