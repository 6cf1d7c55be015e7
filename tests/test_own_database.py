"""A whole venue on a PostgreSQL of one's own, with the three logins that an operator has made."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.clearing.test_handover import bare, run_printed_sql
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from tests.test_two_venues import configured, refused_start, trade, whole
from venue.servers.postgres import PostgresServer


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    server = bare(tmp_path_factory.mktemp("own"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def urls(own: PostgresServer) -> dict[str, str]:
    return run_printed_sql(own)


def test_venue_books_as_the_writer_and_reads_as_the_reader(
    own: PostgresServer, urls: dict[str, str], tmp_path: Path
) -> None:
    config = configured(tmp_path / "config", **urls)
    with RunningVenue(tmp_path / "data", config) as venue:
        assert "database=postgresql://venue_reader:***@" in venue.ready_line
        assert venue.runtime()["database"] == urls["database_reader_url"]
        assert "postgres" not in venue.runtime()["servers"]
        trade(venue, "own")
        whole(venue, 1)
        assert venue.command("ledger", "verify").returncode == 0
        with psycopg.connect(own.url, autocommit=True) as connection:
            query = (
                "SELECT DISTINCT usename FROM pg_stat_activity WHERE backend_type = "
                "'client backend' AND usename IN ('venue_owner', 'venue_writer')"
            )
            wait_for(lambda: connection.execute(query).fetchall() == [("venue_writer",)])
        assert venue.stop() == 0


@pytest.mark.parametrize("name", ["database_owner_url", "database_reader_url"])
def test_login_without_its_database_is_refused(
    urls: dict[str, str], tmp_path: Path, name: str
) -> None:
    refused = refused_start(tmp_path / "data", f"{name}={urls[name]}")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == f"{name} is given without database_url: set that, too\n"


@pytest.mark.parametrize("name", ["database_owner_url", "database_reader_url"])
def test_login_that_does_not_come_in_is_named(
    urls: dict[str, str], tmp_path: Path, name: str
) -> None:
    wrong = {**urls, name: urls[name].replace(":secret@", ":guessed@")}
    settings = [f"{setting}={url}" for setting, url in wrong.items()]
    refused = refused_start(tmp_path / "data", *settings)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"{name} postgresql://venue_" in refused.stderr
    assert "password authentication failed" in refused.stderr
    assert "guessed" not in refused.stderr and "secret" not in refused.stderr
