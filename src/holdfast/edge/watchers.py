"""Who watches the watcher? When the control room is silent, the front doors wake the people it named.

The control room's desk says every few seconds that it lives, whom to wake if it no longer does, and after how many
seconds of silence (POST /-/watchers). The doors keep the last of that in a file they share; a new file is the sign of
life, so no clock of anybody's is compared. What the two doors share is also who of them wakes: whoever makes the file
`silence-N` first, and says in it once somebody was told; while nobody was, the other door does it after TAKEN_OVER_S,
so that a door that dies in between costs no alarm. Mails, webhooks, SMS through the bank's gateway, and pushes that the
control room sealed and signed beforehand, each tried a few times; then again each AGAIN_S while the silence lasts (N
counts), and a last word when it is over.
"""

import asyncio
import contextlib
import json
import re
import sqlite3
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from holdfast.edge.state import Door
from holdfast.look.mailing import MAIL_DOMAIN, StaffMail, send_mail
from holdfast.look.webhooks import post, post_json
from holdfast.telemetry import get_log

LOOK_S = 1.0
SILENT_S_MIN, SILENT_S_MAX = 2.0, 3600.0
AGAIN_S = 1800.0
TAKEN_OVER_S = 30.0
TOLD = "told"
LIMIT_S = 5.0
GAPS_S = (5.0, 15.0, 30.0, 60.0)
"""Between one attempt at an address and the next; it is given up after the last."""
WAYS_MAX = 60
ADDRESS_MAX = 500
HEADERS_MAX, PUSH_CHARS_MAX = 10, 6_000
TEXTING_S_MAX = 90.0
PHONE_FORM = re.compile(r"\+[1-9][0-9]{6,14}")
HEADER_FORM = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,999}")
MAIL_FORM = re.compile(r"[\x21-\x3f\x41-\x7e]{1,64}@[A-Za-z0-9.-]{1,253}")
Try = Callable[[bool], Awaitable[str]]
"""One attempt, and whether it is not the first; "" when somebody was reached, otherwise why not."""
log = get_log()


@dataclass(frozen=True, slots=True)
class Push:
    """A device: its push service's address, and what is posted there when it is silent and when that is over: headers
    and a body that only the device can open."""

    url: str
    silent: tuple[dict[str, str], bytes]
    over: tuple[dict[str, str], bytes]

    def to_wire(self) -> dict[str, Any]:
        """As the control room says it."""
        silent, over = ([headers, b64encode(body).decode()] for headers, body in (self.silent, self.over))
        return {"url": self.url, "silent": silent, "over": over}


@dataclass(frozen=True, slots=True)
class Watchers:
    """Whom to wake: mail addresses, webhooks, numbers with the SMS gateway for them (as Apprise has it), and devices
    with what is posted for them; after how many seconds of silence."""

    mails: tuple[str, ...]
    webhooks: tuple[str, ...]
    silent_after_s: float
    phones: tuple[str, ...] = ()
    gateway: str = ""
    pushes: tuple[Push, ...] = ()

    def count(self) -> int:
        """How many ways there are."""
        return len(self.mails) + len(self.webhooks) + len(self.phones) + len(self.pushes)


@dataclass(frozen=True, slots=True)
class Call:
    """What the people are told, the same words by each way. since: the last sign of life, by this machine's clock."""

    subject: str
    body: str
    since: datetime
    over: bool
    mark: str


def understood(said: Mapping[str, Any]) -> Watchers:
    """What the control room said; raises ValueError, KeyError or TypeError when it has not the agreed form."""
    mails, webhooks = (tuple(str(one) for one in said[name]) for name in ("mails", "webhooks"))
    after_s = float(said["silent_after_s"])
    phones = tuple(str(one) for one in said.get("phones", ()))
    gateway = str(said.get("gateway", ""))
    pushes = tuple(_push(one) for one in said.get("pushes", ()))
    watchers = Watchers(mails, webhooks, after_s, phones, gateway, pushes)
    if watchers.count() > WAYS_MAX or not SILENT_S_MIN <= after_s <= SILENT_S_MAX:
        raise ValueError(f"at most {WAYS_MAX} addresses; silence is counted in {SILENT_S_MIN:g} to {SILENT_S_MAX:g} s")
    if not all(MAIL_FORM.fullmatch(one) for one in mails):
        raise ValueError("a mail address has not the form of one")
    addresses = (*webhooks, *(one.url for one in pushes))
    if not all(len(one) <= ADDRESS_MAX and urlsplit(one).scheme in ("https", "http") for one in addresses):
        raise ValueError("a webhook and a push service are https addresses")
    if len(gateway) > ADDRESS_MAX or not all(PHONE_FORM.fullmatch(one) for one in phones):
        raise ValueError("a number for SMS is + and 7 to 15 digits")
    return watchers


def _push(said: Mapping[str, Any]) -> Push:
    return Push(str(said["url"]), _posted(said["silent"]), _posted(said["over"]))


def _posted(said: Any) -> tuple[dict[str, str], bytes]:
    """Headers and body as they are posted: none that could end one and begin another."""
    headers, text = said
    found = {str(name): str(value) for name, value in dict(headers).items()}
    plain = all(HEADER_FORM.fullmatch(one) for pair in found.items() for one in pair)
    if len(found) > HEADERS_MAX or not plain or len(text) > PUSH_CHARS_MAX:
        raise ValueError("a push has a few plain headers and a short body")
    return found, b64decode(text, validate=True)


def keep(folder: Path, watchers: Watchers) -> None:
    """Keep it for both doors; that alone is the sign of life. Raises OSError on a full disk."""
    part = folder / "watchers.part"
    part.touch(mode=0o600)
    told = {
        "mails": watchers.mails,
        "webhooks": watchers.webhooks,
        "silent_after_s": watchers.silent_after_s,
        "phones": watchers.phones,
        "gateway": watchers.gateway,
        "pushes": [one.to_wire() for one in watchers.pushes],
    }
    part.write_text(json.dumps(told))
    part.replace(folder / "watchers.json")


class Watch:
    """One door's look at the control room's signs of life; instants are monotonic seconds of this process."""

    def __init__(self, folder: Path, now: float) -> None:
        self._path = folder / "watchers.json"
        self._folder = folder
        self._file = 0
        self._heard_at = now
        self._heard = datetime.now(UTC)
        self._woken_at: float | None = None
        self._times = 0
        self._others_since: float | None = None
        self.watchers: Watchers | None = None
        self._fresh()  # what was there when this door began is no sign of life

    def look(self, now: float) -> Call | None:
        """Take notice of a new sign of life, or of none for too long: what is to be told, once over both doors."""
        fresh = self._fresh()
        if fresh:
            self._heard_at, before = now, self._heard
            self._heard = datetime.now(UTC)
            self._woken_at = self._others_since = None
            self._times = 0
            if self._ended():
                return self._over(before)
        if self.watchers is None or now - self._heard_at < self.watchers.silent_after_s:
            return None
        if self._woken_at is not None and now - self._woken_at < AGAIN_S:
            return self._instead(now)
        self._times += 1
        self._woken_at = now
        if self._first():
            return self._silent()
        self._others_since = now
        return None

    def told(self) -> None:
        """Somebody was reached: the other door need not do it."""
        with contextlib.suppress(OSError):
            self._claim(self._times).write_text(TOLD)

    def _instead(self, now: float) -> Call | None:
        """What the other door took upon itself and did not get done."""
        if self._others_since is None or now - self._others_since < TAKEN_OVER_S:
            return None
        self._others_since = None
        try:
            done = self._claim(self._times).read_text() == TOLD
        except OSError:
            done = False
        return None if done else self._silent()

    def _claim(self, times: int) -> Path:
        return self._folder / f"silence-{times}"

    def _ended(self) -> bool:
        """Take the marks of the silence away; whether this door is the one that does, and so says that it is over."""
        ours = False
        with contextlib.suppress(OSError):
            self._claim(1).unlink()
            ours = True
        for rest in self._folder.glob("silence-*"):
            with contextlib.suppress(OSError):
                rest.unlink()
        return ours

    def _fresh(self) -> bool:
        try:
            number = self._path.stat().st_mtime_ns ^ self._path.stat().st_ino
            if number == self._file:
                return False
            self.watchers = understood(json.loads(self._path.read_text()))
        except (OSError, ValueError, KeyError, TypeError):
            return False
        self._file = number
        return True

    def _first(self) -> bool:
        """Whether this door is the one that wakes; a full disk wakes twice rather than never."""
        try:
            self._claim(self._times).touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            return False
        except OSError:
            return True
        return True

    def _silent(self) -> Call:
        since = f"{self._heard:%Y-%m-%d %H:%M:%S} UTC"
        body = (
            f"The front doors have not heard from the control room since {since}.\n"
            "While it is silent nobody is woken for anything else, no incident is opened and customers are told "
            "nothing new. The banks and the doors work on without it.\n\n"
            "At the machine: ./holdfast status says what runs; ./holdfast mend control starts it again.\n"
        )
        return Call(
            "The control room is silent", body, self._heard, False, f"silent-{int(self._heard.timestamp() * 1000)}"
        )

    def _over(self, before: datetime) -> Call:
        body = (
            f"The control room speaks again. The front doors had not heard from it since {before:%Y-%m-%d %H:%M:%S} "
            "UTC. Look at its page Now: what happened meanwhile was not seen by it.\n"
        )
        mark = f"speaks-{int(before.timestamp() * 1000)}"
        return Call("The control room speaks again", body, before, True, mark)


async def watch_the_control_room(door: Door) -> None:
    """Look each second, and wake people; a sick mail server or disk ends nothing."""
    watch = Watch(door.folder, time.monotonic())
    waking: set[asyncio.Task[None]] = set()
    while True:
        call = watch.look(time.monotonic())
        if call is not None and watch.watchers is not None:
            task = asyncio.create_task(_wake(door, call, watch))
            waking.add(task)
            task.add_done_callback(waking.discard)
        await asyncio.sleep(LOOK_S)


async def _wake(door: Door, call: Call, watch: Watch) -> None:
    watchers = watch.watchers or Watchers((), (), SILENT_S_MAX)
    log.error(call.subject, since=call.since.isoformat(), woken=watchers.count())
    with contextlib.suppress(sqlite3.OperationalError):
        words = f"{call.subject}; {watchers.count()} ways to wake people were tried"
        await door.ask(lambda: door.register.event("watchers", words, {"over": call.over}))
    told = {"words": call.subject, "since": call.since.isoformat(), "over": call.over, "call": call.mark}
    tries: list[tuple[str, Try]] = []
    for address in watchers.mails:
        tries.append(("mail", partial(_mail, door, call, address)))
    for address in watchers.webhooks:
        tries.append(("webhook", partial(_post, address, told)))
    for push in watchers.pushes:
        tries.append(("push", partial(_push_out, push, call.over)))
    if watchers.phones:
        tries.append(("sms", partial(_text, watchers.gateway, list(watchers.phones), call.subject)))
    await asyncio.gather(*(_tell(call, watch, way, attempt) for way, attempt in tries))


async def _tell(call: Call, watch: Watch, way: str, attempt: Try) -> None:
    """Try one way a few times."""
    trouble = ""
    for number, gap_s in enumerate((*GAPS_S, 0.0)):
        trouble = await attempt(number > 0)
        if not trouble:
            if not call.over:
                watch.told()
            return
        await asyncio.sleep(gap_s)
    log.error("somebody could not be woken", way=way, why=trouble)


async def _mail(door: Door, call: Call, address: str, again: bool) -> str:
    home = door.installation
    mail = StaffMail(address, call.subject, call.body, f"<{call.mark}-{door.name}@{MAIL_DOMAIN}>", again)
    return await asyncio.to_thread(send_mail, mail, home.mail_place, home.bank_name, "front-doors", LIMIT_S)


async def _post(address: str, told: Mapping[str, object], _again: bool) -> str:
    return await asyncio.to_thread(post_json, address, told, LIMIT_S)


async def _push_out(push: Push, over: bool, _again: bool) -> str:
    headers, body = push.over if over else push.silent
    status, trouble = await asyncio.to_thread(post, push.url, body, headers, LIMIT_S)
    if trouble:
        return f"the push service {trouble}"
    return "" if 200 <= status < 300 else f"the push service answered {status}"


async def _text(gateway: str, phones: list[str], words: str, _again: bool) -> str:
    """Text everybody who is left, by a process of its own: what it loads would hold customers up here. Who was reached
    is taken off the list, so that only the others are tried again."""
    asked = json.dumps({"gateway": gateway, "phones": phones, "words": words}).encode()
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "holdfast.look.texting", stdin=PIPE, stdout=PIPE, stderr=DEVNULL
        )
    except OSError as error:
        return f"no SMS could be sent ({type(error).__name__})"
    try:
        out, _ = await asyncio.wait_for(process.communicate(asked), TEXTING_S_MAX)
        said = dict(json.loads(out))
    except (TimeoutError, ValueError, TypeError) as error:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        return f"no SMS could be sent ({type(error).__name__})"
    phones[:] = [one for one in phones if said.get(one, "not tried")]
    return "; ".join(sorted({str(said.get(one, "not tried")) for one in phones}))
