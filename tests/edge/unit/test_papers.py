"""The page on which anybody checks a statement of the bank."""

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from holdfast.contracts import papers
from holdfast.contracts.papers import ADDRESS, PURPOSE, Figure, Paper, digest_of, paper_from_payload, split_proof
from holdfast.edge import papers as serving
from holdfast.signing import create_key, load_keyring

AT = datetime(2026, 11, 22, 13, 2, 11, tzinfo=UTC)
FIGURES = (Figure("opening", 0, "NOK"), Figure("closing", 98_750, "NOK"))
PAPER = Paper("statement", "Ann <b>", "97120000018", date(2026, 1, 1), date(2026, 11, 22), 2, FIGURES, AT)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    for name in ("door", "primary", "standin"):
        create_key(folder, name)
    return {name: load_keyring(folder, name) for name in ("door", "primary", "standin")}


@asynccontextmanager
async def page(keys):
    door = SimpleNamespace(
        keyring=keys["door"], installation=SimpleNamespace(bank_name="Test <Bank>", time_zone="Europe/Oslo")
    )
    app = web.Application(client_max_size=9_000_000)
    app.add_routes(serving.Papers(door).routes())
    async with TestClient(TestServer(app)) as client:
        yield client


def sealed(keys, body, signer="primary"):
    token = keys[signer].sign(PURPOSE, replace(PAPER, digest=digest_of(body)).to_payload())
    return body + f"%holdfast-proof {token}\n".encode()


async def sent(client, file):
    form = aiohttp.FormData()
    form.add_field("file", file, filename="a.pdf", content_type="application/pdf")
    answer = await client.post(ADDRESS, data=form)
    return answer.status, await answer.text()


async def test_what_is_printed_shows_the_figures_that_the_bank_signed(keys):
    async with page(keys) as client:
        token = keys["primary"].sign(PURPOSE, PAPER.to_payload())
        answer = await client.get(ADDRESS, params={"proof": token})
        text = await answer.text()
        assert (answer.status, 'data-holds="yes"' in text) == (200, True)
        for said in ("Ann &lt;b&gt;", "9712 00 00018", "987.50", "22 November 2026", "Test &lt;Bank&gt;"):
            assert said in text, said
        nb = await client.get(ADDRESS, params={"proof": token}, headers={"Accept-Language": "nb"})
        assert "kr\u00a0987,50" in await nb.text()


async def test_a_file_as_the_bank_made_it_is_told_from_one_that_was_changed(keys):
    async with page(keys) as client:
        file = sealed(keys, b"%PDF-1.7\nkr 987.50\n")
        for whole in (file, file + b"\r\n", file[:-1]):
            status, text = await sent(client, whole)
            assert (status, 'data-holds="yes"' in text, "nothing was changed" in text) == (200, True, True)
        status, text = await sent(client, file.replace(b"987.50", b"999.99"))
        assert (status, 'data-holds="changed"' in text, 'data-holds="yes"' in text) == (422, True, False)
        assert "987.50" in text


@pytest.mark.parametrize(
    "file",
    [b"a,b\r\n1,2\r\n", b"%holdfast-proof primary.x.y\n", b"\n" * 10, b"x" * 9000, b"%holdfast-proof " + b"a" * 4000],
)
async def test_a_file_without_a_proof_of_ours_is_not_ours(keys, file):
    async with page(keys) as client:
        status, text = await sent(client, file)
        assert (status, 'data-holds="no"' in text) == (404, True)


async def test_a_proof_of_another_building_or_purpose_is_not_ours(keys):
    async with page(keys) as client:
        assert (await sent(client, sealed(keys, b"x\n", "standin")))[0] == 404
        token = keys["primary"].sign("outage confirmation", PAPER.to_payload())
        assert (await client.get(ADDRESS, params={"proof": token})).status == 404


async def test_no_file_too_much_of_one_and_too_many_at_once_are_answered_in_words(keys, monkeypatch):
    async with page(keys) as client:
        assert (await client.post(ADDRESS, data={"other": "x"})).status == 422
        assert (await sent(client, b""))[0] == 422
        monkeypatch.setattr(serving, "FILE_BYTES_MAX", 1000)
        assert (await sent(client, b"x" * 2000))[0] == 413


@pytest.mark.parametrize(
    ("place", "ruin"), [(0, "letter"), (7, [[99, 1, "NOK"]]), (3, "2026"), (5, None), (7, [[-1, 1, "NOK"]])]
)
def test_a_paper_of_another_form_is_refused(place, ruin):
    told = PAPER.to_payload()["p"]
    with pytest.raises((ValueError, TypeError)):
        paper_from_payload({"p": [*told[:place], ruin, *told[place + 1 :]]})
    with pytest.raises(ValueError, match="unpack"):
        paper_from_payload({"p": told[:-1]})
    assert paper_from_payload(PAPER.to_payload()) == PAPER


def test_the_last_line_alone_counts():
    assert split_proof(b"proof=" + b"a" * 50 + b"\nmore\n") is None
    assert split_proof(b"") is None
    assert split_proof(b"before\nCheck: http://x/y?proof=" + b"a" * 50 + b'"\r\n') == (b"before\n", "a" * 50)
    assert len(b"a" * papers.TOKEN_CHARACTERS_MAX) == 4000
