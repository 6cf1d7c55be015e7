"""The whole matrix of who may do what on NATS, asked of the real server."""

import asyncio
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from nats.aio.client import Client

from tests.marketdata.events import accepted, instrument_added, order
from tests.marketdata.scenario import listening, running, until
from tests.servers.reader_logins import EVENTS, LAST_VALUES, TRADES, Logins, logins_in
from venue.bus.connection import connected
from venue.bus.permissions import OPERATOR, SERVICES
from venue.bus.subjects import inbox_prefix
from venue.domain.types import Side
from venue.marketdata import snapshots
from venue.marketdata.feed import Feed
from venue.marketdata.followed import FollowedBooks

READERS = {"ALPHA-BACK": "ALPHA", "BRAVO-RISK": "BRAVO", "SCREENS": ""}
API = "$JS.API"
USERS = (OPERATOR, *SERVICES, *READERS)
FOLLOWING = ("clearing", "audit", "marketdata", "dropcopy", "notifier", "followers")
ALERTING = (*FOLLOWING, "publisher", "replica", "reconciler")
CHECKING = (*FOLLOWING, "reconciler")
PUBLIC = ("SCREENS", "fix-marketdata", "gateway")

PUBLISH: dict[str, tuple[str, ...]] = {
    "venue.events.TradeExecuted.ACME": ("publisher",),
    "drop.ALPHA.ACME": ("dropcopy", "followers"),
    "drop.ALPHA._funds": ("dropcopy", "followers"),
    "ledger.ALPHA.entry": ("clearing", "followers"),
    "md.ACME.trade": ("marketdata", "followers"),
    "$KV.md_last.ACME.bbo": ("marketdata", "followers"),
    "alert._": ALERTING,
    "alert.ALPHA": ALERTING,
    f"{API}.STREAM.DELETE.{EVENTS}": (),
    f"{API}.STREAM.DELETE.DROP_ALPHA": (),
    f"{API}.STREAM.PURGE.{EVENTS}": ("publisher",),
    f"{API}.STREAM.PURGE.DROP_ALPHA": ("publisher",),
    f"{API}.STREAM.MSG.DELETE.{EVENTS}": (),
    f"{API}.STREAM.MSG.DELETE.DROP_ALPHA": (),
    f"{API}.STREAM.UPDATE.{EVENTS}": ("publisher",),
    f"{API}.STREAM.CREATE.{EVENTS}": ("publisher", "dropcopy", "followers"),
    f"{API}.STREAM.CREATE.DROP_NEW": ("dropcopy", "followers"),
    f"{API}.STREAM.CREATE.ALERTS": ALERTING,
    f"{API}.STREAM.MSG.GET.ALERTS": (
        "trading", "publisher", "dropcopy", "notifier", "followers", "gateway",
    ),
    f"{API}.STREAM.LIST": ("trading", "publisher", "dropcopy", "followers"),
    f"{API}.STREAM.NAMES": (),
    f"{API}.INFO": (),
    f"{API}.STREAM.INFO.{EVENTS}": ("trading", "publisher", *CHECKING),
    f"{API}.STREAM.MSG.GET.{EVENTS}": ("trading", "publisher", *CHECKING),
    f"{API}.STREAM.INFO.DROP_ALPHA": (
        "trading", "publisher", "dropcopy", "followers", "reconciler", "ALPHA-BACK",
    ),
    f"{API}.STREAM.MSG.GET.DROP_ALPHA": (
        "trading", "publisher", "dropcopy", "followers", "ALPHA-BACK",
    ),
    f"{API}.STREAM.INFO.{LAST_VALUES}": (
        "trading", "publisher", "marketdata", "dropcopy", "followers", "reconciler", *PUBLIC,
    ),
    f"{API}.STREAM.MSG.GET.{LAST_VALUES}": (
        "trading", "publisher", "marketdata", "dropcopy", "followers", *PUBLIC,
    ),
    f"{API}.DIRECT.GET.{LAST_VALUES}.x": ("marketdata", "followers", *PUBLIC),
    f"{API}.CONSUMER.CREATE.{EVENTS}.x": CHECKING,
    f"{API}.CONSUMER.CREATE.DROP_ALPHA.x": ("dropcopy", "followers", "reconciler"),
    f"{API}.CONSUMER.CREATE.DROP_ALPHA": (),
    f"{API}.CONSUMER.CREATE.{LAST_VALUES}.x": ("dropcopy", "followers", "reconciler"),
    f"{API}.CONSUMER.DURABLE.CREATE.DROP_ALPHA.x": (),
    f"{API}.CONSUMER.DELETE.DROP_ALPHA.ALPHA-BACK": (),
    f"{API}.CONSUMER.MSG.NEXT.{EVENTS}.x": CHECKING,
    f"{API}.CONSUMER.MSG.NEXT.DROP_ALPHA.ALPHA-BACK": ("reconciler", "ALPHA-BACK"),
    f"{API}.CONSUMER.MSG.NEXT.DROP_ALPHA.other": ("reconciler",),
    f"{API}.CONSUMER.INFO.DROP_ALPHA.ALPHA-BACK": ("dropcopy", "followers", "ALPHA-BACK"),
    "$JS.ACK.DROP_ALPHA.ALPHA-BACK.1.1.1.1.1": ("ALPHA-BACK",),
    "$JS.ACK.DROP_ALPHA.other.1.1.1.1.1": (),
    f"{API}.STREAM.CREATE.LEDGER": ("clearing", "dropcopy", "followers"),
    f"{API}.STREAM.INFO.LEDGER": (
        "trading", "publisher", "clearing", "dropcopy", "followers", "reconciler",
    ),
    f"{API}.STREAM.MSG.GET.LEDGER": ("trading", "publisher", "clearing", "dropcopy", "followers"),
    f"{API}.STREAM.PURGE.LEDGER": ("publisher",),
    f"{API}.STREAM.DELETE.LEDGER": (),
    f"{API}.CONSUMER.CREATE.LEDGER.x": ("clearing", "dropcopy", "followers", "reconciler"),
    f"{API}.CONSUMER.CREATE.LEDGER.x.ledger.BRAVO.entry": (
        "clearing", "dropcopy", "followers", "reconciler",
    ),
    f"{API}.CONSUMER.DELETE.LEDGER.ALPHA-BACK": (),
    f"{API}.CONSUMER.MSG.NEXT.LEDGER.ALPHA-BACK": ("reconciler", "ALPHA-BACK"),
    f"{API}.CONSUMER.MSG.NEXT.LEDGER.BRAVO-RISK": ("reconciler", "BRAVO-RISK"),
    f"{API}.CONSUMER.INFO.LEDGER.ALPHA-BACK": ("clearing", "dropcopy", "followers", "ALPHA-BACK"),
    "$JS.ACK.LEDGER.ALPHA-BACK.1.1.1.1.1": ("ALPHA-BACK",),
    "$JS.ACK.LEDGER.BRAVO-RISK.1.1.1.1.1": ("BRAVO-RISK",),
    "snapshot.ACME": PUBLIC,
    f"{API}.DIRECT.GET.{TRADES}": ("marketdata", "followers", *PUBLIC),
    f"{API}.STREAM.INFO.{TRADES}": (
        "trading", "publisher", "marketdata", "dropcopy", "followers", "reconciler",
    ),
    f"{API}.STREAM.CREATE.{TRADES}": ("marketdata", "dropcopy", "followers"),
    f"{API}.STREAM.PURGE.{TRADES}": ("publisher",),
    f"{API}.STREAM.DELETE.{TRADES}": (),
    f"{API}.CONSUMER.CREATE.{TRADES}.x": ("dropcopy", "followers", "reconciler"),
    "$SYS.REQ.SERVER.PING": (),
    "anything.else": (),
    "_INBOX.publisher.x": ("marketdata", "followers"),
    "_R_.x": ("marketdata", "followers"),
}  # fmt: skip
"""Who else than the operator may publish there."""
SUBSCRIBE: dict[str, tuple[str, ...]] = {
    ">": (),
    "*.>": (),
    "_INBOX.>": (),
    "_R_.>": (),
    "venue.events.>": (),
    "drop.>": (),
    "drop.ALPHA.>": ("ALPHA-BACK",),
    "drop.BRAVO.>": ("BRAVO-RISK",),
    "drop.*.ACME": (),
    "drop.ALPHA._funds": ("ALPHA-BACK",),
    "drop.*._funds": (),
    "ledger.>": (),
    "ledger.*.entry": ("gateway",),
    "ledger.ALPHA.>": ("ALPHA-BACK", "gateway"),
    "ledger.BRAVO.settlement": ("BRAVO-RISK", "gateway"),
    "alert.>": ("gateway",),  # NATS takes it for `alert.*`, which is all that the account imports
    "alert._": ("gateway",),
    "alert.ALPHA": ("ALPHA-BACK", "gateway"),
    "md.>": PUBLIC,
    "md.ACME.trade": PUBLIC,
    "snapshot.*": ("marketdata", "followers"),
    "$JS.>": (),
    "$KV.md_last.>": (),
    **{f"_INBOX.{user}.>": (user,) for user in (*SERVICES, *READERS)},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Logins]:
    """A server with readers, and every user's URL."""
    with logins_in(tmp_path_factory.mktemp("logins"), READERS) as logins:
        yield logins


async def _refused(url: str, user: str) -> set[str]:
    """What the server does not let a login do: `pub SUBJECT` or `sub SUBJECT`, in small letters."""
    client, errors = Client(), list[str]()

    async def note(error: Exception) -> None:
        errors.append(str(error))

    await client.connect(url, error_cb=note, allow_reconnect=False, inbox_prefix=inbox_prefix(user))
    for subject in SUBSCRIBE:
        await client.subscribe(subject)
        await client.flush()
    for subject in PUBLISH:
        # no request that anything answers, so that the streams stay as they are
        await client.publish(subject, b"{", reply="")
        await client.flush()
    async with asyncio.timeout(10):
        await client.publish("nobody.may", b"")
        while user != OPERATOR and not any("nobody.may" in error for error in errors):
            await client.flush()
    await client.close()
    found = set()
    for error in errors:
        way = "sub" if "subscription" in error else "pub"
        found.add(f"{way} {error.split(chr(34))[1]}")
    return found


@pytest.mark.parametrize("user", USERS)
def test_login_may_do_what_the_table_says_and_nothing_else(server: Logins, user: str) -> None:
    refused = asyncio.run(_refused(server[1][user], user))
    ways = [("pub", PUBLISH), ("sub", SUBSCRIBE)]
    for way, table in ways:
        for subject, allowed in table.items():
            may = user == OPERATOR or user in allowed
            assert (f"{way} {subject.lower()}" not in refused) == may, (way, subject)


@pytest.mark.parametrize(
    "login",
    [
        {},
        {"user": OPERATOR, "pass": "wrong"},
        {"user": "SCREENS", "pass": ""},
        {"user": "nobody", "pass": "x"},
        {"auth_token": "x"},
    ],
)
def test_nobody_without_a_login_connects(server: Logins, login: dict[str, str]) -> None:
    with socket.create_connection((server[0].host, server[0].port), 10) as connection:
        told = json.dumps({"verbose": False, "pedantic": False, **login})
        connection.sendall(f"CONNECT {told}\r\nPING\r\n".encode())
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    assert b"-ERR 'Authorization Violation'" in answer and b"PONG" not in answer


def test_every_service_is_a_process_and_has_a_password_of_its_own(
    server: Logins, tmp_path: Path
) -> None:
    passwords = {url.split("@")[0].split(":")[2] for url in server[1].values()}
    assert len(passwords) == len(USERS)
    kept = (
        "".join(path.read_text() for path in server[0].data_dir.glob("readers.json"))
        + (server[0].directory / "server.conf").read_text()
    )
    for name in READERS:
        assert server[1][name].split("@")[0].split(":")[2] not in kept, "its hash is kept"
    for path in (*server[0].data_dir.glob("*.password"), server[0].directory / "server.conf"):
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize("process", ["marketdata", "followers"])
def test_public_reader_gets_snapshots_of_many_pages_and_chooses_no_subject_for_them(
    server: Logins, process: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "PAGE_ORDERS", 1)
    feed, urls = Feed(), server[1]
    feed.apply(instrument_added(1))
    for seq in range(2, 302):
        feed.apply(accepted(seq, order(f"O{seq}", Side.BUY, str(seq), "1")))
    feed.take()
    service = snapshots.SnapshotService(urls[process], process, lambda: feed)
    first, second = (FollowedBooks(urls["SCREENS"], lambda *_: None) for _ in range(2))

    async def scenario() -> None:
        async with (
            connected(urls["SCREENS"], "asker") as asking,
            listening(server[0].url) as heard,
            running(service.run),
        ):
            async with running(first.run):
                await until(lambda: "ACME" in first.books)
            for subject in ("md.ACME.trade", "$JS.API.STREAM.PURGE.DROP_ALPHA"):
                await asking.client.publish("snapshot.ACME", reply=subject)
            await asking.client.flush()
            async with running(second.run):  # it is answered behind them
                await until(lambda: "ACME" in second.books)
            assert heard.messages == []
        assert len(second.books["ACME"].orders(Side.BUY)) == 300

    asyncio.run(scenario())
