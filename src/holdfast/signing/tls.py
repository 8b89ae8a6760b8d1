"""TLS for what listens beyond this machine: TLS 1.2 and 1.3 only, suites with forward secrecy only.

The certificate is looked at again while it serves, so that a renewed one holds without a restart.
"""

import contextlib
import re
import ssl
import time
import warnings
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2; those of 1.3 are all good."""
LOOK_S = 1.0
SYSTEM_STORES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
OTHERS_MAY_READ = 0o077


class TlsFault(Exception):
    """The certificate or its key cannot serve. The text says which, why, and what to do."""


class ServerTls:
    """The context of one listener, which takes a renewed certificate within LOOK_S of `refresh` being called."""

    def __init__(self, certificate: Path, key: Path) -> None:
        """Raises TlsFault when they cannot serve."""
        self._certificate, self._key = certificate, key
        self._looked_at = time.monotonic()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.set_ciphers(SUITES)
        self.context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
        self._stamp = self._load()

    def refresh(self) -> bool:
        """Take a renewed certificate for new connections; whether there was one. Raises TlsFault, the old one kept."""
        if time.monotonic() - self._looked_at < LOOK_S:
            return False
        self._looked_at = time.monotonic()
        if self._stamped() == self._stamp:
            return False
        self._stamp = self._load()
        return True

    def _load(self) -> tuple[float, float]:
        stamp = self._stamped()
        try:
            if self._key.stat().st_mode & OTHERS_MAY_READ:
                raise TlsFault(f"others may read the key {self._key}; run: chmod 600 {self._key}")
            for context in (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), self.context):  # a fault leaves what serves whole
                context.load_cert_chain(self._certificate, self._key)
        except ssl.SSLError as error:
            raise TlsFault(
                f"{self._certificate} and {self._key} are no certificate with its key ({error.reason or error}); "
                "give both as PEM, the certificate with those between it and its authority"
            ) from error
        except OSError as error:
            raise TlsFault(f"{error.filename or self._certificate} cannot be read: {error.strerror}") from error
        return stamp

    def _stamped(self) -> tuple[float, float]:
        try:
            return self._certificate.stat().st_mtime, self._key.stat().st_mtime
        except OSError as error:
            raise TlsFault(f"{error.filename} cannot be read: {error.strerror}") from error


def check_certificate(certificate: Path, key: Path, host: str, now: datetime | None = None) -> None:
    """Raise TlsFault when this certificate, with its key, does not hold for host at this instant."""
    ServerTls(certificate, key)
    found = x509.load_pem_x509_certificate(certificate.read_bytes())
    at = now or datetime.now(UTC)
    if not found.not_valid_before_utc <= at < found.not_valid_after_utc:
        raise TlsFault(
            f"the certificate {certificate} holds from {found.not_valid_before_utc:%Y-%m-%d} to "
            f"{found.not_valid_after_utc:%Y-%m-%d}; get a new one"
        )
    try:
        named = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        named = x509.SubjectAlternativeName([])
    names = named.get_values_for_type(x509.DNSName)
    if not any(_fits(name.lower(), host.lower()) for name in names):
        raise TlsFault(
            f"the certificate {certificate} is for {', '.join(names) or 'no name'}, not for {host}; "
            "give the name that customers type with --host"
        )


def check_trusted(certificate: Path, host: str, now: datetime | None = None) -> None:
    """Raise TlsFault when browsers would not believe this certificate: its chain leads to no authority of this system's
    store, or is not whole."""
    first, *between = x509.load_pem_x509_certificates(certificate.read_bytes())
    roots = public_authorities()
    if not roots:
        raise TlsFault("this system has no list of authorities whom the public trusts (package ca-certificates)")
    policy = PolicyBuilder().store(Store(roots)).time(now or datetime.now(UTC))
    try:
        policy.build_server_verifier(x509.DNSName(host)).verify(first, between)
    except VerificationError as error:
        raise TlsFault(
            f"browsers would not believe the certificate {certificate} ({str(error)[:200]}); get one of an authority "
            "that the public trusts, with those between in the same file"
        ) from error


def public_authorities() -> list[x509.Certificate]:
    """The authorities whom this system trusts."""
    known = (ssl.get_default_verify_paths().cafile, *SYSTEM_STORES)
    for place in (Path(one) for one in known if one and Path(one).is_file()):
        found = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)  # some of them are old and oddly numbered
            for one in PEM.findall(place.read_bytes()):
                with contextlib.suppress(ValueError):
                    found.append(x509.load_pem_x509_certificate(one))
        return found
    return []


def _fits(name: str, host: str) -> bool:
    """RFC 6125, section 6.4: a star stands for one whole first label."""
    return name == host or (name.startswith("*.") and host.partition(".")[2] == name[2:] and host.count(".") > 1)
