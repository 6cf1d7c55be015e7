"""A venue's configuration made for a measurement: any number of sessions and instruments."""

from pathlib import Path

from bench.machine import ROOT

PREFIX = "LOAD"
"""CompIDs and members are LOAD1, LOAD2, ..."""
INSTRUMENTS = 5
_FUNDS = "1000000000000"


_UNLIMITED = 1_000_000


def write_configuration(
    directory: Path, sessions: int, instruments: int = INSTRUMENTS, *, gateway: bool = False
) -> Path:
    """venue.toml and sessions.cfg in `directory`, with all else as it is shipped; the former.

    gateway: it runs, limits nobody, and has a session of each member.
    """
    shipped = (ROOT / "sessions.cfg").read_text().partition("[SESSION]")[0]
    names = [f"{PREFIX}{number}" for number in range(1, sessions + 1)]
    own = [f"{name}-API" for name in names] if gateway else []
    entries = "".join(f"[SESSION]\nTargetCompID={name}\n\n" for name in (*names, *own))
    (directory / "sessions.cfg").write_text(shipped + entries)
    symbols = [f"SYM{number}" for number in range(1, instruments + 1)]
    sections = [f'[fix]\ndictionary = "{ROOT}/spec/FIX44.xml"\n']
    sections += map(_instrument, symbols)
    sections += [_member(name, symbols) for name in names]
    if gateway:
        sections += [_GATEWAY, *map(_api_session, names)]
    file = directory / "venue.toml"
    file.write_text("\n".join(sections))
    return file


_GATEWAY = f"""[gateway]
enabled = true
port = 0
requests_per_second = {_UNLIMITED}
orders_per_second = {_UNLIMITED}
address_requests_per_second = {_UNLIMITED}
"""


def _api_session(name: str) -> str:
    return (
        f'[[sessions]]\ncomp_id = "{name}-API"\nmember = "{name}"\npassword = "demo"\n'
        "cancel_on_disconnect = false\n"
    )


def _instrument(symbol: str) -> str:
    return (
        f'[[instruments]]\nsymbol = "{symbol}"\ncurrency = "USD"\ntick_size = "0.01"\n'
        'lot_size = "1"\nreference_price = "100.00"\n'
    )


def _member(name: str, symbols: list[str]) -> str:
    funds = "".join(f'{asset} = "{_FUNDS}"\n' for asset in ("USD", *symbols))
    return (
        f'[[members]]\nname = "{name}"\n\n[members.funds]\n{funds}\n'
        f'[[sessions]]\ncomp_id = "{name}"\nmember = "{name}"\npassword = "demo"\n'
    )
