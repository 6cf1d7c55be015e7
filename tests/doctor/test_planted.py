"""`venue doctor` finds each planted problem by its code, and none in what is sound."""

import json
import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import trustme
from typer.testing import CliRunner

from tests.settings_example import SESSIONS_CFG, VENUE_TOML, write_configuration
from venue.bus.parking import Parked
from venue.checked_configuration import CheckedConfiguration
from venue.cli.main import app
from venue.cli.told import Examined
from venue.data_directory import DataDirectory
from venue.doctor.disk import DiskFacts
from venue.doctor.examination import Examination, examine
from venue.doctor.finding import Level
from venue.doctor.machine import MachineFacts
from venue.fix.credentials_file import KeptPassword, Record, write_credentials
from venue.journal.identity import identify_journal
from venue.journal.origin import new_origin, write_origin
from venue.journal.segment import segment_name
from venue.servers import first_room
from venue.servers.ports import free_port
from venue.settings.settings import load_settings

SOUND = MachineFacts(
    python=(3, 11), why_pure=None, compiler="/usr/bin/c++", cores=4, files=1 << 20,
    has_memory_place=True, clock_is_synchronised=True, clock_error_ms=1.0, backlog=4_096,
    client_ports=(32_768, 60_999),
)  # fmt: skip
ROOMY = DiskFacts(sync_ms=0.5, free_bytes=1 << 40, day_bytes=1 << 30)


class Patient:
    """What is examined: a configuration and a data directory of a test, facts as it says."""

    def __init__(self, directory: Path, patched: pytest.MonkeyPatch) -> None:
        self.directory = directory
        self.patched = patched
        self.data = directory / "data"
        self.machine, self.disk = SOUND, ROOMY
        self.overrides = ["fix.port=0", "nats.port=0"]
        self.data.mkdir(mode=0o700)
        keep = {"ALPHA": Record(passwords=(KeptPassword("hash"),))}
        write_credentials(DataDirectory(self.data).credentials, keep)

    def examined(self) -> Examination:
        """What the doctor says."""
        return examine(
            lambda: load_settings(None, self.overrides, self.data),
            lambda: self.machine,
            lambda data_dir: self.disk,
        )

    def configure(self, more: str, before: str = "") -> None:
        """Write more into venue.toml, in front or at its end."""
        (self.directory / "venue.toml").write_text(before + VENUE_TOML + more)

    @property
    def journal(self) -> Path:
        """The journal's directory, made."""
        place = DataDirectory(self.data).journal
        place.mkdir(mode=0o700, exist_ok=True)
        return place


@pytest.fixture
def patient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Patient:
    write_configuration(tmp_path, monkeypatch)
    return Patient(tmp_path, monkeypatch)


def test_nothing_is_found_where_all_is_sound(patient: Patient) -> None:
    assert patient.examined().findings == []


Plant = Callable[[Patient], None]


def machine(**facts: object) -> Plant:
    def plant(patient: Patient) -> None:
        patient.machine = patient.machine._replace(**facts)  # type: ignore[arg-type]

    return plant


def disk(**facts: object) -> Plant:
    def plant(patient: Patient) -> None:
        patient.disk = patient.disk._replace(**facts)  # type: ignore[arg-type]

    return plant


def demo_password(patient: Patient) -> None:
    DataDirectory(patient.data).credentials.unlink()


def spoilt_credentials(patient: Patient) -> None:
    DataDirectory(patient.data).credentials.write_text("{")


def wrong_key(patient: Patient) -> None:
    patient.configure("", before='colour = "red"\n')


def changed_file(patient: Patient) -> None:
    CheckedConfiguration(patient.data).take(None).put_in_force()
    (patient.directory / "sessions.cfg").write_text(SESSIONS_CFG + "# changed\n")


def certificate(days: float) -> Plant:
    def plant(patient: Patient) -> None:
        end = datetime.now(UTC) + timedelta(days=days)
        begin = end - timedelta(days=60)
        made = trustme.CA().issue_cert("localhost", not_before=begin, not_after=end)
        made.private_key_pem.write_to_path(str(patient.directory / "gate.key"))
        made.cert_chain_pems[0].write_to_path(str(patient.directory / "gate.pem"))
        patient.configure('[gate]\nport = 0\ncertificate = "gate.pem"\nkey = "gate.key"\n')

    return plant


def no_certificate(patient: Patient) -> None:
    for name in ("gate.pem", "gate.key"):
        (patient.directory / name).write_text("no PEM")
    patient.configure('[gate]\nport = 0\ncertificate = "gate.pem"\nkey = "gate.key"\n')


def open_metrics(patient: Patient) -> None:
    patient.configure('[metrics]\nenabled = true\nport = 0\nhost = "0.0.0.0"\n')


def open_fix(patient: Patient) -> None:
    plain = "allow_plain_connections_off_loopback = true"
    text = VENUE_TOML.replace('password = "demo"\n', "")
    text = text.replace("[fix]", f'[fix]\nhost = "0.0.0.0"\n{plain}')
    (patient.directory / "venue.toml").write_text(text)


def port_of_clients(patient: Patient) -> None:
    patient.overrides[0] = f"fix.port={free_port()}"
    low = int(patient.overrides[0].partition("=")[2])
    patient.machine = patient.machine._replace(client_ports=(low, low))


def parked_consumer(patient: Patient) -> None:
    place = DataDirectory(patient.data).parked("clearing")
    place.parent.mkdir()
    place.write_bytes(msgspec.json.encode(Parked("clearing", 7, "it cannot be booked")))


def lost_segment(patient: Patient) -> None:
    for number, first in ((1, 1), (3, 9)):
        (patient.journal / segment_name(number, first, first)).touch()
    identify_journal(patient.journal)


def copied_journal(patient: Patient) -> None:
    (patient.journal / segment_name(1, 1, 1)).touch()
    (patient.journal / "identity").write_text("a1b2c3d4e5f6a1b2c3d4e5f6\n1-1\n")


def unfinished_restore(patient: Patient) -> None:
    write_origin(patient.journal, new_origin("restored", whole=False))


def spoilt_snapshot(patient: Patient) -> None:
    (patient.journal / f"snapshot-{5:016d}-{9:016d}.snapshot").write_bytes(b"no snapshot")


def shared_directory(patient: Patient) -> None:
    patient.data.chmod(0o777)


def other_nats(patient: Patient) -> None:
    written = DataDirectory(patient.data).server("nats")
    written.mkdir()
    (written / "NATS_VERSION").write_text("1\n")


def server_away(patient: Patient) -> None:
    patient.overrides.append("nats_url=nats://127.0.0.1:1")


def first_start_without_room(patient: Patient) -> None:
    patient.patched.setattr(first_room, "free_bytes", lambda path: 100 << 20)


PLANTED: dict[str, tuple[Plant, ...]] = {
    "OLD_PYTHON": (machine(python=(3, 10)),),
    "CORE_NOT_COMPILED": (machine(why_pure="make setup has not compiled it"),),
    "NO_COMPILER": (machine(why_pure="it has changed", compiler=None),),
    "FEW_CORES": (machine(cores=1),),
    "FEW_OPEN_FILES": (machine(files=256),),
    "NO_SHARED_MEMORY": (machine(has_memory_place=False),),
    "CLOCK_NOT_SYNCHRONISED": (machine(clock_is_synchronised=False),),
    "CLOCK_ERROR": (machine(clock_error_ms=900.0),),
    "SMALL_BACKLOG": (machine(backlog=128),),
    "PORT_OF_CLIENTS": (port_of_clients,),
    "DISK_SLOW": (disk(sync_ms=25.0),),
    "DISK_NOT_WRITABLE": (disk(sync_ms=None),),
    "DISK_FULL_SOON": (disk(free_bytes=2 << 30),),
    "NO_ROOM_FOR_A_SEGMENT": (disk(free_bytes=100 << 20, day_bytes=None),),
    "NO_ROOM_TO_START": (first_start_without_room,),
    "DEMO_PASSWORD": (demo_password,),
    "CREDENTIALS_UNREADABLE": (spoilt_credentials,),
    "CONFIGURATION_WRONG": (wrong_key,),
    "CONFIGURATION_NOT_IN_FORCE": (changed_file,),
    "CERTIFICATE_ENDED": (certificate(-2),),
    "CERTIFICATE_ENDS": (certificate(9),),
    "CERTIFICATE_UNREADABLE": (no_certificate,),
    "OPEN_WITHOUT_PASSWORD": (open_metrics,),
    "OPEN_WITHOUT_TLS": (open_fix,),
    "CONSUMER_HALTED": (parked_consumer,),
    "JOURNAL_DAMAGED": (lost_segment,),
    "JOURNAL_IS_COPY": (copied_journal,),
    "RESTORE_UNFINISHED": (unfinished_restore,),
    "SNAPSHOT_DAMAGED": (spoilt_snapshot,),
    "DIRECTORY_NOT_PRIVATE": (shared_directory,),
    "SERVER_OF_OTHER_VERSION": (other_nats,),
    "SERVER_AWAY": (server_away,),
}


@pytest.mark.parametrize("code", PLANTED)
def test_planted_problem_is_found_with_what_to_do(patient: Patient, code: str) -> None:
    for plant in PLANTED[code]:
        plant(patient)
    found = {each.code: each for each in patient.examined().findings}
    assert code in found
    assert found[code].what and found[code].do
    beside = {"NO_COMPILER": {"CORE_NOT_COMPILED"}, "NO_ROOM_FOR_A_SEGMENT": {"DISK_FULL_SOON"}}
    assert found.keys() - {code} <= beside.get(code, set())


def test_port_that_is_taken_is_found_with_who_has_it(patient: Patient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        patient.overrides[0] = f"fix.port={port}"
        patient.machine = patient.machine._replace(client_ports=None)
        (found,) = patient.examined().findings
        assert (found.code, found.level) == ("PORT_TAKEN", Level.ERROR)
        assert f"port {port} on 127.0.0.1 is taken by pid {os.getpid()}" in found.what
    assert patient.examined().findings == []


def test_every_line_of_a_wrong_configuration_is_a_finding(patient: Patient) -> None:
    patient.configure("", before='colour = "red"\nsize = 3\n')
    found = [each for each in patient.examined().findings if each.code == "CONFIGURATION_WRONG"]
    assert [each.what.partition(" ")[0] for each in found] == ["venue.toml:1", "venue.toml:2"]


def run(patient: Patient, *more: str) -> tuple[int, str]:
    words = ["--data-dir", str(patient.data), "doctor"]
    for override in patient.overrides:
        words += ["--set", override]
    result = CliRunner().invoke(app, [*words, *more])
    return result.exit_code, result.stdout


def test_command_ends_with_1_for_an_error_and_strictly_for_a_warning(patient: Patient) -> None:
    patient.configure("", before='colour = "red"\n')
    status, text = run(patient)
    assert status == 1
    assert "error: CONFIGURATION_WRONG: venue.toml:1" in text
    assert "    do: correct it" in text
    status, text = run(patient, "--json")
    told = json.loads(text)
    assert (status, next(iter(told)), told["ok"]) == (1, "ok", False)
    msgspec.convert(told, Examined)


def test_warnings_count_strictly_only(patient: Patient) -> None:
    demo_password(patient)
    status, text = run(patient, "--json")
    told = msgspec.convert(json.loads(text), Examined)
    errors = [each for each in told.findings if each.level is Level.ERROR]
    assert (status, told.ok) == ((1, False) if errors else (0, True))
    assert "DEMO_PASSWORD" in {each.code for each in told.findings}
    assert run(patient, "--strict")[0] == 1
