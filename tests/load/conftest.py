"""Both load clients, and counterparties for them."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from tests.load.counterparty import Answer, Counterparty, Spoil, unspoiled
from venue.load.client import LoadClient
from venue.load.native_client import run_natively
from venue.load.outcome import Outcome
from venue.load.program import native_program
from venue.load.task import Run, Task

Measure = Callable[[Task, Sequence[Run]], list[Outcome]]
Serve = Callable[..., Counterparty]


@pytest.fixture(scope="session")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The C client is built for these tests, and not into the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def in_c(_cache: None) -> Measure:
    """The client in C."""
    return lambda task, runs: run_natively(native_program(), task, runs)


@pytest.fixture
def in_python() -> Measure:
    """The client in Python."""

    def measure(task: Task, runs: Sequence[Run]) -> list[Outcome]:
        with LoadClient(task) as client:
            return client.measure(runs)

    return measure


@pytest.fixture(params=["in_c", "in_python"])
def measure(request: pytest.FixtureRequest) -> Measure:
    """Each of them."""
    client: Measure = request.getfixturevalue(request.param)
    return client


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a counterparty, which ends with the test."""
    started: list[Counterparty] = []

    def start(answer: Answer, spoil: Spoil = unspoiled) -> Counterparty:
        started.append(Counterparty(answer, spoil))
        return started[-1]

    yield start
    for counterparty in started:
        counterparty.close()
