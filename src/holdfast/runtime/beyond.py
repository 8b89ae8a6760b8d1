"""Open an installation beyond this machine: where its doors and console listen, and by which certificate."""

from dataclasses import dataclass, replace
from pathlib import Path

from holdfast.runtime.errors import RuntimeFault
from holdfast.runtime.installing import prepare
from holdfast.settings import LOOPBACK, Installation, write
from holdfast.signing.tls import TlsFault, check_certificate


@dataclass(frozen=True, slots=True)
class Beyond:
    """What was asked for; None: as the installation has it. See settings.Installation."""

    address: str | None = None
    console_address: str | None = None
    host: str | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    http_port: int | None = None


def open_beyond(data: Path, port: int | None, asked: Beyond, wires: bool, rehearsed: bool) -> None:
    """Write down what was asked, for this start and later ones. Raises RuntimeFault, with nothing changed, when it
    would listen beyond this machine without a certificate that holds for its name."""
    if asked == Beyond():
        return
    home = prepare(data, port, wires=wires, rehearsed=rehearsed)
    wanted = replace(
        home,
        address=home.address if asked.address is None else _elsewhere(asked.address),
        console_address=home.console_address if asked.console_address is None else _elsewhere(asked.console_address),
        host=asked.host or home.host,
        tls_cert=str(asked.tls_cert.resolve()) if asked.tls_cert else home.tls_cert,
        tls_key=str(asked.tls_key.resolve()) if asked.tls_key else home.tls_key,
        http_port=home.http_port if asked.http_port is None else asked.http_port,
    )
    check(wanted)
    write(wanted)


def _elsewhere(address: str) -> str:
    return "" if address in LOOPBACK else address


def check(wanted: Installation) -> None:
    """Raise RuntimeFault when these settings would listen beyond this machine in the open, or cannot serve by TLS."""
    if bool(wanted.tls_cert) != bool(wanted.tls_key):
        raise RuntimeFault("a certificate and its key belong together: give both --tls-cert and --tls-key")
    if wanted.beyond and not wanted.tls_cert:
        raise RuntimeFault(
            f"{wanted.address or wanted.console_address} is reached from beyond this machine, and there only TLS is "
            "spoken: give a certificate with --tls-cert and --tls-key, or --address localhost"
        )
    if not wanted.tls_cert:
        return
    try:
        check_certificate(Path(wanted.tls_cert), Path(wanted.tls_key), wanted.host)
    except TlsFault as fault:
        raise RuntimeFault(str(fault)) from fault
    except ValueError as error:
        raise RuntimeFault(f"{wanted.tls_cert} is no certificate in PEM form ({error})") from error
