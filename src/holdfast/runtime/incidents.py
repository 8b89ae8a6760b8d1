"""`holdfast incident`: answer an incident when there is no browser. What is done is on record as `terminal: NAME`."""

import contextlib
import getpass
import http.client
import json
import ssl
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from holdfast.contracts.answers import CALLER_HEADER
from holdfast.runtime.errors import NotRunning, RuntimeFault
from holdfast.runtime.installing import running_data
from holdfast.runtime.launching import own_keyring
from holdfast.runtime.terminal import console, told
from holdfast.settings import LOOPBACK, Installation, load

incident_app = typer.Typer(no_args_is_help=True, help="Incidents, when there is no browser.")
Data = Annotated[Path | None, typer.Option("--data", help="Data folder; var/bank by default.")]
Number = Annotated[int, typer.Argument(help="The incident's number.")]
RunNumber = Annotated[int, typer.Argument(help="The run's number, as show says.")]
StepNumber = Annotated[int, typer.Argument(help="The step's number.")]
CALL_S_MAX = 10.0
ANSWER_BYTES_MAX = 64_000_000
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # where it is called, not bound
TAIL = 20


@incident_app.command("list")
@told
def list_incidents(data: Data = None) -> None:
    """The newest incidents, and who is on call."""
    installation = load(running_data(data))
    table = Table("number", "severity", "state", "opened", "because")
    for one in call_console(installation, "GET", "/incidents.json")["incidents"][:TAIL]:
        opened = str(one["opened"])[:19].replace("T", " ")
        table.add_row(str(one["number"]), str(one["severity"]), one["state"], opened, escape(one["opened_by"]))
    console.print(table)
    found = call_console(installation, "GET", "/on-call.json")
    for place in ("first", "second"):
        console.print(f"On call, {place}: {escape(found['on_call'].get(place, 'nobody'))}")
    if found["trouble"]:
        console.print(escape(found["trouble"]) + ".")


@incident_app.command("show")
@told
def show(number: Number, data: Data = None) -> None:
    """State, roles, tasks, pages, runbooks, and the end of the timeline."""
    one = call_console(load(running_data(data)), "GET", f"/incidents/{number}.json")
    said = one["response"]
    lines = [
        f"Incident {one['number']}, severity {one['severity']} (computed {one['severity_computed']}), {one['state']}, "
        f"{one['phase']}",
        f"Noticed because {one['opened_by']}; cause: {one['cause_words']}",
        *(f"{role}: {who}" for role, who in said["roles"].items()),
        *(f"task {task['number']}, {_owner(task)}: {task['words']}" for task in said["tasks"]),
        *(f"decided by {each['by']}: {each['words']}, because {each['why']}" for each in said["decisions"]),
        *(f"link: {each['words']} {each['url']}" for each in said["links"]),
        *(f"page to {page['recipient']} by {page['way']}: {page['state']} {page['trouble']}" for page in said["pages"]),
        *(f"runbook that fits: {book['name']} ({book['title']})" for book in said["runbooks"]),
    ]
    for run in said["runs"]:
        lines.append(f"run {run['number']}: {run['name']}{', dry' if run['dry'] else ''}")
        for step in run["steps"]:
            left = f", by itself in {step['left_s']} s" if step["state"] == "waiting" else ""
            machine = f" [machine: {step['machine']}]" if step["machine"] else ""
            lines.append(
                f"  {step['number']}. {step['state']}{left}{machine} {step['words']} {step['result']}".rstrip()
            )
    lines += [f"{str(entry['at'])[11:19]}  {entry['words']}" for entry in one["timeline"][-TAIL:]]
    for line in lines:
        console.print(line, markup=False)


def _owner(task: dict[str, Any]) -> str:
    owner = task["owner"] or "anybody"
    if task["done"]:
        return f"done by {task['done_by']}"
    return f"{owner}, due {task['due'][:16]}" if task["due"] else owner


@incident_app.command("acknowledge")
@told
def acknowledge(number: Number, data: Data = None) -> None:
    """Say that a person works on it; nobody is woken any more."""
    _act(data, number, "acknowledge")


@incident_app.command("note")
@told
def note(number: Number, words: str, data: Data = None) -> None:
    """A line of the timeline."""
    _act(data, number, "note", words=words)


@incident_app.command("state")
@told
def state(
    number: Number,
    state: Annotated[str, typer.Argument(help="investigating, identified, mitigating or monitoring.")],
    data: Data = None,
) -> None:
    """Say how far it is."""
    _act(data, number, "state", state=state)


@incident_app.command("severity")
@told
def severity(
    number: Number,
    severity: Annotated[str, typer.Argument(help="1 (the gravest) to 4, or computed.")],
    why: Annotated[str, typer.Option(help="The reason.")],
    data: Data = None,
) -> None:
    """Say another severity than the computed one."""
    if severity not in {"1", "2", "3", "4", "computed"}:
        raise RuntimeFault(f"{severity!r} is no severity: 1 to 4, or computed; nothing was done")
    _act(data, number, "severity", severity=None if severity == "computed" else int(severity), why=why)


@incident_app.command("role")
@told
def role(
    number: Number,
    role: Annotated[str, typer.Argument(help="lead, communicator or scribe.")],
    to: Annotated[str, typer.Argument(help="The username of who has it from now on.")],
    note: Annotated[str, typer.Option(help="What the next one has to know.")] = "",
    data: Data = None,
) -> None:
    """Give a role, or hand it over."""
    _act(data, number, "role", role=role, to=to, note=note)


@incident_app.command("task")
@told
def task(
    number: Number,
    words: str,
    owner: str = "",
    due: Annotated[str, typer.Option(help="When, as 2026-11-22T14:30.")] = "",
    data: Data = None,
) -> None:
    """One more thing to do."""
    _act(data, number, "task", words=words, owner=owner, due=due)


@incident_app.command("done")
@told
def done(number: Number, task: Annotated[int, typer.Argument(help="The task's number.")], data: Data = None) -> None:
    """A task was done."""
    _act(data, number, "task done", task=task)


@incident_app.command("decide")
@told
def decide(number: Number, words: str, why: Annotated[str, typer.Option(help="Why.")], data: Data = None) -> None:
    """Write a decision down."""
    _act(data, number, "decision", words=words, why=why)


@incident_app.command("link")
@told
def link(number: Number, words: str, url: str, data: Data = None) -> None:
    """Where more is to be read."""
    _act(data, number, "link", words=words, url=url)


@incident_app.command("review")
@told
def review(
    number: Number,
    file: Annotated[Path, typer.Argument(help="A text file with what people found.")],
    data: Data = None,
) -> None:
    """Sign the review of a closed incident."""
    try:
        words = file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise RuntimeFault(f"{file} cannot be read: {type(error).__name__}; nothing was done") from error
    _act(data, number, "review", words=words)


@incident_app.command("runbook")
@told
def runbook(
    number: Number,
    name: str,
    dry: Annotated[bool, typer.Option("--dry", help="Only say what machines would do.")] = False,
    data: Data = None,
) -> None:
    """Follow a runbook; `show` says which fit, and how far it is."""
    _act(data, number, "runbook", name=name, dry=dry)


@incident_app.command("step")
@told
def step(
    number: Number,
    run: RunNumber,
    step: StepNumber,
    words: str = "",
    skip: Annotated[bool, typer.Option("--skip", help="It was not done; --words says why.")] = False,
    data: Data = None,
) -> None:
    """Tick a step of a runbook, or skip it."""
    _act(data, number, "step", run=run, step=step, words=words, skip=skip)


@incident_app.command("stop")
@told
def stop(number: Number, run: RunNumber, step: StepNumber, data: Data = None) -> None:
    """Stop a machine before it begins a step."""
    _act(data, number, "stop", run=run, step=step)


@incident_app.command("again")
@told
def again(number: Number, run: RunNumber, step: StepNumber, data: Data = None) -> None:
    """Let the machine do a step that was stopped or failed."""
    _act(data, number, "again", run=run, step=step)


@incident_app.command("end-runbook")
@told
def end_runbook(number: Number, run: RunNumber, data: Data = None) -> None:
    """Stop following a runbook."""
    _act(data, number, "end runbook", run=run)


def _act(data: Path | None, number: int, do: str, **said: Any) -> None:
    body = {"do": do, "user": getpass.getuser(), **said}
    answer = call_console(load(running_data(data)), "POST", f"/incidents/{number}/act.json", body)
    console.print(f"Incident {answer['number']}: {answer['state']}, severity {answer['severity']}.")


def call_console(installation: Installation, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """One signed call to the console; raises NotRunning, or RuntimeFault with the console's own words."""
    raw = b"" if body is None else json.dumps(body).encode()
    headers = {CALLER_HEADER: own_keyring(installation).call("control", path, raw), "Host": "localhost"}
    try:
        with contextlib.closing(_line(installation)) as line:
            line.request(method, path, raw or None, {**headers, "Content-Type": "application/json"})
            with line.getresponse() as answer:
                status, told_back = answer.status, answer.read(ANSWER_BYTES_MAX)
    except (OSError, http.client.HTTPException) as error:
        raise NotRunning(
            f"the control room does not answer on port {installation.console_port}; ./holdfast status says what runs"
        ) from error
    if status == http.client.NOT_FOUND:
        raise RuntimeFault("there is no such incident; nothing was done")
    try:
        said = json.loads(told_back)
    except ValueError as error:
        raise RuntimeFault(f"the control room answered {status} without words") from error
    if status != http.client.OK:
        raise RuntimeFault(str(said.get("error") or f"the control room answered {status}"))
    return said


def _line(installation: Installation) -> http.client.HTTPConnection:
    """A connection to the console, as it is served: by TLS we trust the very certificate that it was given."""
    named = installation.console_address
    address = "127.0.0.1" if named in LOOPBACK else EVERYWHERE.get(named, named)
    port = installation.console_port
    if not installation.tls_cert:
        return http.client.HTTPConnection(address, port, timeout=CALL_S_MAX)
    trusted = ssl.create_default_context(cafile=installation.tls_cert)
    trusted.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    trusted.check_hostname = False  # the address is this machine's, and the certificate itself is what is trusted
    return http.client.HTTPSConnection(address, port, timeout=CALL_S_MAX, context=trusted)
