"""The running gateway held against its own description: statuses, types, schemas of every path.

Schemathesis makes requests out of the description, good ones and bad ones; nothing may be answered
that is not described, and nothing may break.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.gateway.users import add_user, headers_of
from tests.running_venue import RunningVenue
from venue.gateway.application import application

DESCRIBED: dict[str, Any] = application(None).openapi()  # type: ignore[arg-type]  # paths only
METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = [
    (method.upper(), path)
    for path, item in DESCRIBED["paths"].items()
    if path.startswith(("/v1/", "/oauth/", "/.well-known/"))
    for method in item
    if method in METHODS
]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 4


class Conversation:
    """One user who tries everything."""

    def __init__(self, url: str, schema: Any, headers: dict[str, str]) -> None:
        self.url = url
        self.schema = schema
        self.headers = headers
        self.session = requests.Session()


@pytest.fixture(scope="module")
def zoe(shared: RunningVenue, api: httpx.Client) -> Iterator[Conversation]:
    add_user(shared, "zoe", "read trade withdraw operate", "DELTA")
    schema = schemathesis.openapi.from_dict(api.get("/v1/openapi.json").json())
    conversation = Conversation(str(api.base_url), schema, headers_of(api, "zoe"))
    yield conversation
    conversation.session.close()


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_what_is_answered_is_what_is_described(zoe: Conversation, method: str, path: str) -> None:
    operation = zoe.schema[path][method]
    answered = 0
    for mode in GenerationMode:

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            nonlocal answered
            case.call_and_validate(
                base_url=zoe.url, session=zoe.session, headers=zoe.headers, checks=CHECKS
            )
            answered += 1

        try:
            ask()
        except Unsatisfiable:  # a path that takes nothing can be asked nothing wrong
            assert mode is GenerationMode.NEGATIVE
    assert answered


def test_every_path_says_who_may_call_it_and_shows_an_order() -> None:
    public = ("/oauth/", "/.well-known/", "/v1/instruments", "/v1/tickers", "/v1/time")
    public += ("/v1/status", "/v1/calendar", "/v1/registrations")
    for method, path in OPERATIONS:
        operation = DESCRIBED["paths"][path][method.lower()]
        assert operation["summary"] and operation["description"], path
        assert ("security" in operation) == (not path.startswith(public)), path
    body = DESCRIBED["paths"]["/v1/orders"]["post"]["responses"]["201"]["content"]
    assert body["application/json"]["example"]["symbol"] == "ACME"
    assert DESCRIBED["components"]["schemas"]["NewOrder"]["additionalProperties"] is False


def test_the_document_that_is_served_is_the_application_s(api: httpx.Client) -> None:
    served = api.get("/v1/openapi.json").json()
    for _, path in OPERATIONS:
        assert served["paths"][path] == DESCRIBED["paths"][path]
