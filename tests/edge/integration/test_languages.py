"""The customer's language at the doors: chosen at one address, kept in a cookie, handed to both banks."""

import time
import uuid

from aiohttp import web
from behaviours import fails

from holdfast.look import banner_from_header


def test_the_choice_is_kept_and_leads_back(doors):
    status, headers, _ = doors.request("GET", "/language?to=nb&next=%2Fpay%3Ffrom%3D10")
    assert (status, headers["Location"]) == (303, "/pay?from=10")
    assert headers["Set-Cookie"].startswith("hf_language=nb; HttpOnly; Max-Age=")
    for path, to in (("/language?to=xx", "/"), ("/language", "/"), ("/language?to=%3Cb%3E&next=//evil.example", "/")):
        status, headers, _ = doors.request("GET", path)
        assert (status, headers["Location"]) == (303, to)
        assert "Set-Cookie" not in headers
    assert doors.primary.asked == doors.standin.asked == []


def test_both_banks_get_the_banner_in_both_languages(doors):
    seen = {"primary": [], "standin": []}

    def sees(name):
        async def behave(request):
            seen[name].append(request.headers.get("Holdfast-Banner"))
            return web.Response(text="ok")

        return behave

    doors.primary.behave, doors.standin.behave = sees("primary"), sees("standin")
    banner = {"number": 1, "incident": 7, "signal": "notice", "headline": "A fault", "lines": [], "language": "en"}
    token = doors.keys["control"].sign(
        "bundle",
        {
            "number": int(time.time()) + 1,
            "status": {"en": "all well", "nb": "alt virker"},
            "banner": {"en": banner, "nb": banner | {"headline": "En feil", "language": "nb"}},
        },
    )
    headers = {"Holdfast-Caller": doors.keys["control"].call("door", "/-/bundle", token.encode())}
    port = doors.installation.door_internal_port
    assert doors.request("POST", "/-/bundle", token.encode(), headers, port=port)[0] == 200
    cookie = {"Cookie": doors.cookie(3) + "; hf_language=nb"}

    def told_by_all():
        seen["primary"].clear()
        for _ in range(8):
            doors.request("GET", "/", headers=cookie)
        return all(banner_from_header(one, "nb") and banner_from_header(one).incident for one in seen["primary"])

    doors.wait(told_by_all)
    doors.primary.behave = fails
    doors.request("GET", "/", headers=cookie)
    for name in ("primary", "standin"):
        said = [banner_from_header(seen[name][-1], language).headline for language in ("en", "nb")]
        assert said == ["A fault", "En feil"]
    told = [
        doors.request("GET", path, headers=headers)[2]
        for path, headers in (
            ("/status", {}),
            ("/status", {"Cookie": "hf_language=nb"}),
            ("/status", {"Accept-Language": "no"}),
            ("/status?language=en", {"Cookie": "hf_language=nb"}),
        )
    ]
    assert told == [b"all well", b"alt virker", b"alt virker", b"all well"]


def test_with_both_banks_gone_a_norwegian_customer_reads_it_in_norwegian(doors):
    doors.primary.shut()
    doors.standin.behave = fails
    ident = uuid.uuid4().hex
    headers = {
        "Cookie": doors.cookie(41) + "; hf_language=nb",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    status, _, body = doors.request("POST", "/pay", f"id={ident}&birth=x".encode(), headers)
    assert (status, ident in body.decode()) == (503, True)
    assert "aldri utført to ganger" in body.decode()
    status, _, body = doors.request("GET", "/nowhere", headers={"Accept-Language": "nb-NO"})
    assert (status, '<html lang="nb">' in body.decode()) == (404, True)
