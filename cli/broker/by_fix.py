"""Sending one request as a FIX session would, to try the wire: log on, ask, log out.

Knows a venue only by its FIX address; must never print a password.
"""

import os
import sys
from pathlib import Path
from typing import NamedTuple

from venue.cli.options import refuse, typed_password
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
    login = Login(place.session, _password(place), cancel_on_disconnect=False)
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


def _password(place: Place) -> str:
    """As given, from the environment, the shipped one if it is in force, else as typed in."""
    given = place.password or os.environ.get(PASSWORD_VARIABLE)
    if given:
        return given
    from venue.settings.sections import DEMO_PASSWORD
    from venue.settings.settings import load_settings  # here, for a given password needs none

    try:
        session = load_settings(data_dir=place.data_dir).session(place.session)
        if session.has_demo_password:
            return DEMO_PASSWORD
    except (ConfigurationError, KeyError):  # the venue that is asked may have another one
        pass
    if not sys.stdin.isatty():
        refuse(f"no password for {place.session}: give --password or set {PASSWORD_VARIABLE}")
    return typed_password(f"Password of {place.session}", twice=False)
