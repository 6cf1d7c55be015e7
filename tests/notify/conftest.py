"""One real nats-server per test module, empty at the beginning of a test."""

from tests.audit.conftest import nats_server as nats_server
from tests.audit.conftest import nats_url as nats_url
