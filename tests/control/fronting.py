"""A front door for journeys, as small as they need: pages with the marks that docs/reference/wire.md promises, over real
HTTP. It knows one test customer at a time, and what it is told to get wrong."""

import re
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from holdfast.control.journeys.logins import Login


class Front:
    """Serves while `with` lasts. bank: who it says served; wrong: paths (with method) that answer another page."""

    def __init__(self, port: int, who: Login) -> None:
        self.who, self.bank = who, "primary"
        self.wrong: dict[str, tuple[int, str]] = {}
        self.stalled_s = 0.0
        self.sessions: set[str] = set()
        self.codes: list[str] = []
        self.paid: list[dict[str, str]] = []
        self.asked: list[str] = []
        front = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                front.answer(self, {})

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                front.answer(self, dict(parse_qsl(raw, keep_blank_values=True)))

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> "Front":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, handler: BaseHTTPRequestHandler, form: dict[str, str]) -> None:
        """One request."""
        what = f"{handler.command} {handler.path}"
        self.asked.append(what)
        time.sleep(self.stalled_s)
        cookie = dict(parse_qsl(handler.headers.get("Cookie", "").replace("; ", "&"))).get("hf_bank", "")
        told: dict[str, str] = {}
        if what in self.wrong:
            status, page = self.wrong[what]
        elif what == "POST /login":
            status, page, told = self._login(form)
        elif cookie not in self.sessions:
            status, page, told = 303, "", {"Location": "/login"}
        elif what == "POST /pay":
            self.paid.append(form)
            status, page, told = 303, "", {"Location": f"/receipt/{form['id']}"}
        else:
            status, page = 200, self._page(handler.path)
        if what == "GET /login" and what not in self.wrong:
            status, page, told = 200, '<body data-page="login">', {}
        raw = page.encode()
        handler.send_response(status)
        for name, value in {**told, "Holdfast-Served-By": self.bank, "Content-Length": str(len(raw))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(raw)

    def _login(self, form: dict[str, str]) -> tuple[int, str, dict[str, str]]:
        if "proof" in form:
            self.codes.append(form["code"])
            session = uuid.uuid4().hex
            self.sessions.add(session)
            return 303, "", {"Location": "/", "Set-Cookie": f"hf_bank={session}; Path=/; HttpOnly"}
        if (form["username"], form["password"]) != (self.who.username, self.who.password):
            return 422, '<body data-page="login"><form data-problem="wrong">', {}
        return 200, '<body data-page="login-code"><input name="proof" value="p&amp;q">', {}

    def _page(self, path: str) -> str:
        account = f'<section data-account="{self.who.account}" data-balance-minor="5000"></section>'
        ids = [uuid.UUID(one["id"]).hex for one in self.paid]
        if path == "/":
            return f'<body data-page="overview">{account}'
        if path == "/pay":
            return f'<body data-page="pay"><input name="id" value="{uuid.uuid4()}"><input name="birth" value="b">'
        if receipt := re.fullmatch(r"/receipt/([0-9a-f-]{36})", path):
            return f'<body data-page="receipt"><section data-payment="{receipt.group(1)}" data-outcome="done">'
        return f'<body data-page="account">{account}' + "".join(f'<li data-payment="{one}">' for one in ids)
