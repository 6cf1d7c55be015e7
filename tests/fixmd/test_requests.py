"""MarketDataRequest: what is taken, and the code of what is not."""

import pytest

from tests.fix_message import Field
from tests.fixmd.desk import market_data_request, request_frame
from venue.fix.groups import DecodeError
from venue.fixmd.requests import Look, Request, RequestRefused
from venue.fixmd.requests import market_data_request as decoded


def asked(body: list[Field]) -> Request:
    return decoded(request_frame("ALPHA-MD", "V", body))


def test_whole_request_is_read() -> None:
    body = market_data_request("r1", "ACME", "GLOBEX", "ACME", depth="5", types="102")
    assert asked(body) == Request("r1", "1", Look(5, False, True, "012"), ("ACME", "GLOBEX"))
    body = market_data_request("r1", "ACME", way="0", aggregated="N", update_type="0")
    assert asked(body).look == Look(0, True, False, "01")


def test_unsubscribe_needs_its_id_only() -> None:
    request = asked([(262, "r1"), (263, "2")])
    assert (request.request_id, request.way, request.symbols) == ("r1", "2", ())
    assert asked(market_data_request("r1", "ACME", way="2", types="Z")).way == "2"


@pytest.mark.parametrize("tag", [264, 267, 146])
def test_request_without_what_the_standard_requires_is_a_session_reject(tag: int) -> None:
    body = [each for each in market_data_request("r1", "ACME") if each[0] != tag]
    with pytest.raises(DecodeError) as caught:
        asked(body)
    assert (caught.value.reason, caught.value.tag) == (1, tag)


def test_update_type_and_aggregation_have_defaults() -> None:
    body = [each for each in market_data_request("r1", "ACME") if each[0] not in (265, 266)]
    assert asked(body).look == Look(0, False, True, "01")


@pytest.mark.parametrize(
    ("reason", "how", "extra"),
    [
        ("4", {"way": "7"}, ()),
        ("5", {"depth": "-1"}, ()),
        ("5", {"depth": "10001"}, ()),
        ("5", {"depth": "5", "aggregated": "N"}, ()),
        ("6", {"update_type": "2"}, ()),
        ("7", {"aggregated": "X"}, ()),
        ("8", {"types": "0Z"}, ()),
        ("8", {"types": "03"}, ()),
        ("8", {"types": "6"}, ()),
        ("8", {"types": "A"}, ()),
        ("8", {"types": "C"}, ()),
        ("9", {}, ((386, "1"), (336, "NIGHT"))),
        ("A", {}, ((546, "2"),)),
        ("B", {}, ((286, "0"),)),
        ("C", {}, ((547, "Y"),)),
    ],
)
def test_what_is_not_offered_has_its_code(
    reason: str, how: dict[str, str], extra: tuple[Field, ...]
) -> None:
    with pytest.raises(RequestRefused) as caught:
        asked(market_data_request("r1", "ACME", extra=extra, **how))
    assert caught.value.reason == reason
    assert caught.value.text
