"""The running gateway held against its own description: statuses, types, schemas of every path.

Schemathesis makes requests out of the description, good ones and bad ones; nothing may be answered
that is not described, and nothing may break.
"""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, Protocol, cast

import httpx
import pytest
from fastapi.routing import APIRoute

from tests.gateway.users import add_user, headers_of
from tests.running_venue import RunningVenue
from venue.gateway.application import application
from venue.gateway.context import Gateway
from venue.gateway.routes import markets, orders

NOBODY = cast(Gateway, SimpleNamespace(operating=None))
DESCRIBED: dict[str, Any] = application(NOBODY).openapi()  # paths only
METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = [
    (method.upper(), path)
    for path, item in DESCRIBED["paths"].items()
    if path.startswith(("/v1/", "/oauth/", "/.well-known/"))
    for method in item
    if method in METHODS
]


class Trying(Protocol):
    """As tests.gateway.trying has it."""

    def operation(self, method: str, path: str) -> int:
        """Try one."""


@pytest.fixture(scope="module")
def zoe(shared: RunningVenue, api: httpx.Client) -> Iterator[Trying]:
    from tests.gateway.trying import Trying  # here, for it takes seconds to import

    add_user(shared, "zoe", "read trade withdraw operate", "DELTA")
    document = api.get("/v1/openapi.json").json()
    trying = Trying(str(api.base_url), document, headers_of(api, "zoe"))
    yield trying
    trying.close()


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_what_is_answered_is_what_is_described(zoe: Trying, method: str, path: str) -> None:
    assert zoe.operation(method, path)


def test_every_path_says_who_may_call_it_and_shows_an_order() -> None:
    public = (
        "/oauth/", "/.well-known/", "/v1/instruments", "/v1/tickers", "/v1/time", "/v1/status",
        "/v1/calendar", "/v1/registrations", "/v1/asyncapi.json",
    )  # fmt: skip
    for method, path in OPERATIONS:
        operation = DESCRIBED["paths"][path][method.lower()]
        assert operation["summary"] and operation["description"], path
        assert ("security" in operation) == (not path.startswith(public)), path
    body = DESCRIBED["paths"]["/v1/orders"]["post"]["responses"]["201"]["content"]
    assert body["application/json"]["example"]["symbol"] == "ACME"
    assert DESCRIBED["components"]["schemas"]["OrderWanted"]["additionalProperties"] is False


def test_hot_paths_are_those_that_are_described() -> None:
    described = {
        (method, route.path): route.endpoint
        for part in (orders, markets)
        for route in part.router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    for hot in (*orders.HOT, *markets.HOT):
        assert described[hot.method, hot.path] is hot.answers
        told = DESCRIBED["paths"][hot.path][hot.method.lower()]
        named = {each["name"] for each in told["parameters"] if each["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", hot.path))


def test_the_document_that_is_served_is_the_application_s(api: httpx.Client) -> None:
    served = api.get("/v1/openapi.json").json()
    for _, path in OPERATIONS:
        assert served["paths"][path] == DESCRIBED["paths"][path]
