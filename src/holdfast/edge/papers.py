"""The page on which anybody checks a statement or certificate of the bank: `/papers/check`, by this door alone. By the
address that is printed on a paper, or by the file itself, which is read here and kept nowhere."""

import asyncio
import html

from aiohttp import BodyPartReader, web

from holdfast.contracts.errors import BadToken
from holdfast.contracts.papers import (
    ADDRESS,
    FILE_BYTES_MAX,
    PURPOSE,
    SIGNERS,
    TOKEN_CHARACTERS_MAX,
    Paper,
    digest_of,
    paper_from_payload,
    split_proof,
)
from holdfast.edge.pages import WORDS, language_of, page, too_large
from holdfast.edge.state import Door
from holdfast.look import Writing, with_shared
from holdfast.signing import Keyring

ALL_WORDS = with_shared(WORDS)
READ_AT_ONCE = 4
READ_S_MAX = 20.0
BROKEN = (BadToken, KeyError, ValueError, TypeError, OverflowError, OSError, IndexError)


class Papers:
    """The page's two addresses."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._places = asyncio.Semaphore(READ_AT_ONCE)

    def routes(self) -> list[web.RouteDef]:
        """GET with or without a printed proof, POST with a file."""
        return [web.get(ADDRESS, self._look), web.post(ADDRESS, self._check)]

    async def _look(self, request: web.Request) -> web.Response:
        spoken, token = self._spoken(request), request.query.get("proof", "")
        if not token:
            return _page(spoken, _form(spoken))
        try:
            paper = _read(self._door.keyring, token)
        except BROKEN:
            return self._not_ours(spoken, f"{ADDRESS}?proof=")
        return _page(spoken, self._shown(paper, spoken, "papers.figures") + _form(spoken), f"{ADDRESS}?proof={token}")

    async def _check(self, request: web.Request) -> web.Response:
        spoken = self._spoken(request)
        if self._places.locked():
            return _again(spoken, "papers.busy", 503)
        async with self._places:
            try:
                async with asyncio.timeout(READ_S_MAX):
                    file = await _file(request)
            except (TimeoutError, ValueError, OSError):
                file = b""
        if file is None:
            return too_large(FILE_BYTES_MAX, spoken.language)
        return self._judged(file, spoken) if file else _again(spoken, "papers.no_file", 422)

    def _judged(self, file: bytes, spoken: Writing) -> web.Response:
        try:
            body, token = split_proof(file) or (b"", "")
            paper = _read(self._door.keyring, token)
        except BROKEN:
            return self._not_ours(spoken)
        if paper.digest != digest_of(body):
            words = f'<p role="alert" data-holds="changed"><strong>{_said(spoken, "papers.changed")}</strong></p>'
            return _page(spoken, words + self._shown(paper, spoken, "papers.were") + _form(spoken), status=422)
        return _page(spoken, self._shown(paper, spoken, "papers.unchanged") + _form(spoken))

    def _spoken(self, request: web.Request) -> Writing:
        return Writing(ALL_WORDS[language_of(request)], self._door.installation.time_zone)

    def _not_ours(self, spoken: Writing, here: str = ADDRESS) -> web.Response:
        bank = self._door.installation.bank_name
        body = f'<p role="alert" data-holds="no">{_said(spoken, "papers.not_ours", bank=bank)}</p>' + _form(spoken)
        return _page(spoken, body, here, 404)

    def _shown(self, paper: Paper, spoken: Writing, words: str) -> str:
        """What is signed. words: what it proves."""
        rows = [
            (spoken.say("papers.owner"), paper.owner),
            (spoken.say("papers.account"), spoken.number(paper.account) if paper.account else spoken.say("papers.all")),
            (spoken.say("papers.days"), f"{spoken.day(paper.first)} – {spoken.day(paper.last)}"),
            *(
                (spoken.say(f"papers.{one.name}"), spoken.amount(one.amount_minor, one.currency))
                for one in paper.figures
            ),
            (spoken.say("papers.made"), spoken.moment(paper.made_at)),
        ]
        if paper.kind == "statement":
            rows.insert(3, (spoken.say("papers.lines"), str(paper.lines)))
        shown = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(said)}</dd>" for name, said in rows)
        said = _said(spoken, words, bank=self._door.installation.bank_name)
        marks = f'data-holds="yes" data-kind="{paper.kind}"' if words != "papers.were" else ""
        return f'<p {marks}>{said}</p><dl class="facts">{shown}</dl>'


async def _file(request: web.Request) -> bytes | None:
    """The file of the form, b"" without one; None when it is larger than it may be."""
    if not request.content_type.startswith("multipart/"):
        return b""
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name != "file":
            continue
        body = bytearray()
        while chunk := await part.read_chunk(65_536):
            body += chunk
            if len(body) > FILE_BYTES_MAX:
                return None
        return bytes(body)
    return b""


def _read(keyring: Keyring, token: str) -> Paper:
    if not token or len(token) > TOKEN_CHARACTERS_MAX:
        raise BadToken("no proof of a paper")
    return paper_from_payload(keyring.verify_large(PURPOSE, token, SIGNERS))


def _form(spoken: Writing) -> str:
    return (
        f'<form method="post" action="{ADDRESS}" enctype="multipart/form-data"><div class="field">'
        f'<label for="file">{_said(spoken, "papers.file")}</label><input id="file" name="file" type="file" required>'
        f'<p class="small">{_said(spoken, "papers.kept")}</p></div><div class="actions">'
        f'<button class="button main">{_said(spoken, "papers.check")}</button></div></form>'
    )


def _again(spoken: Writing, why: str, status: int) -> web.Response:
    return _page(spoken, f'<p role="alert">{_said(spoken, why)}</p>{_form(spoken)}', status=status)


def _page(spoken: Writing, body: str, here: str = ADDRESS, status: int = 200) -> web.Response:
    return page("papers", spoken.say("papers.title"), body, spoken.language, status=status, here=here)


def _said(spoken: Writing, key: str, **values: object) -> str:
    return html.escape(spoken.say(key, **values))
