"""`venue run gate` as a process of its own, and clients of it."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import trustme

from tests.fix_message import frame
from tests.gate.stand_in import SECONDS, wait_until
from venue.settings.settings import shipped


class Authority:
    """Who signs certificates: the venue's own, and its clients'."""

    def __init__(self) -> None:
        self.ca = trustme.CA()

    def write_server(self, directory: Path, name: str = "127.0.0.1") -> None:
        """Make gate.pem and gate.key, each replaced as a whole."""
        issued = self.ca.issue_cert(name)
        chain = b"".join(pem.bytes() for pem in issued.cert_chain_pems)
        for file, content in (("gate.key", issued.private_key_pem.bytes()), ("gate.pem", chain)):
            scratch = directory / f"{file}.new"
            scratch.write_bytes(content)
            scratch.replace(directory / file)

    def client_context(self, certificate: trustme.LeafCert | None = None) -> ssl.SSLContext:
        """Of a client that trusts this authority."""
        context = ssl.create_default_context()
        self.ca.configure_trust(context)
        if certificate is not None:
            certificate.configure_cert(context)
        return context


class RunningGate:
    """Start it, stop it; `keys` are those of [gate] in the configuration, as TOML.

    text: the rest of the configuration, if it is not the one that ships.
    """

    def __init__(self, data_dir: Path, *keys: str, text: str = "") -> None:
        self.data_dir = data_dir
        self.config = data_dir / "venue.toml"
        section = "\n".join(["[gate]", "port = 0", *keys, ""])
        self.config.write_text(f"{text or shipped('venue.toml').read_text()}\n{section}")
        self._process: subprocess.Popen[bytes] | None = None
        self.address = ("", 0)
        self.addresses: dict[str, tuple[str, int]] = {}
        """Of sessions of other kinds than trading, by kind."""
        self._connected = 0

    def start(self) -> Self:
        """Start it and wait until it accepts."""
        reader, writer = os.pipe()
        with (self.data_dir / "gate.stderr").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "venue", "run", "gate", *self._options()],
                pass_fds=(writer,),
                env={**os.environ, "VENUE_READY_FD": str(writer)},
                stderr=log,
            )
        os.close(writer)
        with os.fdopen(reader) as pipe:
            line = pipe.readline()
        assert line, self.log()
        ready = json.loads(line)
        assert ready["ready"], ready
        self.address = _address(ready["fix"])
        told: dict[str, str] = ready.get("addresses", {})
        self.addresses = {kind: _address(text) for kind, text in told.items()}
        return self

    def _options(self) -> list[str]:
        return ["--data-dir", str(self.data_dir), "--config", str(self.config)]

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self) -> int:
        """SIGTERM; its exit status."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """Its exit status, when it has ended."""
        assert self._process is not None
        return self._process.wait(SECONDS)

    def wait_until_all_are_gone(self, but: int = 0) -> None:
        """Wait until it has said of each connection, but so many, how it ended."""
        ends = ("connection ended", "connection not admitted", "connection refused")
        wait_until(lambda: sum(map(self.log().count, ends)) == self._connected - but)

    def log(self) -> str:
        return (self.data_dir / "gate.stderr").read_text()

    def connect(
        self,
        context: ssl.SSLContext | None = None,
        *,
        source: str = "127.0.0.1",
        sni: bool = True,
        kind: str = "trading",
    ) -> socket.socket:
        """Connect from an address of this machine, by TLS with a context.

        kind: of sessions, whose port it is.
        """
        address = self.addresses.get(kind, self.address)
        connection = socket.create_connection(address, SECONDS, (source, 0))
        self._connected += 1
        if context is None:
            return connection
        try:
            context.check_hostname = sni
            name = self.address[0] if sni else None
            return context.wrap_socket(connection, server_hostname=name)
        except BaseException:
            connection.close()
            raise

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._process is not None
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(SECONDS)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


LOGON = frame([(35, "A"), (34, "1"), (49, "ALPHA"), (56, "VENUE"), (98, "0"), (108, "30")])
"""A first message; the gate sees no more of it than where it ends."""


def read_exactly(connection: socket.socket, count: int) -> bytes:
    received = bytearray()
    while len(received) < count:
        chunk = connection.recv(min(1 << 16, count - len(received)))
        assert chunk, f"closed after {len(received)} of {count} bytes"
        received += chunk
    return bytes(received)


def is_closed(connection: socket.socket) -> bool:
    """Wait for the other end to close; False if bytes come instead."""
    try:
        return connection.recv(1) == b""
    except (ConnectionError, ssl.SSLError):
        return True
