"""The web application: addresses, background tasks, start and end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from holdfast.contracts.api import PREFIX, Scope
from holdfast.contracts.routes import find_route
from holdfast.look import ASSETS
from holdfast.standin.authorising import CardNetwork
from holdfast.standin.bank import SpareBank
from holdfast.standin.by_program import PayingByProgram
from holdfast.standin.cards import Cards
from holdfast.standin.clearing import Clearing
from holdfast.standin.confirming import Confirming
from holdfast.standin.doors import ROWS_EVERY_S
from holdfast.standin.errors import DoorsAway, StandinError
from holdfast.standin.freezing import Freezing
from holdfast.standin.gate import Gate
from holdfast.standin.helping import Helping
from holdfast.standin.internal import Internal
from holdfast.standin.orders import Orders
from holdfast.standin.pages import Pages
from holdfast.standin.paying import Paying
from holdfast.standin.programs import ProgramGate, Reading
from holdfast.standin.receipt import Receipts
from holdfast.standin.signing_in import SigningIn
from holdfast.standin.statement import Statements
from holdfast.telemetry import get_log

CHECKPOINT_EVERY_S = 5.0
RESTART_PAUSE_S = 1.0


async def _watch_rows(bank: SpareBank) -> None:
    while True:
        with contextlib.suppress(DoorsAway):  # the rows in requests' headers still teach us
            await bank.learn(await bank.doors.read_rows())
        await asyncio.sleep(ROWS_EVERY_S)


async def _checkpoints(bank: SpareBank) -> None:
    while True:
        await asyncio.sleep(CHECKPOINT_EVERY_S)
        await asyncio.to_thread(bank.journal.checkpoint)
        await asyncio.to_thread(bank.vault.refresh)
        await asyncio.to_thread(bank.copy.checkpoint_beside)
        await asyncio.get_running_loop().run_in_executor(bank.copy_thread, bank.note_settled)
        await asyncio.get_running_loop().run_in_executor(bank.copy_thread, bank.copy.checkpoint)


async def _for_ever(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Keep a background task alive: what it raises is logged and it begins again."""
    while True:
        try:
            await work()
        except (StandinError, OSError) as error:
            get_log().warning("task_waits", task=name, why=str(error))
        except Exception as error:  # a background fault must never end the process
            get_log().error("task_failed", task=name, why=repr(error))
        await asyncio.sleep(RESTART_PAUSE_S)


async def _error(request: Request, error: Exception) -> Response:
    get_log().error("request_failed", path=request.url.path, why=repr(error))
    return PlainTextResponse("Something went wrong on our side. Nothing was lost; try again.\n", 500)


async def _plain_error(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return PlainTextResponse(f"{error.detail if isinstance(error, HTTPException) else 'error'}\n", status)


def _programs(bank: SpareBank, gate: Gate, cards: Cards, receipts: Receipts) -> list[Route]:
    """The addresses for customers' programs (contracts.api); those of the main bank alone answer as `elsewhere`
    does."""
    door, reading, paying = ProgramGate(bank, gate), Reading(bank, cards), PayingByProgram(bank, receipts)
    accounts = door.open(reading.account, Scope.ACCOUNTS_READ)
    return [
        Route(f"{PREFIX}/accounts", door.open(reading.accounts, Scope.ACCOUNTS_READ)),
        Route(f"{PREFIX}/accounts/{{account}}", accounts),
        Route(f"{PREFIX}/accounts/{{account}}/balance", accounts),
        Route(f"{PREFIX}/payees", door.open(reading.payees, Scope.PAYEES_READ)),
        Route(f"{PREFIX}/cards", door.open(reading.cards, Scope.CARDS_READ)),
        Route(f"{PREFIX}/cards/{{card}}/freeze", door.open(reading.freeze, Scope.CARDS_FREEZE), methods=["POST"]),
        Route(f"{PREFIX}/payments", door.open(paying.pay, Scope.PAYMENTS_WRITE), methods=["POST"]),
        Route(
            f"{PREFIX}/payments/{{payment}}",
            door.open(paying.payment, Scope.PAYMENTS_READ, Scope.PAYMENTS_WRITE, Scope.EXCHANGE_WRITE),
        ),
        *(
            Route(f"{PREFIX}/{name}", door.open(reading.exchange, Scope.EXCHANGE_WRITE), methods=["POST"])
            for name in ("exchange-quotes", "exchanges")
        ),
    ]


def _in_need(bank: SpareBank, gate: Gate) -> list[Route]:
    """The addresses of help now, and of freezing everything."""
    helping, freezing = Helping(bank), Freezing(bank)
    return [
        Route("/help-now", gate.open(helping.show)),
        Route("/help-now", gate.open(helping.get), methods=["POST"]),
        Route("/security/freeze", gate.open(freezing.show)),
        Route("/security/freeze", gate.open(freezing.freeze), methods=["POST"]),
    ]


def make_app(bank: SpareBank, assets: bool = True) -> Starlette:
    """The application of an opened spare bank; it closes the bank when it ends."""
    gate, pages, paying, clearing, internal = Gate(bank), Pages(bank), Paying(bank), Clearing(bank), Internal(bank)
    orders, receipts, statements = Orders(bank), Receipts(bank), Statements(bank)
    cards, network, confirming = Cards(bank), CardNetwork(bank), Confirming(bank)
    signing_in = SigningIn(bank, gate.forms)
    elsewhere = gate.open(pages.elsewhere, login=False)

    async def http_error(request: Request, error: Exception) -> Response:
        """In words for customers: an address without a page here, and one that is sent another way here."""
        path, status = request.url.path, error.status_code if isinstance(error, HTTPException) else 500
        missing = status == 404 or (status == 405 and find_route(request.method, path) is not None)
        if missing and not path.startswith(("/-/", "/assets/")):
            return await elsewhere(request)
        return await _plain_error(request, error)

    @contextlib.asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        work: dict[str, Callable[[], Awaitable[None]]] = {
            "feed": bank.feed.run,
            "orders": orders.run,
            "rows": lambda: _watch_rows(bank),
            "checkpoints": lambda: _checkpoints(bank),
            "exposure": bank.exposure.run,
            "drift": bank.drift.run,
        }
        tasks = [asyncio.create_task(_for_ever(name, one)) for name, one in work.items()]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await internal.rebuilding.stop()
        await bank.close()

    routes: list[Route | Mount] = [
        Route("/", gate.open(pages.overview)),
        Route("/login", gate.open(signing_in.form, login=False)),
        Route("/login", gate.open(signing_in.login, login=False), methods=["POST"]),
        Route("/logout", gate.open(pages.logout), methods=["POST"]),
        Route("/accounts/{account:int}", gate.open(pages.account)),
        Route("/accounts/{account:int}/statement", gate.open(statements.statement)),
        Route("/pay", gate.open(paying.form)),
        Route("/pay", gate.open(paying.pay), methods=["POST"]),
        Route("/pay/confirm", gate.open(paying.pay), methods=["POST"]),
        Route("/receipt/{ident}", gate.open(receipts.receipt)),
        Route("/told", gate.open(pages.told)),
        Route("/money", gate.open(pages.money)),
        Route("/money/{ident}/confirmation", gate.open(confirming.confirmation)),
        Route("/help", gate.open(pages.help, login=False)),
        *_in_need(bank, gate),
        Route("/cards", gate.open(cards.show)),
        Route("/cards/authorisations", gate.open(network.answer, login=False, signed=True), methods=["POST"]),
        Route("/cards/{card}/{what}", gate.open(cards.freeze), methods=["POST"]),
        Route("/clearing/pacs.008", gate.open(clearing.take_file, login=False, signed=True), methods=["POST"]),
        *_programs(bank, gate, cards, receipts),
        *internal.routes(),
    ]
    if assets:
        routes.append(Mount("/assets", StaticFiles(directory=ASSETS)))
    return Starlette(routes=routes, lifespan=life, exception_handlers={HTTPException: http_error, Exception: _error})
