"""`python -m holdfast.gameday.postbox`: SMTP and pages until stopped."""

import asyncio
import contextlib
import signal
import sys

from aiohttp import web
from aiosmtpd.smtp import SMTP

from holdfast.gameday.postbox.errors import PortBusy, PostboxError
from holdfast.gameday.postbox.pages import application
from holdfast.gameday.postbox.phones import Phones
from holdfast.gameday.postbox.smtp import MAIL_BYTES_MAX, Taker
from holdfast.gameday.postbox.store import Store
from holdfast.settings import Installation, SettingsError, load
from holdfast.telemetry import configure_logs, get_log


async def serve(installation: Installation) -> None:
    """Serve until SIGTERM or SIGINT."""
    store = Store(installation.folder("postbox"))
    taker = Taker(store)
    phones = Phones(installation.data / "bank" / "logins.json")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    runner = web.AppRunner(application(store, installation.bank_name, phones), access_log=None)
    await runner.setup()
    try:
        smtp = await loop.create_server(
            lambda: SMTP(taker, data_size_limit=MAIL_BYTES_MAX, hostname="localhost", loop=loop, timeout=60),
            "127.0.0.1",
            installation.smtp_port,
        )
        await web.TCPSite(runner, "127.0.0.1", installation.mailbox_port).start()
    except OSError as error:
        raise PortBusy(
            f"port {installation.smtp_port} or {installation.mailbox_port} is busy ({error.strerror}); "
            "end what listens there, or choose other ports"
        ) from error
    get_log().info("the mailbox is open", smtp_port=installation.smtp_port, port=installation.mailbox_port)
    await stop.wait()
    smtp.close()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(runner.cleanup(), 3)
    store.close()


def main() -> int:
    """Start; a busy port or a missing installation is one sentence."""
    configure_logs("postbox")
    try:
        asyncio.run(serve(load()))
    except (SettingsError, PostboxError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
