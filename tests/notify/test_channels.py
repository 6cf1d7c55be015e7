"""What a channel wants to be told, and the file in which channels are."""

from pathlib import Path

import msgspec
import pytest

from venue.bus.alerts import Alert
from venue.notify.channels import (
    UNASKED_ON_NATS,
    Channel,
    Members,
    interest_of,
    on_nats,
    read_channels,
    write_channels,
)
from venue.notify.kinds import UNASKED, Kind
from venue.settings.configuration_error import ConfigurationError


def alert(kind: Kind, at: int = 10, **facts: str) -> Alert:
    return Alert(
        type=kind.value,
        timestamp_ns=at,
        consumer="notifier",
        event_seq=1,
        error="",
        member="ALPHA",
        facts=facts,
    )


def channel(**terms: object) -> Channel:
    told = {"url": "https://x", "kinds": tuple(Kind), "since_ns": 5, **terms}
    return msgspec.convert(told, Channel)


@pytest.mark.parametrize(
    ("terms", "told", "wanted"),
    [
        ({}, alert(Kind.BUST), True),
        ({}, alert(Kind.BUST, at=4), False),
        ({"kinds": ("fill",)}, alert(Kind.BUST), False),
        ({}, alert(Kind.FILL, last_qty="1", amount="1"), True),
        ({"fill_quantity": "10"}, alert(Kind.FILL, last_qty="9.99", amount="1000"), False),
        ({"fill_quantity": "10"}, alert(Kind.FILL, last_qty="10", amount="1"), True),
        ({"fill_value": "100.5"}, alert(Kind.FILL, last_qty="1", amount="100.49"), False),
        ({"fill_value": "100.5"}, alert(Kind.FILL, last_qty="1", amount="100.50"), True),
        ({"rejects": 3}, alert(Kind.REJECTS, rejects="2"), False),
        ({"rejects": 3}, alert(Kind.REJECTS, rejects="3"), True),
        ({"rejects": 3}, alert(Kind.REJECTS, rejects="4"), False),
        ({}, alert(Kind.LIMIT_USE, percent_before="0", percent="79"), False),
        ({}, alert(Kind.LIMIT_USE, percent_before="79", percent="80"), True),
        ({}, alert(Kind.LIMIT_USE, percent_before="80", percent="95"), False),
        ({"limit_percent": 90}, alert(Kind.LIMIT_USE, percent_before="80", percent="95"), True),
    ],
)
def test_channel_is_told_what_it_asks_for(
    terms: dict[str, object], told: Alert, wanted: bool
) -> None:
    assert channel(**terms).wants(told) is wanted


def test_everybody_is_told_on_nats_unless_he_has_chosen() -> None:
    chosen = channel(url="", kinds=("fill",), rejects=7)
    members: Members = {"ALPHA": {"nats": chosen, "desk": channel(rejects=3, kinds=("bust",))}}
    assert on_nats(members, "ALPHA") == chosen
    assert on_nats(members, "BRAVO") == UNASKED_ON_NATS
    assert Kind.FILL not in UNASKED and Kind.ORDER_DONE not in UNASKED
    assert interest_of({}).kinds == UNASKED
    assert interest_of(members).kinds == UNASKED | {Kind.FILL}
    assert interest_of(members).rejects == {3, 7, 20}


def test_file_is_its_owner_s_alone_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "notifications.json"
    assert read_channels(path) == {}
    members: Members = {"BRAVO": {"b": channel(), "a": channel(secret="s")}, "ALPHA": {}}
    write_channels(path, members)
    assert path.stat().st_mode & 0o077 == 0
    assert read_channels(path) == {"BRAVO": members["BRAVO"]}
    path.write_text("{")
    with pytest.raises(ConfigurationError):
        read_channels(path)
