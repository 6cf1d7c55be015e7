"""Typed settings of the venue: venue.toml, environment and --set, checked against sessions.cfg.

Makes the commands that the core gets from them. Must never start anything or show a password.
"""

import itertools
import os
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from venue.addresses import Network
from venue.domain.commands import AnyCommand, SetSanctions, SetTimetable
from venue.domain.configuration import Defined
from venue.domain.timetable import Timetable
from venue.settings.calendar import (
    CalendarSettings,
    GroupHoursSettings,
    calendar_errors,
    timetable,
)
from venue.settings.checks import contradictions, exposures, no_commands
from venue.settings.configuration_error import ConfigurationError
from venue.settings.data_dir import DEFAULT_DATA_DIR
from venue.settings.data_sections import (
    FixDropCopySettings,
    FixMarketDataSettings,
    GatewaySettings,
    Listening,
    MetricsSettings,
)
from venue.settings.definitions import definitions, four_eyes, stated
from venue.settings.errors import KeyPath, describe, key_lines, parse_toml
from venue.settings.fees import FeeScheduleSettings, fee_errors, fee_schedules, fees_of_members
from venue.settings.files import find_config, read_text, shipped, shown_path
from venue.settings.gate import GateSettings
from venue.settings.margin import MarginSettings
from venue.settings.named_files import ConfigurationCopy, with_files
from venue.settings.portfolio import PortfolioSettings
from venue.settings.retention import RetentionSettings
from venue.settings.sections import (
    ControlSettings,
    FixSettings,
    InstrumentSettings,
    JournalSettings,
    MarketDataSettings,
    MemberSettings,
    NatsSettings,
    PostgresSettings,
    ProcessesSettings,
    ReconcileSettings,
    RiskSettings,
    SequencerSettings,
    SessionSettings,
)
from venue.settings.session_kinds import DATA_KINDS, SessionKind
from venue.settings.sessions_file import SessionsFile, missing_counterparts, read_sessions_file
from venue.settings.settlement import SettlementSettings
from venue.settings.sources import Layers, scan_environment, scan_overrides
from venue.settings.stated_lists import stated_lists
from venue.settings.tracing import TracingSettings
from venue.settings.urls import NatsUrl, PostgresUrl

__all__ = ["Settings", "load_settings", "shipped"]

_file_layer: ContextVar[dict[str, Any]] = ContextVar("file_layer", default={})  # noqa: B039


class Settings(BaseSettings):
    """All settings, immutable; `load_settings` makes them. Paths of files to read are absolute."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="VENUE_", env_nested_delimiter="__"
    )

    data_dir: Path = Field(default=DEFAULT_DATA_DIR, description="journal, servers' data and logs")
    nats_url: NatsUrl = Field(default="", description="NATS, several with commas; empty: embedded")
    database_url: PostgresUrl = Field(default="", description="clearing's; empty: embedded")
    database_owner_url: PostgresUrl = Field(default="", description="the same, as schema's owner")
    database_reader_url: PostgresUrl = Field(default="", description="the same, as who reads only")
    log_format: Literal["console", "json"] = Field(default="console", description="of log lines")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="of logs"
    )
    fix: FixSettings = Field(default=FixSettings(), description="FIX order entry")
    fix_marketdata: FixMarketDataSettings = Field(
        default=FixMarketDataSettings(), description="FIX market data"
    )
    fix_dropcopy: FixDropCopySettings = Field(default=FixDropCopySettings(), description="copies")
    gate: GateSettings | None = Field(default=None, description="from outside by TLS; or none")
    nats: NatsSettings = Field(default=NatsSettings(), description="embedded nats-server")
    postgres: PostgresSettings = Field(default=PostgresSettings(), description="embedded server")
    journal: JournalSettings = Field(default=JournalSettings(), description="journal")
    retention: RetentionSettings = Field(default=RetentionSettings(), description="of all stores")
    sequencer: SequencerSettings = Field(default=SequencerSettings(), description="sequencer")
    gateway: GatewaySettings = Field(default=GatewaySettings(), description="REST over HTTP")
    metrics: MetricsSettings = Field(default=MetricsSettings(), description="metrics and health")
    tracing: TracingSettings = Field(default=TracingSettings(), description="spans of orders")
    marketdata: MarketDataSettings = Field(default=MarketDataSettings(), description="market data")
    portfolio: PortfolioSettings = Field(default=PortfolioSettings(), description="portfolios")
    processes: ProcessesSettings = Field(default=ProcessesSettings(), description="of `venue run`")
    reconcile: ReconcileSettings = Field(default=ReconcileSettings(), description="of all stores")
    risk: RiskSettings = Field(default=RiskSettings(), description="limits unless others are given")
    control: ControlSettings = Field(default=ControlSettings(), description="operators")
    margin: MarginSettings | None = Field(default=None, description="cover of positions")
    calendar: CalendarSettings | None = Field(default=None, description="days; none: by hand")
    hours: tuple[GroupHoursSettings, ...] = Field(default=(), description="of groups of a day")
    fees: tuple[FeeScheduleSettings, ...] = Field(default=(), description="fee schedules")
    settlement: SettlementSettings | None = Field(default=None, description="days that settle")
    instruments: tuple[InstrumentSettings, ...] = Field(default=(), description="what is traded")
    members: tuple[MemberSettings, ...] = Field(default=(), description="who trades")
    sessions: tuple[SessionSettings, ...] = Field(default=(), description="how they connect")

    _layers: Layers = PrivateAttr(default_factory=lambda: Layers(Path(), "", {}, {}))
    _sessions_file: SessionsFile = PrivateAttr(default_factory=lambda: SessionsFile(""))
    _again: Callable[[], "Settings"] | None = PrivateAttr(default=None)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Precedence: --set (init), environment, file, defaults."""
        file_settings = InitSettingsSource(settings_cls, init_kwargs=_file_layer.get())
        return init_settings, env_settings, file_settings

    def come_from(self, source: Callable[[], "Settings"]) -> None:
        """Remember how they are read again."""
        self._again = source

    def read_again(self) -> "Settings":
        """What the same files, command line and environment say now. Raises ConfigurationError."""
        return self if self._again is None else self._again()

    def session(self, comp_id: str) -> SessionSettings:
        """Settings of one session; KeyError when the configuration has none of that CompID."""
        return {session.comp_id: session for session in self.sessions}[comp_id]

    def enabled_sessions(self, kind: SessionKind = "trading") -> list[str]:
        """CompIDs of the sessions of a kind that may log on."""
        return [s.comp_id for s in self.sessions if s.enabled and s.kind == kind]

    def listens(self, kind: SessionKind) -> Listening:
        """The section with host and port at which the sessions of a kind log on."""
        data: Listening = self.fix_marketdata if kind == "marketdata" else self.fix_dropcopy
        return self.fix if kind == "trading" else data

    def allowed_addresses(self, comp_id: str) -> tuple[Network, ...]:
        """Where a session may come from, by sessions.cfg; empty: from anywhere."""
        return self._sessions_file.addresses(comp_id)

    def buffer_bytes(self) -> tuple[int, int]:
        """Sizes of the clients' send and receive buffers, by sessions.cfg; 0: the system's own."""
        return self._sessions_file.buffer_bytes()

    def timestamp_decimals(self) -> dict[str, int]:
        """Decimals of the seconds in SendingTime(52), by session."""
        return {s.comp_id: self._number(s.comp_id, "TimestampPrecision", 3) for s in self.sessions}

    def max_latency_seconds(self) -> dict[str, int | None]:
        """How far a Logon's SendingTime(52) may be off, by session; None: it is not looked at."""
        return {
            s.comp_id: self._number(s.comp_id, "MaxLatency", 120)
            if self.quickfix_keys(s.comp_id).get("CheckLatency", "Y") == "Y"
            else None
            for s in self.sessions
        }

    def _number(self, comp_id: str, key: str, default: int) -> int:
        return int(self.quickfix_keys(comp_id).get(key, default))

    def quickfix_keys(self, comp_id: str) -> dict[str, str]:
        """The keys of a session in sessions.cfg: its own, and those of [DEFAULT]."""
        return self._sessions_file.keys(comp_id)

    def quickfix_text(self, comp_ids: Sequence[str], port: int) -> str:
        """Text for quickfix.SessionSettings (`setFromString`) of these sessions, on this port."""
        filled_in = {"SocketAcceptPort": str(port), "DataDictionary": str(self.fix.dictionary)}
        return self._sessions_file.text(comp_ids, filled_in)

    def venue_comp_id(self) -> str:
        """The venue's own CompID: SenderCompID of sessions.cfg."""
        return self._sessions_file.defaults["SenderCompID"]

    def configuration_files(self) -> list[Path]:
        """The configuration file, then those that it names and that are no keys; absolute."""
        named = (self.fix.sessions_file, self.fix.dictionary, self.control.sanctions_file)
        return [self._layers.file.resolve(), *(file for file in named if file is not None)]

    def origin(self, *path: str | int) -> str:
        """Where the value of a key comes from: default, `venue.toml:7`, `VENUE_FIX__PORT` ..."""
        return self._layers.origin(path)

    def venue_dialect_sessions(self) -> frozenset[str]:
        """CompIDs of the sessions that are sent fields which the stock dictionary does not have."""
        return frozenset(s.comp_id for s in self.sessions if s.dialect == "venue")

    def approval_commands(self) -> list[AnyCommand]:
        """Commands that come last of all: after them a second operator may be needed."""
        return [four_eyes(self.control)] if self.control.four_eyes else []

    def defined(self) -> list[Defined]:
        """What the configuration states: all that it has for what is new, else what it says itself.

        [risk] is for what is new. What [control] and [settlement] do not have stays as it is.
        """
        fees, own_fees = fee_schedules(self.fees), fees_of_members(self.members)
        things = stated(self.instruments, self.members, self.sessions, self.risk)
        calendar = SetTimetable(self.timetable())
        lists = (*own_fees, *stated_lists(calendar, self.control, self.settlement))
        return [*map(Defined, fees), *things, *map(Defined, lists)]

    def seed_commands(self) -> list[AnyCommand]:
        """Commands for an empty journal: fees, instruments, members, sessions, deposits."""
        names = self.control.sanctioned_names()
        sanctions = [SetSanctions(names)] if names else []
        defined = definitions(self.instruments, self.members, self.sessions, self.risk)
        calendar = self.timetable()
        days = [] if calendar is None else [SetTimetable(calendar)]
        fees, own_fees = fee_schedules(self.fees), fees_of_members(self.members)
        settlement = [] if self.settlement is None else [self.settlement.rules()]
        return [*settlement, *sanctions, *fees, *defined, *own_fees, *days]

    def timetable(self) -> Timetable | None:
        """When days start and end; None: by hand."""
        return timetable(self.calendar, self.hours)


def load_settings(
    config: Path | None = None,
    overrides: Sequence[str] = (),
    data_dir: Path | None = None,
    copied: ConfigurationCopy | None = None,
) -> Settings:
    """Read and check all sources; later wins: defaults, file, environment, `overrides`, `data_dir`.

    copied: is read instead of the files themselves, which errors name all the same. Raises
    ConfigurationError whose text has one line for each error found.
    """
    file = find_config(config) if copied is None else copied.file.original
    shown = str(file)
    text = read_text(file if copied is None else copied.file.copy, shown)
    layers = Layers(file, shown, parse_toml(text, shown), key_lines(text))
    errors = scan_environment(layers, os.environ, Settings)
    errors += scan_overrides(layers, overrides, Settings)
    if data_dir is not None:
        layers.overrides["data_dir"] = str(data_dir)
        layers.origins[("data_dir",)] = "--data-dir"
    _raise_if(errors)
    settings = with_files(_validated(layers), layers, copied)
    settings._layers = layers
    sessions = None if copied is None else copied.named.get("fix.sessions_file")
    shown_sessions = shown_path(sessions.original if sessions else settings.fix.sessions_file)
    settings._sessions_file, errors = read_sessions_file(settings.fix.sessions_file, shown_sessions)
    found = contradictions(settings.instruments, settings.members, settings.sessions, settings.risk)
    hosts: dict[KeyPath, str] = {("fix", "host"): settings.fix.host}
    for kind in DATA_KINDS:
        if settings.enabled_sessions(kind):
            hosts[f"fix_{kind}", "host"] = settings.listens(kind).host
    exposed = exposures(settings.fix, hosts, settings.nats, settings.gate, settings.sessions)
    days = calendar_errors(settings.calendar, settings.hours, settings.instruments)
    fees = fee_errors(settings.fees, settings.instruments, settings.members)
    wrong = itertools.chain(found, exposed, days, fees, no_commands(settings.control))
    errors += (f"{layers.place(path)}: {what}" for path, what in wrong)
    places = {s.comp_id: layers.place(("sessions", i)) for i, s in enumerate(settings.sessions)}
    errors += missing_counterparts(settings._sessions_file, places, shown)
    _raise_if(errors)
    return settings


def _raise_if(errors: Sequence[str]) -> None:
    if errors:
        raise ConfigurationError("\n".join(errors))


def _validated(layers: Layers) -> Settings:
    token = _file_layer.set(layers.data)
    try:
        return Settings(**layers.overrides)
    except ValidationError as error:
        lines = (
            f"{layers.place(found['loc'])}: {describe(found, Settings)}" for found in error.errors()
        )
        raise ConfigurationError("\n".join(lines)) from None
    finally:
        _file_layer.reset(token)
