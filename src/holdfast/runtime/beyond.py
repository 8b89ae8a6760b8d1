"""Open an installation beyond this machine: where its doors and console listen, and by which certificate."""

from dataclasses import dataclass, replace
from pathlib import Path

from holdfast.runtime.errors import RuntimeFault
from holdfast.runtime.installing import prepare
from holdfast.settings import LOOPBACK, Installation, load, write
from holdfast.signing.tls import TlsFault, check_certificate, check_trusted

PORT_END = 65_536


@dataclass(frozen=True, slots=True)
class Beyond:
    """What was asked for; None: as the installation has it. See settings.Installation."""

    address: str | None = None
    console_address: str | None = None
    host: str | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    http_port: int | None = None
    console_host: str | None = None
    own_authority: bool | None = None
    mail_server: str | None = None
    second_mail_server: str | None = None


def open_beyond(data: Path, port: int | None, asked: Beyond, wires: bool, rehearsed: bool) -> None:
    """Write down what was asked, for this start and later ones. Raises RuntimeFault, with nothing changed, when it
    would listen beyond this machine without a certificate that holds for its name."""
    if asked == Beyond():
        if (data / "settings.json").exists() and (known := load(data)).tls_cert:
            check(known)
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
        console_host=home.console_host if asked.console_host is None else asked.console_host,
        own_authority=home.own_authority if asked.own_authority is None else asked.own_authority,
        mail_server=home.mail_server if asked.mail_server is None else asked.mail_server,
        second_mail_server=(home.second_mail_server if asked.second_mail_server is None else asked.second_mail_server),
    )
    check(wanted)
    write(wanted)


def _elsewhere(address: str) -> str:
    return "" if address in LOOPBACK else address


def _check_trusted(wanted: Installation) -> None:
    try:
        check_trusted(Path(wanted.tls_cert), wanted.host)
    except TlsFault as fault:
        raise RuntimeFault(f"{fault}; or say with --own-authority that all customers know yours") from fault


def _check_mail(server: str) -> None:
    host, _, port = server.rpartition(":")
    if server and not (host and port.isdecimal() and 0 < int(port) < PORT_END):
        raise RuntimeFault(f"{server} is no mail server: give it as HOST:PORT, such as mail.example:587")


def check(wanted: Installation) -> None:
    """Raise RuntimeFault when these settings would listen beyond this machine in the open, or cannot serve by TLS."""
    _check_mail(wanted.mail_server)
    _check_mail(wanted.second_mail_server)
    if bool(wanted.tls_cert) != bool(wanted.tls_key):
        raise RuntimeFault("a certificate and its key belong together: give both --tls-cert and --tls-key")
    if wanted.beyond and not wanted.tls_cert:
        raise RuntimeFault(
            f"{wanted.address or wanted.console_address} is reached from beyond this machine, and there only TLS is "
            "spoken: give a certificate with --tls-cert and --tls-key, or --address localhost"
        )
    if not wanted.tls_cert:
        return
    for place in (wanted.tls_cert, wanted.tls_key):
        if wanted.data.resolve().is_relative_to(Path(place).resolve().parent):
            raise RuntimeFault(
                f"{place} lies beside the bank's data, where the programs that need it may not look: put certificate "
                "and key into a folder of their own"
            )
    if wanted.beyond and wanted.console_host.lower() in ("", wanted.host.lower()):
        raise RuntimeFault(
            f"customers and staff share the name {wanted.host}, and a browser keeps cookies and permissions by name: "
            "give the console another with --console-host, which the certificate must hold for too"
        )
    try:
        for host in filter(None, (wanted.host, wanted.console_host)):
            check_certificate(Path(wanted.tls_cert), Path(wanted.tls_key), host)
        if wanted.beyond and not wanted.own_authority:
            _check_trusted(wanted)
    except TlsFault as fault:
        raise RuntimeFault(str(fault)) from fault
    except ValueError as error:
        raise RuntimeFault(f"{wanted.tls_cert} is no certificate in PEM form ({error})") from error
