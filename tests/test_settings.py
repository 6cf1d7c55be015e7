"""Settings: what the sources give, which one wins, and the one line that each mistake gets."""

import tomllib
from pathlib import Path

import pytest
import quickfix

from tests.settings_example import SESSIONS_CFG, VENUE_TOML, write_configuration
from venue.domain.commands import AddInstrument, AddMember, AddSession, Deposit
from venue.domain.margin_rules import MarginRules
from venue.settings.errors import key_lines
from venue.settings.gate import GateSettings
from venue.settings.margin import MarginSettings
from venue.settings.settings import (
    Settings,
    load_settings,
    shipped,
)
from venue.settings.urls import URLS


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Working directory with a small sound configuration."""
    write_configuration(tmp_path, monkeypatch)
    return tmp_path


def test_file_wins_over_defaults() -> None:
    settings = load_settings()
    assert (settings.risk.max_quantity, settings.risk.max_value) == ("1000", "1000000000")
    assert settings.data_dir == Path(".venue")


def test_environment_wins_over_file_and_set_over_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VENUE_FIX__PORT", "1")
    monkeypatch.setenv("VENUE_LOG_LEVEL", "error")
    settings = load_settings(overrides=["fix.port=2"])
    assert (settings.fix.port, settings.log_level) == (2, "error")
    assert settings.origin("fix", "port") == "--set fix.port"
    assert settings.origin("log_level") == "VENUE_LOG_LEVEL"
    assert settings.origin("risk", "max_quantity") == "venue.toml:8"
    assert settings.origin("risk", "max_value") == "default"


def test_faults_asked_for_in_the_environment_are_no_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VENUE_FAULT", "after-apply:9:kill")
    assert load_settings().log_level == "info"


def test_data_dir_argument_wins_over_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENUE_DATA_DIR", "one")
    assert load_settings(overrides=["data_dir=two"]).data_dir == Path("two")
    settings = load_settings(None, ["data_dir=two"], Path("three"))
    assert settings.data_dir == Path("three")
    assert settings.origin("data_dir") == "--data-dir"


def test_set_changes_an_entry_by_its_name() -> None:
    overrides = ["instruments.BTC-USD.max_quantity=9", "members.ALPHA.funds.ACME=3"]
    overrides += ["members.ALPHA.credit_limit=4", "sessions.ALPHA-2.dialect=venue"]
    settings = load_settings(overrides=overrides)
    assert settings.instruments[1].max_quantity == "9"
    assert settings.members[0].funds == {"USD": "1000", "BTC": "0.5", "ACME": "3"}
    assert settings.members[0].credit_limit == "4"
    assert settings.session("ALPHA-2").dialect == "venue"


def test_session_needs_no_password_in_the_configuration() -> None:
    Path("venue.toml").write_text(VENUE_TOML.replace('password = "demo"\n', ""))
    settings = load_settings()
    assert [session.has_demo_password for session in settings.sessions] == [False, False]


def test_gate_is_off_unless_it_is_configured(directory: Path) -> None:
    assert load_settings().gate is None
    for text in ("[gate]\n", '[gate]\nproxy_protocol_from = ["10.0.0.7"]\n'):
        (directory / "venue.toml").write_text(VENUE_TOML + text)
        gate = load_settings().gate
        assert gate is not None and (gate.host, gate.port) == ("127.0.0.1", 9888)
    assert gate is not None and str(gate.proxies()[0]) == "10.0.0.7/32"


def test_where_a_session_may_come_from_is_the_venue_s_to_check(directory: Path) -> None:
    text = SESSIONS_CFG.replace(
        "TargetCompID=ALPHA\n", "TargetCompID=ALPHA\nAllowedRemoteAddresses=10.1.2.3,10.2.0.0/16\n"
    )
    (directory / "sessions.cfg").write_text(text)
    settings = load_settings()
    assert [str(each) for each in settings.allowed_addresses("ALPHA")] == [
        "10.1.2.3/32",
        "10.2.0.0/16",
    ]
    assert settings.allowed_addresses("ALPHA-2") == ()
    assert "AllowedRemoteAddresses" not in settings.quickfix_text(settings.enabled_sessions(), 1)


def test_addresses_of_all_sessions_stand_in_default(directory: Path) -> None:
    text = SESSIONS_CFG.replace("[DEFAULT]\n", "[DEFAULT]\nAllowedRemoteAddresses=::1\n")
    (directory / "sessions.cfg").write_text(text)
    assert [str(each) for each in load_settings().allowed_addresses("ALPHA-2")] == ["::1/128"]


def test_unknown_session_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        load_settings().session("ZULU")


def test_seed_commands_follow_the_file() -> None:
    commands = load_settings().seed_commands()
    assert [type(command) for command in commands] == [
        *[AddInstrument] * 2,
        *[AddMember] * 2,
        AddSession,
        *[Deposit] * 2,
    ]
    acme, bitcoin = (c.definition for c in commands if isinstance(c, AddInstrument))
    assert (acme.symbol, acme.asset, acme.max_order_qty) == ("ACME", "", "1000")
    assert (bitcoin.symbol, bitcoin.asset, bitcoin.max_order_qty) == ("BTC-USD", "BTC", "100")
    assert commands[2:] == [
        AddMember("ALPHA", ("A1",), "1000000000000", 5),
        AddMember("BRAVO", ("B1",), "7", 5),
        AddSession("ALPHA", "ALPHA", True),
        Deposit("ALPHA", "USD", "1000"),
        Deposit("ALPHA", "BTC", "0.5"),
    ]


def test_quickfix_takes_the_settings_text(directory: Path) -> None:
    settings = load_settings()
    text = settings.quickfix_text(settings.enabled_sessions(), 12345)
    for line in (
        "NonStopSession=Y",
        "PersistMessages=N",
        "UseDataDictionary=Y",
        "CheckLatency=N",
        "SocketAcceptPort=12345",
        f"DataDictionary={directory / 'spec' / 'FIX44.xml'}",
    ):
        assert line in text.split("\n")
    parsed = quickfix.SessionSettings()
    parsed.setFromString(text)
    assert parsed.size() == 1
    assert parsed.has(quickfix.SessionID("FIX.4.4", settings.venue_comp_id(), "ALPHA"))


def test_shipped_configuration_is_sound(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = directory / "empty"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    settings = load_settings()
    assert settings.fix.dictionary == shipped("spec/FIX44.xml").resolve()
    assert [m.name for m in settings.members] == ["ALPHA", "BRAVO", "CHARLIE", "DELTA"]
    names = [m.name for m in settings.members]
    of_gateway = [s.comp_id for s in settings.sessions if s.is_of_gateway]
    assert of_gateway == [f"{name}-API" for name in names]
    assert settings.enabled_sessions() == [*names, *of_gateway]
    assert settings.enabled_sessions("marketdata") == [f"{name}-MD" for name in names]
    assert settings.enabled_sessions("dropcopy") == [f"{name}-DC" for name in names]
    assert all(s.has_demo_password for s in settings.sessions)
    symbols = [i.symbol for i in settings.instruments]
    assert symbols == ["ACME", "GLOBEX", "INITECH", "UMBRELLA", "BTC-USD"]
    assert all(set(m.funds) == {"USD", *symbols[:4], "BTC"} for m in settings.members)


def test_shipped_file_names_every_plain_key_with_its_default() -> None:
    settings, defaults = load_settings(shipped("venue.toml")), Settings()
    for name in ("data_dir", *URLS, "log_format", "log_level"):
        assert getattr(settings, name) == getattr(defaults, name)
        assert settings.origin(name) != "default"
    for name in ("nats", "postgres", "journal", "sequencer", "risk", "fix", "gateway"):
        section = getattr(settings, name)
        for key in type(section).model_fields:
            if getattr(section, key) is not None:  # a key without a value stands there commented
                assert settings.origin(name, key) != "default", f"{name}.{key}"
            if key not in ("sessions_file", "dictionary"):
                assert getattr(section, key) == getattr(getattr(defaults, name), key)


def test_clients_of_nats_find_it_at_the_same_port_after_every_start() -> None:
    assert load_settings(shipped("venue.toml")).nats.port == Settings().nats.port == 4222


def test_shipped_file_shows_every_key_of_the_gate_with_its_default() -> None:
    shown, is_gate = {}, False
    for line in shipped("venue.toml").read_text().splitlines():
        is_gate = line == "# [gate]" or (is_gate and line.startswith("# "))
        if is_gate and "=" in line:
            name, _, value = line.removeprefix("# ").partition(" = ")
            shown[name] = tomllib.loads(f"x = {value}")["x"]
    defaults = GateSettings()
    assert list(shown) == list(GateSettings.model_fields)
    for name, value in shown.items():
        default = getattr(defaults, name)
        is_example = name in ("host", "certificate", "key", "client_ca") or "_port" in name
        assert is_example or (list(default) if isinstance(default, tuple) else default) == value


def test_margin_is_off_unless_it_is_configured(directory: Path) -> None:
    assert load_settings().margin is None
    text = '[margin]\ninitial = { ACME = "15" }\nhaircuts = { BTC = "40" }\n'
    (directory / "venue.toml").write_text(VENUE_TOML + text)
    margin = load_settings().margin
    assert margin is not None
    assert margin.rules() == MarginRules("USD", "10", {"ACME": "15"}, {"BTC": "40"}, 60)


def test_shipped_file_shows_every_key_of_margin_with_its_default() -> None:
    text = shipped("venue.toml").read_text().partition("# [margin]\n")[2].partition("\n\n")[0]
    shown = tomllib.loads("\n".join(line.removeprefix("# ") for line in text.splitlines()))
    assert shown == MarginSettings().model_dump()


def test_every_field_has_a_description() -> None:
    pending = [Settings]
    while pending:
        for name, field in pending.pop().model_fields.items():
            assert field.description, name


def test_lines_are_found_in_every_form_of_table() -> None:
    text = 'a = 1\nb.c = """\n[not]\nd = 2\n"""\n[[x]]\n[x.y] # t\n"k" = 1\n[[x]]\nz = [\n 1,\n]\n'
    assert key_lines(text) == {
        ("a",): 1,
        ("b", "c"): 2,
        ("x",): 6,
        ("x", 0): 6,
        ("x", 0, "y"): 7,
        ("x", 0, "y", "k"): 8,
        ("x", 1): 9,
        ("x", 1, "z"): 10,
    }
