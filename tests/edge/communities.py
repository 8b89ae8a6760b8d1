"""A control room as small as the doors' community needs: it answers by the real wire with what a test gives it, and keeps
what it was asked."""

import asyncio
import threading

from aiohttp import web

from holdfast.contracts.community import who_from_wire
from holdfast.contracts.shapes import to_wire
from holdfast.signing.inside import Inside


class PretendRoom:
    """seen: the shape for each look; refuse: what every deed is refused for."""

    def __init__(self, installation, keyring):
        self.inside = Inside(installation.keys, "control", serves=True)
        self.port, self.keyring = installation.support_port, keyring
        self.seen, self.asked, self.refuse, self.number = {}, [], "", 7
        self.loop, self.runner = asyncio.new_event_loop(), None
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

    def deeds(self):
        """What was asked to be done, without what was only looked at."""
        return [(what, said) for what, said in self.asked if what not in self.seen]

    async def _open(self):
        app = web.Application()
        app.router.add_post("/-/community/{what}", self._answer)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self.port, reuse_address=True, ssl_context=self.inside).start()

    async def _answer(self, request):
        raw = await request.read()
        assert self.keyring.verify_call(request.headers["Holdfast-Caller"], request.path, {"door"}, raw) == "door"
        said, what = await request.json(), request.match_info["what"]
        who_from_wire(said)
        self.asked.append((what, said))
        if what in self.seen:
            shape = self.seen[what]
            return (
                web.json_response({"refused": "gone"}, status=409)
                if shape is None
                else web.json_response(to_wire(shape))
            )
        if self.refuse:
            return web.json_response({"refused": self.refuse}, status=409)
        return web.json_response({"number": self.number})
