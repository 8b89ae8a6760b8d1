"""`python -m holdfast.control web|watch|tell|chat|community|subscribers|migrate|staff`."""

# ruff: noqa: T201, PLC0415  # a command speaks by printing; Django must be set up before its models are imported

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from holdfast.settings import Installation

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "holdfast.control.django_settings")

USAGE = """python -m holdfast.control COMMAND
  migrate        bring the database to this release, make the first people (secrets/NAME, secrets/NAME-authenticator)
  web            the console, for staff
  watch          the loops: probes, incidents, what is said
  tell           writes messages to customers down and sends them
  chat           customers' chats with support, ideas, polls and webinars, for the doors
  community sample   made-up ideas, a poll, webinars and a tour, where there are none yet
  chat reseal    change the key that seals them, while people chat
  subscribers reseal   change the key that seals addresses of who follows the status page, while people subscribe
  staff verify   prove the chain of the staff log
  staff list     who works here, by role
  staff reseal   change the key that seals authenticators' secrets, while staff work
  staff record WHO WHAT   write a change made at a terminal into the staff log"""
MIGRATE_WAIT_S_MAX = 30.0
PROGRAMS = {"web": "control-serving", "watch": "control-watch", "tell": "control-tell", "chat": "control-chat"}
"""What keeps running, by the name of its lines; the console's own worker is `control-web`."""


def migrate() -> int:
    """Migrate and make the first people; waits a while for a database that is coming up."""
    from django.core.management import call_command
    from django.db import OperationalError, connection

    from holdfast.control.place import switchboard
    from holdfast.control.staff.people import ensure_people

    deadline = time.monotonic() + MIGRATE_WAIT_S_MAX
    while True:
        try:
            connection.ensure_connection()
            break
        except OperationalError as error:
            if time.monotonic() > deadline:
                print(f"the control room's database does not answer: {error}", file=sys.stderr)
                return 1
            time.sleep(0.3)
    call_command("migrate", interactive=False, verbosity=0)
    for name in ensure_people(switchboard().installation.secrets):
        print(f"made {name}; password in secrets/{name}, authenticator secret in secrets/{name}-authenticator")
    return 0


def web() -> int:
    """Serve the console until stopped."""
    from granian import Granian
    from granian.constants import Interfaces

    from holdfast.control.place import switchboard
    from holdfast.settings import LOOPBACK
    from holdfast.signing.tls import TlsFault

    home = switchboard().installation
    try:
        secured = _tls(home)
    except TlsFault as fault:
        print(fault, file=sys.stderr)
        return 1
    os.environ["HOLDFAST_CONSOLE_PARENT"] = str(os.getpid())
    Granian(
        "holdfast.control.wsgi:application",
        address=home.console_address if home.console_address not in LOOPBACK else "127.0.0.1",
        port=home.console_port,
        **secured,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=10,
        backlog=128,
        websockets=False,
        log_enabled=False,
        workers_kill_timeout=3,
    ).serve()
    return 0


def _tls(home: "Installation") -> dict[str, Any]:
    """How the console is served; raises TlsFault where it must be by TLS and cannot."""
    from granian.constants import SSLProtocols

    from holdfast.signing.tls import ServerTls, TlsFault

    if home.tls_cert:
        certificate, key = Path(home.tls_cert), Path(home.tls_key)
        ServerTls(certificate, key)
        return {"ssl_cert": certificate, "ssl_key": key, "ssl_protocol_min": SSLProtocols.tls12}
    if home.beyond:
        raise TlsFault("the console is to listen beyond this machine, and there is no certificate; give --tls-cert")
    return {}


def watch() -> int:
    """Run the loops until stopped."""
    from holdfast.control.place import switchboard
    from holdfast.control.watch.loops import Watch

    Watch(switchboard()).run()
    return 0


def tell() -> int:
    """Write down and send messages until stopped."""
    from holdfast.control.tell.loop import tell_for_ever

    tell_for_ever()
    return 0


def chat(*more: str) -> int:
    """Serve the doors until stopped; `reseal`: everything said is sealed by a new key."""
    from holdfast.control.care.serving import Holding
    from holdfast.control.community.serving import Community
    from holdfast.control.place import installation
    from holdfast.control.subscribers import serving as following
    from holdfast.control.support import sealed, serving
    from holdfast.control.tell.serving import Telling
    from holdfast.signing.authority import AuthorityFault

    if more == ("reseal",):
        print(f"Sealed anew: {sealed.reseal()} lines.")
        return 0
    more_rooms = [*Community().routes(), *Telling().routes(), *following.routes(), *Holding().routes()]
    try:
        serving.serve(installation(), more_rooms)
    except (AuthorityFault, OSError) as error:
        print(f"chats are not served: {error}", file=sys.stderr)
        return 1
    return 0


def subscribers(*more: str) -> int:
    """`reseal`: every follower's address is sealed by a new key."""
    from holdfast.control.subscribers import sealed

    if more != ("reseal",):
        print(USAGE)
        return 2
    print(f"Sealed anew: {sealed.reseal()} addresses.")
    return 0


def community() -> int:
    """Made-up content for a made-up bank."""
    from holdfast.control.community import samples

    print(f"Made-up posts in the community: {samples.ensure()}.")
    return 0


def staff(what: str, *more: str) -> int:
    """`verify` the log, `list` the people, `reseal` their secrets, `record` what somebody changed at a terminal."""
    from holdfast.control.errors import ChainBroken
    from holdfast.control.staff import log
    from holdfast.control.staff.models import Person

    if what == "record":
        log.write(more[0][:64], "terminal", " ".join(more[1:])[:200])
        return 0
    if what == "reseal":
        from holdfast.control.staff.resealing import reseal

        print(f"Sealed anew: {reseal()} secrets.")
        return 0
    if what == "list":
        for person in Person.objects.order_by("role"):
            print(f"{person.username:<16} {person.role}")
        return 0
    try:
        length, head = log.verify()
    except ChainBroken as broken:
        print(f"BROKEN: {broken}", file=sys.stderr)
        return 1
    print(f"the staff log is whole: {length} lines, head {head}")
    return 0


def main(arguments: list[str]) -> int:
    """Run one command."""
    command = arguments[0] if arguments else ""
    if command not in ("web", "watch", "tell", "chat", "community", "subscribers", "migrate", "staff"):
        print(USAGE)
        return 2
    import django

    from holdfast.settings import SettingsError, confine, load
    from holdfast.telemetry import configure_logs, get_log, lines

    configure_logs(f"control-{command}")
    try:
        load()
        django.setup()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    if command in PROGRAMS and not arguments[1:]:
        lines.keep(load().folder("control"), PROGRAMS[command])
        if why := confine(load(), "control"):
            get_log().warning("not confined to its own files", why=why)
    of_more: dict[str, Callable[..., int]] = {"chat": chat, "subscribers": subscribers}
    if command in of_more:
        return of_more[command](*arguments[1:])
    if command == "staff":
        return staff(*(arguments[1:] or ["verify"]))
    alone = {"web": web, "watch": watch, "tell": tell, "migrate": migrate, "community": community}
    return alone[command]()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
