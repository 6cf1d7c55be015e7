"""Checks between settings: values that do not fit together, and passwords that cannot be used.

Knows the sections; must never look at files.
"""

from collections.abc import Iterator, Mapping, Sequence

from venue.addresses import is_loopback
from venue.domain.commands import ACTIONS
from venue.domain.instruments import Instrument
from venue.near_names import unknown
from venue.risk.limits import LIMIT_NAMES, Limits
from venue.settings.definitions import definition
from venue.settings.errors import KeyPath
from venue.settings.gate import GateSettings, gate_errors
from venue.settings.sections import (
    DEMO_PASSWORD,
    ControlSettings,
    FixSettings,
    InstrumentSettings,
    MemberSettings,
    NatsSettings,
    RiskSettings,
    SessionSettings,
)

_OF_DROP_COPIES = {"sources", "accounts", "levels"}


def contradictions(
    instruments: Sequence[InstrumentSettings],
    members: Sequence[MemberSettings],
    sessions: Sequence[SessionSettings],
    risk: RiskSettings,
) -> Iterator[tuple[KeyPath, str]]:
    """Values that are right alone but do not fit together: the key to change, and why."""
    yield from _repeated("instruments", "symbol", [i.symbol for i in instruments])
    yield from _repeated("members", "name", [m.name for m in members])
    yield from _repeated("sessions", "comp_id", [s.comp_id for s in sessions])
    for index, instrument in enumerate(instruments):
        try:
            Instrument(definition(instrument, risk))
        except ValueError as error:
            key, what = _in_words_of_the_file(str(error).removeprefix(f"{instrument.symbol}: "))
            yield ("instruments", index, *key), what
    for index, member in enumerate(members):
        for name, text in member.limits.items():
            if name not in LIMIT_NAMES:
                yield ("members", index, "limits", name), unknown(name, LIMIT_NAMES)
                continue
            try:
                Limits().set(name, text)
            except ValueError as error:
                yield ("members", index, "limits", name), str(error)
    yield from _restricted_unknown(instruments, members)
    assets = {i.base_asset or i.symbol for i in instruments} | {i.currency for i in instruments}
    for index, member in enumerate(members):
        for asset in member.funds:
            if asset not in assets:
                yield ("members", index, "funds", asset), unknown(asset, assets)
    names = [member.name for member in members]
    for index, session in enumerate(sessions):
        of_members = [("member", session.member), *(("sources", each) for each in session.sources)]
        for setting, given in of_members:
            if given not in names:
                yield ("sessions", index, setting), f"{given} is {unknown(given, names)}"
        for setting in sorted(session.model_fields_set & _OF_DROP_COPIES):
            if session.kind != "dropcopy":
                yield ("sessions", index, setting), "is for sessions of the kind dropcopy"


def no_commands(control: ControlSettings) -> Iterator[tuple[KeyPath, str]]:
    """Names in control.four_eyes that are no commands: the control would be off, unsaid."""
    for index, name in enumerate(control.four_eyes):
        if name not in ACTIONS:
            what = f"{name} is no command; there are {', '.join(ACTIONS)}"
            yield ("control", "four_eyes", index), what


def exposures(
    fix: FixSettings,
    fix_hosts: Mapping[KeyPath, str],
    nats: NatsSettings,
    gate: GateSettings | None,
    sessions: Sequence[SessionSettings],
) -> Iterator[tuple[KeyPath, str]]:
    """Settings by which strangers could read or use something: the key to change, and why.

    fix_hosts: where FIX is listened for, without TLS.
    """
    plain: dict[KeyPath, str] = dict(fix_hosts)
    hosts: dict[KeyPath, str] = {**plain, ("nats", "host"): nats.host}
    if gate is not None:
        yield from gate_errors(gate)
        hosts["gate", "host"] = gate.host
        if not gate.has_tls:
            plain["gate", "host"] = gate.host
    yield from password_errors(sessions, hosts)
    yield from plain_errors(plain, fix.allow_plain_connections_off_loopback)


def password_errors(
    sessions: Sequence[SessionSettings], hosts: Mapping[KeyPath, str]
) -> Iterator[tuple[KeyPath, str]]:
    """Clear passwords other than the demo's, and the demo's beside a host that is off loopback."""
    demo: list[str] = []
    for index, session in enumerate(sessions):
        if session.password is None:
            continue
        if session.password.get_secret_value() == DEMO_PASSWORD:
            demo.append(session.comp_id)
        else:
            yield (
                ("sessions", index, "password"),
                "no password but the demo's stands in clear: remove it, start, and set it by "
                f"`venue session password {session.comp_id}`",
            )
    for host_path, host in hosts.items():
        if demo and not is_loopback(host):
            what = f"{host} is not loopback, but the demo password is still that of"
            yield host_path, f"{what} {', '.join(demo)}"


def plain_errors(hosts: Mapping[KeyPath, str], allowed: bool) -> Iterator[tuple[KeyPath, str]]:
    """Listeners without TLS that other machines can reach; none if that is `allowed`."""
    for host_path, host in hosts.items():
        if not allowed and not is_loopback(host):
            yield (
                host_path,
                f"{host} is not loopback, and FIX without TLS can be read and changed on its way: "
                "configure [gate] with a certificate, or say "
                "fix.allow_plain_connections_off_loopback = true",
            )


def _restricted_unknown(
    instruments: Sequence[InstrumentSettings], members: Sequence[MemberSettings]
) -> Iterator[tuple[KeyPath, str]]:
    """Restrictions that name nothing to be traded: the core would refuse all limits of theirs."""
    symbols = [instrument.symbol for instrument in instruments]
    for index, member in enumerate(members):
        for entry in member.limits.get("restricted", "").split():
            symbol, colon, way = entry.partition(":")
            if symbol not in symbols:
                what = f"{symbol} is {unknown(symbol, symbols)}"
                yield ("members", index, "limits", "restricted"), what
            elif colon and way not in ("buy", "sell"):
                what = f"{entry} is neither {symbol}, {symbol}:buy nor {symbol}:sell"
                yield ("members", index, "limits", "restricted"), what


def _repeated(section: str, key: str, names: Sequence[str]) -> Iterator[tuple[KeyPath, str]]:
    for index, name in enumerate(names):
        if name in names[:index]:
            yield (section, index, key), f"{name} stands in an earlier [[{section}]] too"


def _in_words_of_the_file(what: str) -> tuple[KeyPath, str]:
    """The core's error about an instrument in the names of venue.toml: the key, and the text."""
    what = what.replace("max_order_qty", "max_quantity").replace("max_order_value", "max_value")
    key, _, rest = what.partition(" ")
    if key in InstrumentSettings.model_fields and rest.startswith(("must ", "= ")):
        return (key,), rest.removeprefix("= ")
    return (), what
