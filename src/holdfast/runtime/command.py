"""The `holdfast` command: what a person types. It launches the buildings and imports none of them."""

import getpass
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from holdfast.contracts.factors import STEP_S
from holdfast.runtime import installing, postgres
from holdfast.runtime.bending import PLACES
from holdfast.runtime.beside import foreign_app
from holdfast.runtime.beyond import Beyond, open_beyond
from holdfast.runtime.books import books_app
from holdfast.runtime.breaking import HOWS
from holdfast.runtime.demands import demand_states
from holdfast.runtime.errors import RuntimeFault
from holdfast.runtime.incidents import incident_app
from holdfast.runtime.installing import running_data
from holdfast.runtime.keys import keys_app
from holdfast.runtime.launching import call_door, call_standin, end, launch, module, wait_until_served
from holdfast.runtime.matrix import Matrix, play_matrix
from holdfast.runtime.playing import BERKA, Play, environment, play, play_faults
from holdfast.runtime.shadow import shadow_words
from holdfast.runtime.stressing import measure
from holdfast.runtime.terminal import console, say_addresses, say_what_can_be_broken, told, wait_for_end
from holdfast.settings import ask_supervisor, load
from holdfast.signing.onetime import code_at

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Holdfast: a bank that stays open.",
)
gameday_app = typer.Typer(no_args_is_help=True, help="Outages, rehearsed with real faults.")
import_app = typer.Typer(no_args_is_help=True, help="Bring a real bank's records in.")
standin_app = typer.Typer(no_args_is_help=True, help="Who serves whom: the spare bank, by hand.")
app.add_typer(books_app, name="books")
app.add_typer(gameday_app, name="gameday")
app.add_typer(import_app, name="import")
app.add_typer(standin_app, name="standin")
app.add_typer(foreign_app, name="foreign")
app.add_typer(keys_app, name="keys")
app.add_typer(incident_app, name="incident")

Data = Annotated[Path | None, typer.Option("--data", help="Data folder; var/bank by default.")]
Port = Annotated[int | None, typer.Option("--port", envvar="PORT", help="First of the ports to use; 8080 by default.")]


@app.command()
@told
def up(
    data: Data = None,
    port: Port = None,
    customers: Annotated[int, typer.Option(help="Made-up customers of a new bank.")] = 400,
    seed: int = 1,
    wires: Annotated[bool, typer.Option("--wires", help="A new bank gets relays that can be cut or slowed.")] = False,
    rehearsed: Annotated[
        bool, typer.Option("--rehearsed", help="A new bank whose time and rules can be bent.")
    ] = False,
    address: Annotated[str | None, typer.Option(help="Where the doors listen beyond this machine; needs TLS.")] = None,
    console_address: Annotated[str | None, typer.Option(help="The same for the console.")] = None,
    host: Annotated[str | None, typer.Option(help="The name that people type; the certificate is for it.")] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate and those up to its authority, PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its key, PEM, readable by its owner only.")] = None,
    http_port: Annotated[int | None, typer.Option(help="A port without TLS that leads to the doors; 0: none.")] = None,
    console_host: Annotated[str | None, typer.Option(help="The name that staff type for the console.")] = None,
    own_authority: Annotated[
        bool | None, typer.Option(help="Go on with a certificate that the public does not trust; the console says so.")
    ] = None,
    mail_server: Annotated[str | None, typer.Option(help="HOST:PORT that takes mails, by TLS unless here.")] = None,
    second_mail_server: Annotated[str | None, typer.Option(help="Another, for when that does not work.")] = None,
) -> None:
    """Start the bank, the spare bank, two front doors and the control room; Ctrl-C ends them cleanly."""
    folder = data or installing.default_data("bank")
    beyond = Beyond(address, console_address, host, tls_cert, tls_key, http_port, console_host)
    beyond = replace(
        beyond, own_authority=own_authority, mail_server=mail_server, second_mail_server=second_mail_server
    )
    open_beyond(folder, port, beyond, wires, rehearsed)
    child, installation = launch(folder, port, wires=wires, rehearsed=rehearsed)
    try:
        if not (folder / "bank" / "filled").exists():
            module(installation, "holdfast.bank", "fill", "--customers", str(customers), "--seed", str(seed))
            module(installation, "holdfast.control", "community", "sample")
            (installation.folder("bank") / "filled").touch()
        wait_until_served(installation)
        say_addresses(installation)
        console.print("Running. Ctrl-C ends it. Break something in another terminal: ./holdfast break")
        wait_for_end(child)
    finally:
        end(child, folder)


@app.command()
@told
def down(data: Data = None) -> None:
    """End a bank that runs in another terminal."""
    ask_supervisor(running_data(data), do="stop")
    console.print("It is ending.")


@app.command()
@told
def demo(
    port: Port = None,
    data: Data = None,
    seed: int = 1,
    customers: int = 260,
    bank: Annotated[Path | None, typer.Option(envvar="BANK", help="Folder of a real bank's records (Berka).")] = None,
    leave: Annotated[bool, typer.Option("--exit", envvar="EXIT", help="End when the story is told.")] = False,
    report: Annotated[Path | None, typer.Option(help="Folder for report.json and report.html.")] = None,
) -> None:
    """Fill a new bank, let customers work, break it (server-failure), repair it, and print the verdict."""
    folder = data or installing.default_data("demo")
    raise typer.Exit(play(Play("server-failure", folder, port, seed, customers, bank, leave, report)))


@app.command()
@told
def stress(
    port: Port = None,
    data: Data = None,
    seed: int = 1,
    customers: Annotated[int, typer.Option(help="Who log in and work, of a new bank.")] = 400,
    leave: Annotated[bool, typer.Option("--exit", help="End when it is measured.")] = False,
) -> None:
    """Find the load at which each part breaks, on a bank made for it; the console's page Capacity keeps it."""
    folder = data or installing.default_data("stress")
    raise typer.Exit(measure(folder, port, seed, customers, leave))


@gameday_app.command("list")
@told
def gameday_list() -> None:
    """The outages that can be rehearsed."""
    subprocess.run([sys.executable, "-m", "holdfast.gameday", "list"], env=environment(None), check=False)


@gameday_app.command("run")
@told
def gameday_run(
    name: str,
    port: Port = None,
    data: Data = None,
    seed: int = 1,
    customers: int = 260,
    bank: Annotated[Path | None, typer.Option(help="Folder of a real bank's records (Berka).")] = None,
    report: Annotated[Path | None, typer.Option(help="Folder for report.json and report.html.")] = None,
    leave: Annotated[bool, typer.Option("--exit", help="End when the story is told.")] = False,
) -> None:
    """Rehearse one outage on a new bank with made-up customers (or a real bank's records)."""
    folder = data or installing.default_data("gameday")
    raise typer.Exit(play(Play(name, folder, port, seed, customers, bank, leave, report)))


@gameday_app.command("faults")
@told
def gameday_faults(
    cases: Annotated[Path, typer.Option(help="Folder for the recorded cases, one file a fault.")],
    only: Annotated[str, typer.Option(help="Names of faults, with commas; all without any.")] = "",
    port: Port = None,
    data: Data = None,
    seed: int = 1,
    customers: int = 260,
) -> None:
    """Inject faults whose causes are known, one after the other, and record what the diagnosis had of each."""
    folder = data or installing.default_data("faults")
    raise typer.Exit(play_faults(folder, port, seed, customers, only, cases))


@gameday_app.command("matrix")
@told
def gameday_matrix(
    names: Annotated[list[str] | None, typer.Argument(help="Scenarios to play; all without any.")] = None,
    port: Port = None,
    data: Data = None,
    seed: int = 1,
    report: Annotated[Path | None, typer.Option(help="Folder with one folder a scenario.")] = None,
) -> None:
    """Play the fault matrix, one scenario after the other, and print one table."""
    folder = data or installing.default_data("matrix")
    into = report or installing.default_data("matrix-reports")
    raise typer.Exit(play_matrix(Matrix(tuple(names or ()), folder, port, seed, into)))


@import_app.command("berka")
@told
def import_berka(
    folder: Path,
    data: Data = None,
    port: Port = None,
    activate: Annotated[int, typer.Option(help="How many people get a password.")] = 20,
) -> None:
    """Load the records of a real Czech bank (PKDD'99) into a new bank; then ./holdfast up."""
    target = data or installing.default_data("bank")
    if not folder.is_dir():
        raise RuntimeFault(f"{folder} is not a folder; nothing was loaded")
    if (target / "bank" / "filled").exists():
        raise RuntimeFault(f"the bank in {target} has customers already; import into another folder with --data")
    child, installation = launch(target, port, *BERKA)
    try:
        module(installation, "holdfast.bank", "import-berka", str(folder.resolve()), "--activate", str(activate))
        (installation.folder("bank") / "filled").touch()
        console.print("Loaded. ./holdfast up opens it.")
    finally:
        end(child, target)


@app.command("break")
@told
def break_it(
    what: Annotated[str | None, typer.Argument(help="What to break; without it, a list.")] = None,
    how: Annotated[str, typer.Option(help="How; without a name, the list says which there are.")] = "kill",
    value: Annotated[float, typer.Option(help="Seconds, or a share, where a fault has one.")] = 0.0,
    freeze: Annotated[bool, typer.Option("--freeze", help="Short for --how freeze.")] = False,
    words: Annotated[str, typer.Option(help="With --how poison: the words of which a process dies.")] = "",
    data: Data = None,
) -> None:
    """Break a part of the running bank by hand; `mend` undoes it."""
    if what is None:
        say_what_can_be_broken()
        return
    how = "freeze" if freeze else how
    answer = ask_supervisor(running_data(data), do="break", names=what.split(","), how=how, value=value, words=words)
    where = f"{answer['signal']} to {answer['processes']} processes of {', '.join(answer['programs'])}."
    if how in PLACES:
        where = f"All programs: {HOWS[how].partition(': ')[2].replace('VALUE', f'{value:g}')}."
    console.print(where, "Time does not go back." if how == "step" else f"Undo: ./holdfast mend {what}")


@app.command()
@told
def mend(what: Annotated[str, typer.Argument(help="What to mend.")] = "everything", data: Data = None) -> None:
    """Start again, or thaw, what was broken."""
    answer = ask_supervisor(running_data(data), do="mend", names=what.split(","))
    console.print("Mended: " + (", ".join(answer["mended"]) or "nothing was broken"))


@app.command()
@told
def status(data: Data = None) -> None:
    """Each program, and who serves whom."""
    folder = running_data(data)
    answer = ask_supervisor(folder, do="status")
    table = Table("program", "state", "process", "restarts")
    for name, one in answer["programs"].items():
        table.add_row(name, one["state"], str(one["pid"] or ""), str(one["restarts"]))
    console.print(table)
    if answer["keys_overdue"]:
        late = ", ".join(answer["keys_overdue"])
        console.print(f"Keys to be changed: {late}. ./holdfast keys list says more.")
    health = call_door(load(folder), "GET", "/-/health")
    console.print(
        "Groups of customers by mode: " + ", ".join(f"{mode} {count}" for mode, count in health["mode_counts"].items())
    )


def _operator() -> str:
    return f"terminal:{getpass.getuser()}"


def _order(what: str, cohorts: str, why: str, data: Path | None, approved_by: str = "") -> None:
    chosen = None if cohorts == "all" else [int(one) for one in cohorts.split(",")]
    answer = call_door(
        load(running_data(data)),
        "POST",
        "/-/orders",
        {"what": what, "cohorts": chosen, "why": why, "by": _operator(), "approved_by": approved_by},
    )
    if what == "hand_back":
        console.print("You gave it alone: the control room records it as break-glass, to be reviewed by somebody else.")
    console.print(f"Order {answer['order']} was given to the front doors; ./holdfast status shows how it goes.")


Services = Annotated[str, typer.Option(help="all, payments (with cards and clearing files) or reads (pages).")]


@standin_app.command("on")
@told
def standin_on(cohorts: str = "all", services: Services = "all", why: str = "by hand", data: Data = None) -> None:
    """Move customers to the spare bank: for everything, for payments only, or for looking only."""
    for what in {
        "all": ("standin_on", "reads_follow"),
        "payments": ("reads_primary", "standin_on"),
        "reads": ("reads_standin",),
    }[_service(services)]:
        _order(what, cohorts, why, data)


@standin_app.command("off")
@told
def standin_off(cohorts: str = "all", services: Services = "all", why: str = "by hand", data: Data = None) -> None:
    """Hand customers back to the main bank: replay, reconcile, prove, return."""
    for what in {"all": ("hand_back", "reads_follow"), "payments": ("hand_back",), "reads": ("reads_follow",)}[
        _service(services)
    ]:
        _order(what, cohorts, why, data)


@standin_app.command("lost")
@told
def standin_lost(
    why: Annotated[str, typer.Option(help="What happened to the spare bank.")],
    second: Annotated[str, typer.Option(help="The second person who agrees.")],
    cohorts: str = "all",
    data: Data = None,
) -> None:
    """Break glass: the spare bank is lost, so the main bank serves without its journal (needs two people)."""
    me = _operator()
    if second.strip() in ("", me):
        raise RuntimeFault("a forced return needs a second person: name who agrees with --second; nothing was done")
    _order("force_primary", cohorts, why, data, second.strip()[:60])


def _service(named: str) -> str:
    """all, payments or reads; cards and clearing files draw on the same accounts, so they go with payments."""
    names = {one.strip() for one in named.split(",")}
    if names <= {"payments", "cards", "clearing"} and "payments" in names:
        return "payments"
    if len(names) == 1 and names <= {"all", "reads"}:
        return names.pop()
    if names <= {"payments", "cards", "clearing"}:
        raise RuntimeFault("cards and clearing files draw on the same accounts as payments and go with them: payments")
    raise RuntimeFault(f"there is no service {named!r}; there are all, payments and reads")


@standin_app.command("status")
@told
def standin_status(data: Data = None) -> None:
    """Who serves whom, and the last switches with their reasons."""
    installation = load(running_data(data))
    for event in call_door(installation, "GET", "/-/events")["events"][-15:]:
        console.print(f"{time.strftime('%H:%M:%S', time.localtime(event['at']))}  {event['door']}  {event['words']}")
    health = call_door(installation, "GET", "/-/health")
    modes = ", ".join(f"{mode} {count}" for mode, count in health["mode_counts"].items())
    console.print(f"Groups by who takes their payments: {modes}")
    for bank, count in health["reads"].items():
        console.print(f"Pages of {count} groups are shown by the {'main' if bank == 'primary' else 'spare'} bank.")
    if health["forced"]:
        console.print(f"{health['forced']} groups are served without the spare bank's journal (forced).")
    console.print(shadow_words(call_standin(installation, "GET", "/-/shadow")), highlight=False)


@standin_app.command("rebuild")
@told
def standin_rebuild(why: str = "by hand", data: Data = None) -> None:
    """Make the spare bank's copy of the books anew, while it serves; needed after it has drifted."""
    call_standin(load(running_data(data)), "POST", "/-/rebuild", {"why": why})
    console.print("The copy is being made anew; the spare bank's health says how far it is.")


@app.command("block-payee")
@told
def block_payee(number: str, data: Data = None) -> None:
    """Stop payments to an account because of fraud warnings, at both banks."""
    module(load(running_data(data)), "holdfast.bank", "block-payee", number)


@app.command("code")
@told
def staff_code(name: str, data: Data = None) -> None:
    """The code that the authenticator of a member of staff shows now (responder, manager, …), from its first secret."""
    console.print(code_at(load(running_data(data)).secret(f"{name}-authenticator"), int(time.time() // STEP_S)))


@app.command()
@told
def demands() -> None:
    """Each demand of docs/requirements.md: proved, partly or missing, from the last test run."""
    states = demand_states(postgres.clone_root())
    table = Table("demand", "state", "tests", "page or command")
    for demand in states:
        table.add_row(demand.id, demand.state, str(demand.tests), demand.where)
    console.print(table)
    console.print(
        ", ".join(f"{word} {sum(d.state == word for d in states)}" for word in ("proved", "partly", "missing"))
    )
