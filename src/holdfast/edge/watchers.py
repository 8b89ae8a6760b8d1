"""Who watches the watcher? When the control room is silent, the front doors wake the people it named.

The control room's desk says every few seconds that it lives, whom to wake if it no longer does, and after how many
seconds of silence (POST /-/watchers). The doors keep the last of that in a file they share; a new file is the sign of
life, so no clock of anybody's is compared. What the two doors share is also who of them wakes: whoever makes the file
`silence-N` first, and says in it once somebody was told; while nobody was, the other door does it after TAKEN_OVER_S,
so that a door that dies in between costs no alarm. Mails and webhooks only, tried a few times; then again each AGAIN_S
while the silence lasts (N counts), and a last word when it is over.
"""

import asyncio
import contextlib
import json
import re
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from holdfast.edge.state import Door
from holdfast.look.mailing import MAIL_DOMAIN, StaffMail, send_mail
from holdfast.look.webhooks import post_json
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
MAIL_FORM = re.compile(r"[\x21-\x3f\x41-\x7e]{1,64}@[A-Za-z0-9.-]{1,253}")
log = get_log()


@dataclass(frozen=True, slots=True)
class Watchers:
    """Whom to wake: mail addresses and webhooks; after how many seconds of silence."""

    mails: tuple[str, ...]
    webhooks: tuple[str, ...]
    silent_after_s: float


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
    if len(mails) + len(webhooks) > WAYS_MAX or not SILENT_S_MIN <= after_s <= SILENT_S_MAX:
        raise ValueError(f"at most {WAYS_MAX} addresses; silence is counted in {SILENT_S_MIN:g} to {SILENT_S_MAX:g} s")
    if not all(MAIL_FORM.fullmatch(one) for one in mails):
        raise ValueError("a mail address has not the form of one")
    if not all(len(one) <= ADDRESS_MAX and urlsplit(one).scheme in ("https", "http") for one in webhooks):
        raise ValueError("a webhook is an https address")
    return Watchers(mails, webhooks, after_s)


def keep(folder: Path, watchers: Watchers) -> None:
    """Keep it for both doors; that alone is the sign of life. Raises OSError on a full disk."""
    part = folder / "watchers.part"
    part.touch(mode=0o600)
    part.write_text(
        json.dumps({"mails": watchers.mails, "webhooks": watchers.webhooks, "silent_after_s": watchers.silent_after_s})
    )
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
    ways = [("mail", one) for one in watchers.mails] + [("webhook", one) for one in watchers.webhooks]
    log.error(call.subject, since=call.since.isoformat(), woken=len(ways))
    with contextlib.suppress(sqlite3.OperationalError):
        words = f"{call.subject}; {len(ways)} ways to wake people were tried"
        await door.ask(lambda: door.register.event("watchers", words, {"over": call.over}))
    await asyncio.gather(*(_tell(door, call, watch, way, address) for way, address in ways))


async def _tell(door: Door, call: Call, watch: Watch, way: str, address: str) -> None:
    home = door.installation
    trouble = ""
    for attempt, gap_s in enumerate((*GAPS_S, 0.0)):
        if way == "mail":
            ident = f"<{call.mark}-{door.name}@{MAIL_DOMAIN}>"
            mail = StaffMail(address, call.subject, call.body, ident, attempt > 0)
            trouble = await asyncio.to_thread(send_mail, mail, home.mail_place, home.bank_name, "front-doors", LIMIT_S)
        else:
            told = {"words": call.subject, "since": call.since.isoformat(), "over": call.over, "call": call.mark}
            trouble = await asyncio.to_thread(post_json, address, told, LIMIT_S)
        if not trouble:
            if not call.over:
                watch.told()
            return
        await asyncio.sleep(gap_s)
    log.error("somebody could not be woken", way=way, why=trouble)
