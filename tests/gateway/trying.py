"""Requests that schemathesis makes of one operation, and what their answers are held against."""

from typing import Any

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

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 4
"""Of good requests, and of bad ones, of each operation."""


class Trying:
    """One user who tries everything that a document describes."""

    def __init__(self, url: str, document: dict[str, Any], headers: dict[str, str]) -> None:
        self._url = url
        self._schema = schemathesis.openapi.from_dict(document)
        self._headers = headers
        self._session = requests.Session()

    def close(self) -> None:
        """Close its connection."""
        self._session.close()

    def operation(self, method: str, path: str) -> int:
        """Try one. How many were answered as they should be; fails where one was not."""
        operation = self._schema[path][method]
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
                    base_url=self._url,
                    session=self._session,
                    headers=self._headers,
                    checks=CHECKS,
                )
                answered += 1

            try:
                ask()
            except Unsatisfiable:  # a path that takes nothing can be asked nothing wrong
                assert mode is GenerationMode.NEGATIVE
        return answered
