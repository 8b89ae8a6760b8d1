"""`python -m holdfast.gameday.wires`: all wires of the installation in HOLDFAST_DATA, until stopped."""

import asyncio
import signal
import sys
from collections.abc import Callable

import uvloop

from holdfast.gameday.wires.orders import Order, read_orders
from holdfast.gameday.wires.relay import Secured, Wire
from holdfast.settings import Installation, SettingsError, ask_supervisor, load
from holdfast.signing.authority import AuthorityFault
from holdfast.signing.inside import Inside
from holdfast.telemetry import configure_logs, get_log

LOOK_S = 0.02


def dying(installation: Installation, program: str) -> Callable[[], object]:
    """How this program dies: by SIGKILL, and its supervisor makes that good as it does any crash."""
    return lambda: ask_supervisor(installation.data, do="break", names=[program], how="crash")


async def serve(installation: Installation) -> None:
    """Relay, and follow wires.json, until SIGTERM or SIGINT; raises SettingsError where no wires are asked for."""
    if not installation.wires:
        raise SettingsError("this installation has no wires; make one with ./holdfast up --wires")
    called, calling = (Inside(installation.keys, "wires", serves) for serves in (True, False))
    bank, spare = (Secured(called, calling, to) for to in ("primary", "standin"))
    bank_dies, spare_dies = dying(installation, "bank-web"), dying(installation, "standin")
    wires = {
        "wire-doors": Wire(installation.bank_port_for_doors, installation.bank_port, 1, bank_dies, bank),
        "wire-feed": Wire(installation.bank_port_for_standin, installation.bank_port, 2, secured=bank),
        "wire-spare": Wire(installation.standin_port_for_doors, installation.standin_port, 3, spare_dies, spare),
    }
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    for wire in wires.values():
        await wire.open()
    while not stop.is_set():
        orders = read_orders(installation.wires_file)
        for name, wire in wires.items():
            order = orders.get(name, Order())
            if order != wire.order:
                get_log().info("wire", wire=name, how=order.how, value=order.value, requests=wire.requests)
                await wire.take(order)
        await asyncio.sleep(LOOK_S)
    for wire in wires.values():
        await wire.close()


def main() -> int:
    """Start; what is in the way is one sentence."""
    configure_logs("wires")
    try:
        uvloop.run(serve(load()))
    except (SettingsError, AuthorityFault, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
