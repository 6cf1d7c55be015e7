"""`venue record` and `venue play`: what sessions said as a file, and said again at a venue.

Parses, reads logs, prints; must never keep or show a password.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from venue.cli.broker.by_fix import PASSWORD_VARIABLE, address_of, password_of
from venue.cli.broker.fix import lines_of, names_of
from venue.cli.json_output import print_json
from venue.cli.options import DataDirOption, JsonOption, data_dir_of, refuse, wrong_use
from venue.data_directory import DataDirectory, log_name
from venue.fixclient.wire import FixClientError
from venue.printable import shown
from venue.scenarios.junit import junit_xml
from venue.scenarios.playing import Checked, Login, Player
from venue.scenarios.recording import Logged, logged, recorded
from venue.scenarios.scenario import Said, ScenarioError, read_scenario, written
from venue.session_log import found_in

_MOST_LINES = 1_000_000
_MOST_SHOWN = 10
_ENCODING = "latin-1"


class AnswerTold(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that is not as the scenario has it; line: in its file, 0: behind its end."""

    session: str
    answer: str
    line: int
    differences: list[str]


def record(
    context: typer.Context,
    session: Annotated[
        list[str], typer.Option("--session", metavar="COMPID", help="Whose; may be repeated.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Else stdout.")
    ] = None,
    logons: Annotated[
        int, typer.Option("--logons", min=1, metavar="N", help="From its Nth last logon on.")
    ] = 1,
    log: Annotated[
        Path | None,
        typer.Option("--log", metavar="DIR", help="Logs of `venue sim --log`; else the venue's."),
    ] = None,
    data_dir: DataDirOption = None,
) -> None:
    """Keep what sessions and the venue said as a scenario, for `venue play`.

    Several sessions become one scenario, in the order in which the venue heard and said it.
    Sequence numbers, times and ids become placeholders; passwords are left out.

    Examples:

        venue record --session ALPHA -o orders.scenario

        venue record --session ALPHA --session BRAVO --logons 2 -o trade.scenario
    """
    place = data_dir_of(context, data_dir)
    names = names_of(None)
    found = {each: _logged(place, log, each, logons) for each in session}
    text = "\n".join(written(recorded(found, names), names)) + "\n"
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding=_ENCODING)
    except OSError as error:
        refuse(f"{output}: {error.strerror or error}")


def play(
    context: typer.Context,
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="A file of venue record.")],
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="HOST:PORT", help="The venue; else the one that runs here."),
    ] = None,
    session: Annotated[
        list[str] | None,
        typer.Option("--session", metavar="COMPID|NAME=COMPID", help="As whom, if not as itself."),
    ] = None,
    password: Annotated[
        str | None,
        typer.Option("--password", help=f"Of all sessions; else {PASSWORD_VARIABLE}."),
    ] = None,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.1, help="How long an answer may take.")
    ] = 5.0,
    junit: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Write the result as JUnit XML.")
    ] = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say the clients' half of a scenario again, and compare each answer, tag by tag.

    Status 1 when an answer differs. Behind an answer that does not come or is another message the
    rest is skipped. The venue should be as it was when the scenario was recorded: a fresh one.

    Examples:

        venue play orders.scenario --to 127.0.0.1:9878 --session ALPHA

        venue play trade.scenario --session ALPHA=CHARLIE --junit result.xml
    """
    place = data_dir_of(context, data_dir)
    messages = _read(scenario)
    logins = {
        name: Login(comp_id, password_of(place, comp_id, password))
        for name, comp_id in _sessions(messages, session or []).items()
    }
    address = address_of(to, place)
    begin = time.monotonic()
    player = Player(address, logins, names_of(None), f"p{time.time_ns() // 1_000_000:x}", seconds)
    try:
        checked = list(player.play(messages))
    except OSError as error:
        refuse(f"{address[0]}:{address[1]}: {error.strerror or error}")
    except KeyError as error:
        refuse(f"{scenario}: a client sends {error.args[0]} before it has come")
    except FixClientError as error:
        refuse(str(error))
    if junit is not None:
        _write_junit(junit, junit_xml(scenario.name, checked, time.monotonic() - begin))
    _tell(scenario, checked, as_json)


def _logged(place: Path, log: Path | None, session: str, logons: int) -> list[Logged]:
    name = Path(session).name
    file = DataDirectory(place).session_log(name) if log is None else log / log_name(name)
    lines, _ = lines_of(session, file, _MOST_LINES, place if log is None else None)
    found = logged(session, found_in(lines), logons)
    return found or refuse(f"{file} has no messages")


def _read(path: Path) -> list[Said]:
    try:
        return read_scenario(path.read_text(encoding=_ENCODING))
    except OSError as error:
        refuse(f"{path}: {error.strerror or error}")
    except ScenarioError as error:
        wrong_use(f"{path}: {error}")


def _sessions(messages: Sequence[Said], given: Sequence[str]) -> dict[str, str]:
    """CompIDs by the names that sessions have in the scenario."""
    sessions = {said.session: said.session for said in messages}
    for each in given:
        name, equals, comp_id = each.partition("=")
        if not equals and len(sessions) == 1:
            sessions = dict.fromkeys(sessions, name)
        elif name in sessions:
            sessions[name] = comp_id if equals else name
        else:
            wrong_use(f"--session {each}: the scenario has {', '.join(sessions)}; NAME=COMPID")
    return sessions


def _write_junit(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        refuse(f"{path}: {error.strerror or error}")


def _tell(scenario: Path, checked: Sequence[Checked], as_json: bool) -> None:
    wrong = [each for each in checked if each.differences]
    skipped = sum(each.is_skipped for each in checked)
    if as_json:
        told = [
            AnswerTold(
                session=each.session,
                answer=each.name,
                line=each.line,
                differences=[found.text for found in each.differences],
            )
            for each in wrong
        ]
        counts = {"answers": len(checked), "skipped": skipped}
        print_json({"ok": not wrong, "different": told, **counts})
    else:
        _print(scenario, wrong)
        right = len(checked) - len(wrong) - skipped
        typer.echo(f"{right} answers as expected, {len(wrong)} different, {skipped} skipped")
    if wrong:
        refuse(f"{scenario}: {wrong[0].name}: {wrong[0].differences[0].text}")


def _print(scenario: Path, wrong: Sequence[Checked]) -> None:
    """The first differences: a line that says which answer, below it what differs."""
    left = _MOST_SHOWN
    for each in wrong:
        place = f"{scenario}:{each.line}" if each.line else f"{scenario}"
        texts = [found.text for found in each.differences[:left]]
        left -= len(texts)
        if texts:
            typer.echo(shown(f"{place}: {each.session} < {each.name}"))
        for text in texts:
            typer.echo(shown(f"    {text}"))
    more = sum(len(each.differences) for each in wrong) - _MOST_SHOWN
    if more > 0:
        typer.echo(f"... and {more} differences more; --json has all")
