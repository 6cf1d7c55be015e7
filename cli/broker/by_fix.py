"""Sending one request as a FIX session would, to try the wire: log on, ask, log out.

Knows a venue only by its FIX address; must never print a password.
"""

import os
import sys
from pathlib import Path
from typing import NamedTuple

from venue.cli.options import refuse, running_in, typed_password, wrong_use
from venue.cli.text.order_report import is_refusal, print_reports, why_refused
from venue.clock import Clock, utc_timestamp
from venue.servers import ServerError
from venue.servers.runtime import find_running
from venue.settings.configuration_error import ConfigurationError
from venue.sim.broker import Login
from venue.sim.intents import Intent, encode
from venue.sim.one_session import LogonRefused, NoAnswer, NothingListens, OneSession

PASSWORD_VARIABLE = "FIX_PASSWORD"
_DEFAULT_PORT = 9878


class Place(NamedTuple):
    """Where to send something, and as whom."""

    data_dir: Path
    host: str | None
    port: int | None
    session: str
    password: str | None


def send(place: Place, intent: Intent, cl_ord_id: str | None, account: str, as_json: bool) -> None:
    """Log on, ask, print; status 1 when the venue does not do what was asked."""
    now_ns = Clock().now_ns()
    request_id = cl_ord_id or f"hand-{now_ns // 1_000_000:x}"
    text = encode(intent, request_id, utc_timestamp(now_ns), account)
    address, says = _address(place)
    password = password_of(place.data_dir, place.session, place.password)
    login = Login(place.session, password, cancel_on_disconnect=False)
    try:
        with OneSession(address, login) as session:
            earlier = list(session.messages)
            answers = session.ask(text)
    except NothingListens as error:
        refuse(f"{error}{says}")
    except (LogonRefused, NoAnswer) as error:
        refuse(str(error))
    refused = [
        each for each in answers if each.get(11, request_id) == request_id and is_refusal(each)
    ]
    print_reports(request_id, earlier, answers, as_json, ok=not refused)
    if refused:
        refuse(why_refused(refused[0]))


def _address(place: Place) -> tuple[tuple[str, int], str]:
    """FIX address of the venue, and what an error line may add about where one really is."""
    try:
        running = find_running(place.data_dir)
    except ServerError as error:
        refuse(str(error))
    if place.host is None and place.port is None:
        if running is None:
            refuse(f"no venue is running in {place.data_dir}; start one, or give --host and --port")
        host, _, port = running.fix.rpartition(":")
        return (host, int(port)), ""
    address = (place.host or "127.0.0.1", place.port or _DEFAULT_PORT)
    if running is None:
        return address, ""
    return address, f"; the venue in {place.data_dir} says {running.fix.rpartition(':')[2]}"


def password_of(data_dir: Path, session: str, given: str | None) -> str:
    """As given, from the environment, the shipped one if it is in force, else as typed in."""
    given = given or os.environ.get(PASSWORD_VARIABLE)
    if given:
        return given
    from venue.settings.sections import DEMO_PASSWORD
    from venue.settings.settings import load_settings  # here, for a given password needs none

    try:
        if load_settings(data_dir=data_dir).session(session).has_demo_password:
            return DEMO_PASSWORD
    except (ConfigurationError, KeyError):  # the venue that is asked may have another one
        pass
    if not sys.stdin.isatty():
        refuse(f"no password for {session}: give --password or set {PASSWORD_VARIABLE}")
    return typed_password(f"Password of {session}", twice=False)


def address_of(text: str | None, data_dir: Path) -> tuple[str, int]:
    """HOST:PORT as typed, else where the venue that runs in this data directory takes FIX."""
    if text is not None:
        return host_and_port(text)
    return host_and_port(running_in(data_dir, "; start one, or give --to HOST:PORT").fix)


def host_and_port(text: str) -> tuple[str, int]:
    """Both halves of HOST:PORT. Ends with status 2 for what is none."""
    host, _, port = text.rpartition(":")
    if not (host and port.isascii() and port.isdigit() and int(port) < 1 << 16):
        wrong_use(f"{text!r} is not HOST:PORT")
    return host.strip("[]"), int(port)
