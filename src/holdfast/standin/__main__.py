"""Start the spare bank: `HOLDFAST_DATA=… python -m holdfast.standin`; with `rotate-key`: seal its stores anew."""

import asyncio
import gc
import socket
import sys

import uvicorn
import uvloop

from holdfast import settings
from holdfast.signing.authority import AuthorityFault
from holdfast.signing.inside import Inside
from holdfast.standin.app import make_app
from holdfast.standin.bank import open_spare_bank
from holdfast.standin.errors import StandinError
from holdfast.standin.rotating import rotate_keys
from holdfast.standin.vault import FILE, Vault
from holdfast.telemetry import configure_logs, get_log, lines, traces
from holdfast.telemetry.describing import describe

BACKLOG = 2048
SWITCH_S = 0.0002
"""How long a thread may keep others from the interpreter, in seconds: far shorter than Python has it, since a payment
changes threads, and asks its stores, some twenty times while the copy is fed by another thread."""
COLLECT_AFTER = (20_000, 50, 100)
"""Objects, and younger collections, after which cycles are looked for. Looking through all that lives stops all threads
for 0.2 s at a busy bank (`make bench-standin`), and cycles here are few and die young."""
STOP_S = 1


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except OSError as error:
        listening.close()
        raise StandinError(
            f"port {port} is taken ({error.strerror}); stop what uses it, or choose another port_base in settings.json"
        ) from error
    return listening


async def serve() -> None:
    """Open the stores and serve until SIGTERM or SIGINT."""
    place = settings.load()
    listening = _listen(place.standin_port)
    describe(backlog=BACKLOG, thread_turns_s=SWITCH_S)
    bank = await open_spare_bank(place)
    config = uvicorn.Config(
        make_app(bank),
        access_log=False,
        log_config=None,
        http="httptools",
        lifespan="on",
        timeout_graceful_shutdown=STOP_S,
        backlog=BACKLOG,
        server_header=False,
        date_header=False,
        timeout_keep_alive=60,
    )
    config.load()
    config.ssl = Inside(place.keys, "standin", serves=True)
    get_log().info(
        "standin_starts", port=place.standin_port, position=bank.journal.position, block=bank.view.head.number
    )
    await uvicorn.Server(config).serve(sockets=[listening])


def rotate() -> None:
    """Seal all that is stored under a new key, also while the spare bank runs."""
    place = settings.load()
    done = rotate_keys(place.folder("standin"), Vault(place.keys / "standin" / FILE))
    get_log().info("keys_rotated", **done)
    sys.stdout.write(f"Sealed anew: {done['journal']} journal entries, {done['copy']} rows of the copy.\n")


def main() -> int:
    """Run; 0 after a wanted end, 2 with one sentence when it cannot start."""
    configure_logs("standin")
    sys.setswitchinterval(SWITCH_S)
    gc.freeze()  # what was imported stays anyway
    gc.set_threshold(*COLLECT_AFTER)
    try:
        if sys.argv[1:] == ["rotate-key"]:
            rotate()
            return 0
        lines.keep(settings.load().folder("standin"), "standin")
        traces.keep(settings.load().folder("standin"), "standin")
        if why := settings.confine(settings.load(), "standin"):
            get_log().warning("not confined to its own files", why=why)
        with asyncio.Runner(loop_factory=_loop) as runner:
            runner.run(serve())
    except (StandinError, AuthorityFault, settings.SettingsError, OSError) as error:
        sys.stderr.write(f"The spare bank does not start: {error}\n")
        return 2
    return 0


def _loop() -> asyncio.AbstractEventLoop:
    return uvloop.new_event_loop()


if __name__ == "__main__":
    sys.exit(main())
