"""TLS of the gate: a context from the configured files, read again when they change.

Knows files and OpenSSL through `ssl`. Must never show a key, nor drop a client that is connected.
"""

import hashlib
import ssl
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from venue.settings.configuration_error import ConfigurationError
from venue.settings.gate import GateSettings

_log = structlog.get_logger("gate")
_TLS_1_2_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Authenticated ciphers with forward secrecy. All those of TLS 1.3 are."""
_VERIFY = {
    "none": ssl.CERT_NONE,
    "optional": ssl.CERT_OPTIONAL,
    "required": ssl.CERT_REQUIRED,
}
_Stamp = tuple[tuple[int, int, int], ...]


def make_context(settings: GateSettings) -> ssl.SSLContext:
    """A server's context: TLS 1.2 or 1.3, no renegotiation, no compression, no resumption.

    Raises ConfigurationError that names the file.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_TLS_1_2_CIPHERS)
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_NO_TICKET
    context.num_tickets = 0
    context.verify_mode = _VERIFY[settings.client_certificate]
    try:
        assert settings.certificate is not None and settings.key is not None
        context.load_cert_chain(settings.certificate, settings.key, password=_no_password)
    except (ssl.SSLError, OSError, ValueError) as error:
        files = f"{settings.certificate} and {settings.key}"
        raise ConfigurationError(f"[gate] {files} are no certificate and key: {error}") from error
    if settings.client_ca is not None:
        try:
            context.load_verify_locations(settings.client_ca)
        except (ssl.SSLError, OSError) as error:
            what = f"[gate] {settings.client_ca} is no certificate of an authority"
            raise ConfigurationError(f"{what}: {error}") from error
    return context


def public_key_digest(certificate: bytes) -> str:
    """SHA-256, in hex, of the public key (SPKI) in a certificate's DER form."""
    key = x509.load_der_x509_certificate(certificate).public_key()
    return hashlib.sha256(
        key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ).hexdigest()


class Certificates:
    """The context for new connections. A connected client keeps the one it began with."""

    def __init__(self, settings: GateSettings) -> None:
        """Read the files. Raises ConfigurationError when they cannot be used."""
        self._settings = settings
        self._files = [
            file
            for file in (settings.certificate, settings.key, settings.client_ca)
            if file is not None
        ]
        self._stamp = self._look()
        self.context = make_context(settings)

    def reload_if_changed(self) -> None:
        """Read the files again if one has changed. A file that cannot be read changes nothing."""
        if self._look() != self._stamp:
            self.reload()

    def reload(self) -> None:
        """Read the files again. An error is logged, and the old context stays."""
        self._stamp = self._look()
        try:
            self.context = make_context(self._settings)
        except ConfigurationError as error:
            _log.error("the certificates of before stay in use", error=str(error))
        else:
            _log.info("certificates read again", files=[str(file) for file in self._files])

    def _look(self) -> _Stamp:
        return tuple(map(_stamp, self._files))


def _stamp(file: Path) -> tuple[int, int, int]:
    """Facts of a file that change with its content; zeros while it is not there."""
    try:
        found = file.stat()
    except OSError:
        return 0, 0, 0
    return found.st_ino, found.st_mtime_ns, found.st_size


def _no_password() -> str:
    raise ValueError("the key is encrypted; the gate needs it in clear, for its owner's eyes only")
