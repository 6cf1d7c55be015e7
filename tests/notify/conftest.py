"""One real nats-server per test module, empty at the beginning of a test; a web server to be told
by HTTP, and a notifier that looks and tries again at once."""

from collections.abc import Iterator

import pytest

from tests.audit.conftest import nats_server as nats_server
from tests.audit.conftest import nats_url as nats_url
from tests.notify.receivers import WebServer, web_server
from venue.notify import operator_alerts, senders, worker


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(operator_alerts, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(senders, "ATTEMPTS", 2)
    monkeypatch.setattr(senders, "WAIT_INITIAL_SECONDS", 0.01)
    monkeypatch.setattr(senders, "WAIT_JITTER_SECONDS", 0.01)
    monkeypatch.setattr(senders, "PROBE_SECONDS", 0.1)
