"""Each mistake in the configuration gets one line: place, key, what is allowed, near miss."""

from pathlib import Path

import pytest

from tests.settings_example import VENUE_TOML, errors_of, write_configuration


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Working directory with a small sound configuration."""
    write_configuration(tmp_path, monkeypatch)
    return tmp_path


def errors_with(old: str, new: str) -> list[str]:
    """Errors when `old` stands as `new` in venue.toml."""
    assert old in VENUE_TOML
    Path("venue.toml").write_text(VENUE_TOML.replace(old, new, 1))
    return errors_of()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            'max_quantity = "1000"',
            'max_qantity = "1000"',
            "venue.toml:8 [risk] max_qantity: unknown; did you mean max_quantity?",
        ),
        (
            "port = 9878",
            'port = "abc"',
            'venue.toml:5 [fix] port: "abc" is not a whole number from 0 to 65535',
        ),
        (
            "port = 9878",
            "port = 65536",
            "venue.toml:5 [fix] port: 65536 is not a whole number from 0 to 65535",
        ),
        (
            "port = 9878",
            "port = true",
            "venue.toml:5 [fix] port: true is not a whole number from 0 to 65535",
        ),
        (
            "max_open_orders = 5",
            "max_open_orders = 1.5",
            "venue.toml:9 [risk] max_open_orders: 1.5 is not a whole number of 0 or more",
        ),
        (
            'log_level = "info"',
            'log_level = "chatty"',
            'venue.toml:2 log_level: "chatty" is not one of "debug", "info", "warning", "error"',
        ),
        (
            'log_level = "info"',
            "log_levl = 1",
            "venue.toml:2 log_levl: unknown; did you mean log_level?",
        ),
        ("[risk]", "[riks]", "venue.toml:7 [riks]: unknown; did you mean [risk]?"),
        (
            "[[members]]",
            "[[member]]\n[[members]]",
            "venue.toml:27 [[member]]: unknown; did you mean [[members]]?",
        ),
        (
            'tick_size = "0.01"',
            "tick_size = 0.010",
            'venue.toml:14 [[instruments]] ACME tick_size: 0.010 must stand in quotes, "0.010": '
            "it is kept exact",
        ),
        (
            'tick_size = "0.01"',
            'tick_size = "a"',
            'venue.toml:14 [[instruments]] ACME tick_size: "a" is not a number of 0 or more with '
            "at most 8 decimals",
        ),
        (
            'tick_size = "0.01"\n',
            "",
            "venue.toml:11 [[instruments]] ACME tick_size: missing; it must be a text in quotes",
        ),
        (
            'reference_price = "100.00"',
            'reference_price = "100.005"',
            "venue.toml:16 [[instruments]] ACME reference_price: must be a positive multiple of "
            "the tick",
        ),
        (
            'tick_size = "0.01"',
            'tick_size = "0"',
            "venue.toml:11 [[instruments]] ACME: tick_size and lot_size must be greater than 0",
        ),
        (
            'symbol = "BTC-USD"',
            'symbol = "btc/usd"',
            'venue.toml:19 [[instruments]] btc/usd symbol: "btc/usd" is not made of A-Z, 0-9 and -',
        ),
        (
            'symbol = "BTC-USD"',
            'symbol = "ACME"',
            "venue.toml:19 [[instruments]] ACME symbol: ACME stands in an earlier "
            "[[instruments]] too",
        ),
        (
            'name = "BRAVO"',
            'name = "ALPHA"',
            "venue.toml:37 [[members]] ALPHA name: ALPHA stands in an earlier [[members]] too",
        ),
        (
            "USD = 1000",
            "USDT = 1000",
            "venue.toml:33 [[members]] ALPHA funds.USDT: unknown; did you mean USD?",
        ),
        (
            'accounts = ["B1"]',
            "accounts = [5]",
            "venue.toml:38 [[members]] BRAVO accounts[0]: 5 is not an array of texts in quotes",
        ),
        (
            'member = "ALPHA"',
            'member = "ALHPA"',
            "venue.toml:43 [[sessions]] ALPHA member: ALHPA is unknown; did you mean ALPHA?",
        ),
        (
            'password = "demo"',
            'password = "s3cret-of-alpha"',
            "venue.toml:44 [[sessions]] ALPHA password: no password but the demo's stands in "
            "clear: remove it, start, and set it by `venue session password ALPHA`",
        ),
        (
            'password = "demo"',
            'password_file = "alpha.password"',
            "venue.toml:44 [[sessions]] ALPHA password_file: unknown; did you mean password?",
        ),
        (
            'password = "demo"',
            'public_key = "c2hvcnQ="',
            'venue.toml:44 [[sessions]] ALPHA public_key: "c2hvcnQ=" is not an Ed25519 public key '
            "in base64",
        ),
        (
            'password = "demo"',
            'certificate_sha256 = ["AB"]',
            'venue.toml:44 [[sessions]] ALPHA certificate_sha256[0]: "AB" is not a SHA-256 in 64 '
            "digits of 0-9 and a-f",
        ),
        (
            'password = "demo"',
            "password = 12345",
            "venue.toml:44 [[sessions]] ALPHA password: *** is not a text in quotes "
            "that is not empty",
        ),
        (
            'comp_id = "ALPHA"',
            'comp_id = "AL=PHA"',
            'venue.toml:42 [[sessions]] AL=PHA comp_id: "AL=PHA" is not a CompID: printable ASCII '
            "without blanks, = and /",
        ),
        (
            "enabled = false",
            'dialect = "veneu"',
            'venue.toml:50 [[sessions]] ALPHA-2 dialect: "veneu" is not one of "stock", "venue"',
        ),
        (
            "enabled = false",
            "enabled = 2",
            "venue.toml:50 [[sessions]] ALPHA-2 enabled: 2 is not true or false",
        ),
        (
            "port = 9878",
            'sessions_file = "x.cfg"',
            "venue.toml:5 [fix] sessions_file: there is no file x.cfg",
        ),
        ("port = 9878", "port = ", "venue.toml:5 not TOML: Invalid value"),
        ("port = 9878", "port = 1\nport = 2", "venue.toml:6 not TOML: Cannot overwrite a value"),
        (
            'log_level = "info"',
            'nats_url = "http://u:pw@h"',
            'venue.toml:2 nats_url: "http://u:***@h" is not empty and does not begin with nats://',
        ),
        (
            'log_level = "info"',
            'nats_url = "nats://u:pw@h,http://u:pw@i"',
            'venue.toml:2 nats_url: "http://u:***@i" is not empty and does not begin with nats://',
        ),
        (
            'log_level = "info"',
            'nats_url = "nats://u:pw@h,,nats://i"',
            'venue.toml:2 nats_url: "nats://u:***@h,,nats://i" has a comma with no URL beside it',
        ),
    ],
)
def test_mistake_in_the_file_is_one_line(old: str, new: str, expected: str) -> None:
    assert errors_with(old, new) == [expected]


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("risk.max_quantiy=1", "risk.max_quantiy: unknown; did you mean risk.max_quantity?"),
        ("fix.port=abc", 'fix.port: "abc" is not a whole number from 0 to 65535'),
        ("fix.port", "fix.port: write it as KEY=VALUE, such as fix.port=9900"),
        (
            "instruments.ACNE.fee_bps=1",
            "instruments.ACNE.fee_bps: ACNE is unknown; did you mean ACME?",
        ),
        (
            "instruments.ACME.fee=1",
            "instruments.ACME.fee: unknown; did you mean instruments.ACME.fee_bps?",
        ),
        ("members.ALPHA.funds.EUR=1", "members.ALPHA.funds.EUR: unknown; known are ACME, BTC, USD"),
        ("journal.retain_days=1", "journal.retain_days: moved: it is [retention] journal_days now"),
        ("sessions.ALPHA.enabled=maybe", 'sessions.ALPHA.enabled: "maybe" is not true or false'),
    ],
)
def test_mistake_in_set_is_one_line(override: str, expected: str) -> None:
    assert errors_of(override) == [f"--set {expected}"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("VENUE_RISK__MAX_QANTITY", "unknown; did you mean VENUE_RISK__MAX_QUANTITY?"),
        ("VENUE_FIX__PORT", '"x" is not a whole number from 0 to 65535'),
        ("VENUE_JOURNAL__RETAIN_DAYS", "moved: it is [retention] journal_days now"),
        ("VENUE_MEMBERS", "[[members]] can be set in the configuration file only"),
        (
            "VENUE_INSTRUMENTS__0__SYMBOL",
            "[[instruments]] can be set in the configuration file only",
        ),
    ],
)
def test_mistake_in_the_environment_is_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, expected: str
) -> None:
    monkeypatch.setenv(name, "x")
    assert errors_of() == [f"{name}: {expected}"]


def test_all_mistakes_of_a_file_are_reported() -> None:
    Path("venue.toml").write_text(VENUE_TOML.replace("port", "prot").replace("lot_size", "lot"))
    assert [line.partition(" ")[0] for line in errors_of()] == [
        "venue.toml:5",
        "venue.toml:11",
        "venue.toml:15",
        "venue.toml:18",
        "venue.toml:23",
    ]


def test_missing_file_is_one_line(directory: Path) -> None:
    assert errors_of(config=Path("other.toml")) == ["other.toml: No such file or directory"]


def test_file_of_another_encoding_is_one_line(directory: Path) -> None:
    (directory / "latin.toml").write_bytes(b"# caf\xe9")
    assert errors_of(config=Path("latin.toml")) == ["latin.toml: not UTF-8 text at byte 5"]


def test_demo_users_are_refused_off_loopback() -> None:
    wrong = '[gateway]\nhost = "0.0.0.0"\ndemo_users = true\n'
    Path("venue.toml").write_text(f"{VENUE_TOML}\n{wrong}")
    (line,) = errors_of()
    assert "0.0.0.0 is not loopback, and everybody knows the password of demo_users" in line
