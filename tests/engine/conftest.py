"""A fresh venue for each test."""

import pytest

from .builders import Venue, trading


@pytest.fixture
def venue() -> Venue:
    return trading()
