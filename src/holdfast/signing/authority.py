"""The installation's own certificate authority: who speaks between its buildings has a certificate of it.

ECDSA on P-256, which all stacks here take. The authority's key and certificate lie in `keys/authority/`, for the
command and the supervisor; each building's in `keys/NAME/tls.pem`; whom all of them trust in
`keys/public/authority.pem`, more than one while a new authority takes over. Certificates begin a day early, so that a
clock that is behind cuts nobody off, and are renewed a month before their end.
"""

import contextlib
import fcntl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from holdfast.signing.keyfile import write_private

EARLY = timedelta(days=1)
LEAF_LIFE = timedelta(days=90)
RENEW_BEFORE = timedelta(days=30)
AUTHORITY_LIFE = timedelta(days=3650)
LEAF, TRUSTED = "tls.pem", "authority.pem"


class AuthorityFault(Exception):
    """The buildings' certificates cannot be made or read. The text says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate with its key. begins, ends: UTC."""

    certificate: x509.Certificate
    key: EllipticCurvePrivateKey

    @property
    def begins(self) -> datetime:
        """When it was made: certificates begin a day early."""
        return self.certificate.not_valid_before_utc + EARLY

    @property
    def ends(self) -> datetime:
        """From when on nobody believes it."""
        return self.certificate.not_valid_after_utc

    def pem(self) -> bytes:
        """Certificate and key."""
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return self.certificate.public_bytes(Encoding.PEM) + key


def leaf_file(keys: Path, name: str) -> Path:
    """Where the key and certificate of this building lie."""
    return keys / name / LEAF


def trusted_file(keys: Path) -> Path:
    """Where the certificates of the authorities lie that are believed."""
    return keys / "public" / TRUSTED


def authority_file(keys: Path) -> Path:
    """Where the authority's key and certificate lie."""
    return keys / "authority" / TRUSTED


def read_held(path: Path) -> Held:
    """The certificate and key of a file; raises AuthorityFault."""
    try:
        raw = path.read_bytes()
        certificate, key = x509.load_pem_x509_certificate(raw), load_pem_private_key(raw, None)
    except (OSError, ValueError, TypeError) as error:
        raise AuthorityFault(f"{path} cannot be read as a certificate with its key ({error})") from error
    if not isinstance(key, EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise AuthorityFault(f"the key in {path} is not that of its certificate")
    return Held(certificate, key)


def trusted(keys: Path) -> list[x509.Certificate]:
    """The authorities that are believed, the newest first; raises AuthorityFault."""
    path = trusted_file(keys)
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise AuthorityFault(f"{path} cannot be read ({error}); ./holdfast up writes it anew") from error


def ensure(keys: Path, names: Mapping[str, tuple[str, ...]], now: datetime | None = None) -> list[str]:
    """Make what is missing and renew what is due; the names of the buildings that got a new certificate.

    names: each building with the names that its certificate holds for beside its own. Safe to repeat and beside itself.
    Raises AuthorityFault when the authority is lost and one is needed.
    """
    at = now or datetime.now(UTC)
    with locked(keys):
        if not authority_file(keys).exists() and not any(leaf_file(keys, name).exists() for name in names):
            write_private(authority_file(keys), _new_authority(at).pem())
        _mend_trusted(keys)
        due = [name for name in names if _is_due(keys, name, at)]
        for name in due:
            issue(keys, name, names[name], at)
    return due


def issue(keys: Path, name: str, also: tuple[str, ...] = (), now: datetime | None = None) -> None:
    """A new key and certificate for this building; who listens or calls takes it within a second."""
    at = now or datetime.now(UTC)
    try:
        authority = read_held(authority_file(keys))
    except AuthorityFault as fault:
        raise AuthorityFault(
            f"{name} needs a new certificate, and the authority that makes them is lost: {fault}; restore "
            f"{authority_file(keys)}, or make a new one with ./holdfast keys rotate authority"
        ) from fault
    key = generate_private_key(SECP256R1())
    alternatives = x509.SubjectAlternativeName([x509.DNSName(one) for one in (name, *also)])
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    builder = (
        _begun(name, key, authority.certificate.subject, at, LEAF_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(alternatives, critical=False)
        .add_extension(usage, critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(_named(authority.key), critical=False)
    )
    made = Held(builder.sign(authority.key, SHA256()), key)
    write_private(leaf_file(keys, name), made.pem())


@contextlib.contextmanager
def locked(keys: Path) -> Iterator[None]:
    """Only one process makes or changes keys at a time."""
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (keys / "lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def new_authority(keys: Path, now: datetime | None = None) -> None:
    """Put a new authority in the old one's place. All are believed until `forget_old`; the old one's key is gone."""
    known = trusted(keys) if trusted_file(keys).exists() else []
    made = _new_authority(now or datetime.now(UTC))
    _write_trusted(keys, [made.certificate, *known])  # believed before it signs anything
    write_private(authority_file(keys), made.pem())


def forget_old(keys: Path) -> None:
    """Believe the newest authority only."""
    _write_trusted(keys, trusted(keys)[:1])


def _mend_trusted(keys: Path) -> None:
    """The list of whom to believe can be written anew from the authority itself."""
    try:
        if trusted(keys):
            return
    except AuthorityFault:
        _write_trusted(keys, [read_held(authority_file(keys)).certificate])


def _write_trusted(keys: Path, believed: list[x509.Certificate]) -> None:
    write_private(trusted_file(keys), b"".join(one.public_bytes(Encoding.PEM) for one in believed))


def _is_due(keys: Path, name: str, at: datetime) -> bool:
    """Whether a building's certificate is missing, broken, of an authority that is not the newest, or near its end."""
    try:
        held, newest = read_held(leaf_file(keys, name)), trusted(keys)[0]
        held.certificate.verify_directly_issued_by(newest)
    except (AuthorityFault, InvalidSignature, ValueError, TypeError, IndexError):
        return True
    return at >= held.ends - RENEW_BEFORE


def _new_authority(at: datetime) -> Held:
    key = generate_private_key(SECP256R1())
    name = f"Holdfast buildings, {at:%Y-%m-%d %H:%M:%S}"
    builder = (
        _begun(name, key, None, at, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
    )
    return Held(builder.sign(key, SHA256()), key)


def _begun(
    name: str, key: EllipticCurvePrivateKey, issuer: x509.Name | None, at: datetime, life: timedelta
) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - EARLY)
        .not_valid_after(at + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _named(key: EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
