"""Certificates that a test makes and throws away."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from holdfast.signing.authority import ensure, leaf_file, trusted


def make_certificate(folder: Path, *hosts: str, days: int = 2, number: int = 1) -> tuple[Path, Path]:
    """A certificate for hosts that signs itself, and its key, in folder; days: until it ends, below 0 if it did."""
    folder.mkdir(exist_ok=True)
    key, now = generate_private_key(SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"throw-away {number}")])
    begins, ends = now - timedelta(days=9), now + timedelta(days=days)
    builder = x509.CertificateBuilder(name, name, key.public_key(), number, begins, ends)
    named = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    made = builder.add_extension(named, critical=False).sign(key, SHA256())
    certificate, secret = folder / "tls.pem", folder / "tls.key"
    secret.touch(mode=0o600)
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    return certificate, secret


def make_certified(folder: Path, *hosts: str) -> tuple[Path, Path, x509.Certificate]:
    """A certificate for hosts of an authority made for it, its key, and that authority."""
    ensure(folder / "keys", {hosts[0]: hosts[1:]})
    held = leaf_file(folder / "keys", hosts[0])
    return held, held, trusted(folder / "keys")[0]
