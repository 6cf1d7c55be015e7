"""One running venue with metrics on, a gate with a certificate, and a round of reconciliation."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import trustme

from tests.running_venue import RunningVenue
from venue.settings.settings import shipped

CAPACITY = 5_000
SECTIONS = """
[metrics]
enabled = true
port = 0
capacity_per_second = {capacity}

[gate]
port = 0
certificate = "{directory}/gate.pem"
key = "{directory}/gate.key"

"""


@pytest.fixture(scope="package")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningVenue]:
    directory = tmp_path_factory.mktemp("metrics")
    certificate = trustme.CA().issue_cert("localhost")
    certificate.private_key_pem.write_to_path(str(directory / "gate.key"))
    certificate.cert_chain_pems[0].write_to_path(str(directory / "gate.pem"))
    text = shipped("venue.toml").read_text()
    before, _, rest = text.partition("[metrics]")
    rest = rest.partition("[nats]")[2]
    sections = SECTIONS.format(directory=directory, capacity=CAPACITY)
    config = directory / "venue.toml"
    config.write_text(f"{before}{sections}[nats]{rest}")
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:  # of this venue only
            patch.setenv("VENUE_RECONCILE__SECONDS", "2")
            venue = stack.enter_context(RunningVenue(directory / "data", config))
        yield venue
