"""A support desk as small as the doors' chat needs: it answers as the contract says, and keeps what it was asked."""

import asyncio
import threading
import time
from dataclasses import replace

from aiohttp import web

from holdfast.contracts.subscribing import Outcome, Shown
from holdfast.contracts.support import Refused, Said, State, View, Who, asking_from_wire, conversation_of
from holdfast.signing.inside import Inside


class PretendDesk:
    """Conversations in memory, by the real wire: mutual TLS, signed calls. refuse: what every act is refused for."""

    def __init__(self, installation, keyring):
        self.inside = Inside(installation.keys, "control", serves=True)
        self.port, self.keyring = installation.support_port, keyring
        self.inboxes, self.slow_s = {}, 0.0
        self.at_once, self.at_once_most = 0, 0
        self.views, self.asked, self.refuse, self.loop = {}, [], "", asyncio.new_event_loop()
        self.followed = {"ready": Shown(Outcome.READY)}
        self.runner = None
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.open()

    def open(self):
        asyncio.run_coroutine_threadsafe(self._open(), self.loop).result(5)

    def shut(self):
        if self.runner:
            asyncio.run_coroutine_threadsafe(self.runner.cleanup(), self.loop).result(5)
            self.runner = None

    def end(self):
        self.shut()
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.5), self.loop).result(5)  # what was under way ends
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()

    def say(self, conversation, words, state=State.OPEN):
        """A person says something."""
        old = self.views[conversation]
        line = Said(old.last + 1, Who.PERSON, time.time(), words, "Kim")
        lines = (*old.lines, line)
        self.views[conversation] = replace(
            old, version=old.version + 1, last=line.number, lines=lines, state=state, by="Kim"
        )

    async def _open(self):
        app = web.Application()
        app.router.add_post("/-/chat/{what}", self._answer)
        app.router.add_post("/-/subscribe/{what}", self._follow)
        app.router.add_post("/-/inbox/{what}", self._inbox)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self.port, reuse_address=True, ssl_context=self.inside).start()

    async def _answer(self, request):
        raw = await request.read()
        assert self.keyring.verify_call(request.headers["Holdfast-Caller"], request.path, {"door"}, raw) == "door"
        said, what = await request.json(), request.match_info["what"]
        if what == "news":
            return await self._news(said)
        self.asked.append((what, said))
        if self.refuse:
            return web.json_response({"refused": self.refuse}, status=409)
        asking = asking_from_wire(said)
        ident = asking.conversation or (conversation_of(said["message"]) if what == "say" else "")
        if ident not in self.views:
            if what != "say":
                return web.json_response({"refused": Refused.OVER.value}, status=409)
            self.views[ident] = View(ident, State.HELPER, 1, 0)
        if what == "say":
            old = self.views[ident]
            line = Said(old.last + 1, Who.CUSTOMER, time.time(), said["words"])
            state = State.WAITING if said["person"] else old.state
            self.views[ident] = replace(
                old, version=old.version + 1, last=line.number, lines=(*old.lines, line), state=state, ahead=2
            )
        return web.json_response(self._seen(ident, said.get("after", 0)))

    def _seen(self, ident, after):
        one = self.views[ident]
        return replace(one, lines=tuple(line for line in one.lines if line.number > after)).to_wire()

    async def _follow(self, request):
        """Subscriptions: answered as `followed` says, by what is asked."""
        raw = await request.read()
        assert self.keyring.verify_call(request.headers["Holdfast-Caller"], request.path, {"door"}, raw) == "door"
        what = request.match_info["what"]
        self.asked.append((what, await request.json()))
        return web.json_response(self.followed.get(what, Shown(Outcome.UNKNOWN)).to_wire())

    async def _inbox(self, request):
        raw = await request.read()
        assert self.keyring.verify_call(request.headers["Holdfast-Caller"], request.path, {"door"}, raw) == "door"
        said = await request.json()
        self.asked.append((f"inbox {request.match_info['what']}", said))
        self.at_once += 1
        self.at_once_most = max(self.at_once, self.at_once_most)
        await asyncio.sleep(self.slow_s)
        self.at_once -= 1
        found = self.inboxes.get(said["customer"], {"letters": [], "unread": 0, "more": False})
        return web.json_response(found if request.match_info["what"] == "read" else {"unread": found["unread"]})

    async def _news(self, said):
        ends = time.monotonic() + said["wait_ms"] / 1000
        while True:
            found = [
                self._seen(ident, last)
                for ident, (version, last, _) in said["seen"].items()
                if ident in self.views and self.views[ident].version > version
            ]
            if found or time.monotonic() > ends:
                return web.json_response({"views": found})
            await asyncio.sleep(0.01)
