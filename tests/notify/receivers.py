"""Where alerts arrive in tests: a web server and a mail server on loopback, up when told to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from venue.servers.ports import free_port


class Posted(NamedTuple):
    """What came to the web server."""

    path: str
    headers: dict[str, str]
    body: bytes


class WebServer:
    """Takes every POST with `status`, once it is told to go on; stops and starts at its port."""

    def __init__(self) -> None:
        self.posted: list[Posted] = []
        self.status = 200
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.port = free_port()
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None
        self.start()

    @property
    def url(self) -> str:
        """With something that must not be seen anywhere."""
        return f"http://127.0.0.1:{self.port}/hook?token=not-for-logs"

    def start(self) -> None:
        """Listen, at the port of before."""
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # http.server calls it so
                body = self.rfile.read(int(self.headers["Content-Length"]))
                web.may_answer.wait(30.0)
                web.posted.append(Posted(self.path, dict(self.headers.items()), body))
                self.send_response(web.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                return

        ThreadingHTTPServer.allow_reuse_address = True
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server = self._thread = None


class MailBox:
    """Keeps the mails that came."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """A mail has come; the mail server calls this so."""
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        return "250 OK"


@contextmanager
def web_server() -> Iterator[WebServer]:
    """A web server, stopped at the end."""
    server = WebServer()
    try:
        yield server
    finally:
        server.may_answer.set()
        server.stop()


@contextmanager
def mail_server(port: int = 0) -> Iterator[tuple[str, MailBox]]:
    """The address of a mail server, and what has come."""
    box = MailBox()
    controller = Controller(box, hostname="127.0.0.1", port=port or free_port())
    controller.start()
    try:
        at = f"127.0.0.1:{controller.port}"
        yield f"smtp://{at}?from=venue@example.org&to=desk@example.org&to=risk@example.org", box
    finally:
        controller.stop()
