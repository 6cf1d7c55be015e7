"""The sections of venue.toml: every key with its type, default and meaning, and checks of each.

Knows the domain's exact numbers. Reads no file but the sanctions list.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from venue.settings.files import read_text
from venue.settings.session_kinds import GATEWAY_SUFFIX, SessionKind
from venue.settings.values import Account as Account
from venue.settings.values import CompID as CompID
from venue.settings.values import Count as Count
from venue.settings.values import DecimalText as DecimalText
from venue.settings.values import MemberName as MemberName
from venue.settings.values import Port as Port
from venue.settings.values import PublicKey as PublicKey
from venue.settings.values import Sha256 as Sha256
from venue.settings.values import Symbol as Symbol
from venue.settings.values import WholeNumber as WholeNumber

DEMO_PASSWORD = "demo"


class Section(BaseModel):
    """A table of venue.toml: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FixSettings(Section):
    host: str = Field(default="127.0.0.1", description="address that FIX order entry listens on")
    port: Port = Field(default=9878, description="port of FIX order entry; 0: any free port")
    sessions_file: Path = Field(
        default=Path("sessions.cfg"), description="QuickFIX's settings of sessions"
    )
    dictionary: Path = Field(default=Path("spec/FIX44.xml"), description="dictionary for QuickFIX")
    logon_grace_seconds: WholeNumber = Field(
        default=30, description="after a restart, time to log on again before cancel on disconnect"
    )
    resend_window: Count = Field(
        default=20_000, description="reports of a session at hand for a resend; older: the journal"
    )
    session_messages_per_second: Count = Field(
        default=100, description="session messages a session may send for long; ten times at once"
    )
    logons_per_minute: Count = Field(
        default=600, description="logons, right or wrong, that one address may try"
    )
    lockout_failures: Count = Field(
        default=5, description="wrong passwords in 10 minutes that lock an address out of a session"
    )
    lockout_seconds: Count = Field(
        default=300, description="of the first lock-out; each further one takes twice as long"
    )
    password_overlap_hours: WholeNumber = Field(
        default=24, description="how long an old password or key is taken beside a new one"
    )
    allow_plain_connections_off_loopback: bool = Field(
        default=False, description="whether FIX may travel without TLS where others can read it"
    )


class NatsSettings(Section):
    host: str = Field(default="127.0.0.1", description="address of the embedded nats-server")
    port: Port = Field(
        default=4222, description="port of the embedded nats-server; 0: any free port"
    )
    replicas: Count = Field(
        default=1, le=5, description="of each stream; more than 1 on a cluster behind nats_url"
    )
    seal: bool = Field(
        default=False, description="the publisher signs, for consumers away from the journal"
    )
    publisher_key: PublicKey | None = Field(
        default=None,
        description="of a consumer away from the journal: whose seals it takes; base64",
    )


class PostgresSettings(Section):
    port: Port = Field(default=0, description="port of the embedded PostgreSQL; 0: any free port")


class MarketDataSettings(Section):
    bbo_per_second: WholeNumber = Field(
        default=0, description="best bids and offers of a symbol, at most; 0: each one"
    )


class JournalSettings(Section):
    segment_mib: Count = Field(default=256, le=4096, description="size of one journal file in MiB")
    snapshot_events: Count = Field(
        default=100_000, description="events after which the replica takes a snapshot"
    )
    snapshot_minutes: Count = Field(
        default=10, description="time after which the replica takes one, if anything has happened"
    )
    accept_engine_version: WholeNumber = Field(
        default=0,
        description="new engine version that may replay the journal otherwise",
    )


class SequencerSettings(Section):
    max_batch: Count = Field(
        default=256, description="inputs that share one write and one fdatasync"
    )


class RiskSettings(Section):
    max_quantity: DecimalText = Field(default="1000000", description="of one order, in units")
    max_value: DecimalText = Field(default="1000000000", description="of one order, in currency")
    price_collar_percent: DecimalText = Field(
        default="10", description="around the reference price"
    )
    dynamic_collar_percent: DecimalText | None = Field(
        default=None, description="around the last trade price; none: no such collar"
    )
    credit_limit: DecimalText = Field(
        default="1000000000000", description="of a member, in currency"
    )
    messages_per_second: Count = Field(
        default=20_000, description="new orders and replaces of a session; cancels twice as many"
    )
    repeated_executions: WholeNumber = Field(
        default=0, description="equal orders of a session that may trade in a second; 0: any number"
    )
    max_open_orders: WholeNumber = Field(default=1_000_000, description="of a member")


class ProcessesSettings(Section):
    followers: Literal["together", "apart"] = Field(
        default="together",
        description="clearing, audit, market data, drop copies: one process for all, or one each",
    )
    elsewhere: tuple[Literal["clearing", "audit", "marketdata", "dropcopy", "notifier"], ...] = (
        Field(default=(), description="of these, those that run apart: `venue run` starts none")
    )


class ReconcileSettings(Section):
    seconds: WholeNumber = Field(
        default=60, description="a round begins every so many seconds, at most; 0: none by itself"
    )


class ControlSettings(Section):
    four_eyes: tuple[str, ...] = Field(
        default=(), description="commands that a second operator has to approve"
    )
    operators_group: str = Field(
        default="", description="Unix group that may open the admin socket; empty: owner only"
    )
    sanctions_file: Path | None = Field(
        default=None, description="legal names that may not trade, one a line"
    )

    def sanctioned_names(self) -> tuple[str, ...]:
        """The legal names in sanctions_file, one a line. Raises ConfigurationError.

        Blank lines, and lines that begin with #, are skipped.
        """
        if self.sanctions_file is None:
            return ()
        lines = read_text(self.sanctions_file, str(self.sanctions_file)).splitlines()
        return tuple(line.strip() for line in lines if line.strip() and line[0] != "#")


class InstrumentSettings(Section):
    symbol: Symbol = Field(description="Symbol(55)")
    base_asset: Symbol | None = Field(
        default=None, description="what a trade delivers; default the symbol"
    )
    currency: Symbol = Field(description="Currency(15) of prices and cash")
    tick_size: DecimalText = Field(description="smallest price step")
    lot_size: DecimalText = Field(description="smallest quantity step")
    reference_price: DecimalText = Field(description="middle of the price collar")
    max_quantity: DecimalText | None = Field(
        default=None, description="instead of risk.max_quantity"
    )
    max_value: DecimalText | None = Field(default=None, description="instead of risk.max_value")
    price_collar_percent: DecimalText | None = Field(default=None, description="instead of risk's")
    dynamic_collar_percent: DecimalText | None = Field(
        default=None, description="instead of risk's"
    )
    fee_bps: DecimalText = Field(
        default="0", description="fee of each side, in 1/100 % of the value"
    )
    fee_schedule: str = Field(default="", description="name in [[fees]]; goes before fee_bps")
    bust_days: DecimalText = Field(
        default="2", description="trading days after its own that a trade can be busted; up to 30"
    )
    settlement_days: DecimalText = Field(
        default="0", description="settlement days from trade to settlement: 0 (at once), 1 or 2"
    )


class MemberSettings(Section):
    name: MemberName = Field(description="name of the member")
    accounts: tuple[Account, ...] = Field(
        default=(), description="accounts its orders may name in Account(1); empty: any"
    )
    credit_limit: DecimalText | None = Field(
        default=None, description="instead of risk.credit_limit"
    )
    max_open_orders: WholeNumber | None = Field(default=None, description="instead of risk's")
    funding: Literal["credit", "prefunded"] = Field(
        default="credit", description="whether its orders reserve what they could cost"
    )
    legal_name: str = Field(default="", description="compared with the sanctions list")
    limits: dict[str, str] = Field(
        default={}, description="further limits on the first day, as in `venue risk set`"
    )
    funds: dict[str, DecimalText] = Field(
        default={}, description="assets deposited on the first day"
    )
    fees: dict[str, str] = Field(
        default={}, description='own fee schedules by symbol; under "*": in all others'
    )


class SessionSettings(Section):
    comp_id: CompID = Field(description="the broker's SenderCompID(49) and Username(553)")
    kind: SessionKind = Field(
        default="trading", description="what it is for; each kind has a port of its own"
    )
    member: str = Field(description="member that the session belongs to")
    password: SecretStr | None = Field(
        default=None, min_length=1, description='only "demo"; others: venue session password'
    )
    public_key: PublicKey | None = Field(
        default=None, description="Ed25519, of logons that are signed; base64"
    )
    certificate_sha256: tuple[Sha256, ...] = Field(
        default=(), description="public keys of the client certificates it may come with"
    )
    cancel_on_disconnect: bool = Field(
        default=True, description="cancel open orders at logout or loss"
    )
    messages_per_second: Count | None = Field(default=None, description="instead of risk's")
    repeated_executions: WholeNumber | None = Field(default=None, description="instead of risk's")
    dialect: Literal["stock", "venue"] = Field(default="stock", description="which tags it is sent")
    enabled: bool = Field(default=True, description="whether it can log on")
    sources: tuple[MemberName, ...] = Field(
        default=(),
        description="of a dropcopy session: members whose copies it gets; empty: its own",
    )
    accounts: tuple[Account, ...] = Field(
        default=(), description="of a dropcopy session: accounts whose copies it gets; empty: all"
    )
    levels: Literal["trades", "orders", "both"] = Field(
        default="both", description="of a dropcopy session: which copies it gets"
    )

    @property
    def has_demo_password(self) -> bool:
        """Whether it has the published demo password, which counts until the store has another."""
        return self.password is not None

    @property
    def is_of_gateway(self) -> bool:
        """Whether the gateway logs on with it, for its member."""
        return self.kind == "trading" and self.comp_id == f"{self.member}{GATEWAY_SUFFIX}"

    def password_text(self) -> str:
        """The demo password; ValueError when the configuration has none for this session."""
        if self.password is None:
            raise ValueError(f"session {self.comp_id} has no password in the configuration")
        return self.password.get_secret_value()
