"""Doors that are reached from beyond this machine: TLS only, cookies for this host only, and a port that leads there."""

import contextlib
import http.client
import os
import socket
import ssl
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from conftest import Doors
from holdfast_tests import free_port_base
from inside import make_keys
from throwaway import make_certificate

from holdfast.settings import Installation, write

pytestmark = pytest.mark.demand("G1")
ADDRESS = "127.0.0.2"
"""To the doors an address like any other that is not their own machine's; here it stays on it."""
HOST = "bank.example"


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    folder = tmp_path_factory.mktemp("outside")
    certificate, key = make_certificate(tmp_path_factory.mktemp("certificate"), HOST)
    base = free_port_base()
    home = Installation(folder, base, address=ADDRESS, host=HOST, tls_cert=str(certificate), tls_key=str(key))
    home = replace(home, http_port=base + 13)
    write(home)
    made = Doors(home)
    yield made
    made.end()


def trusting(home, versions=(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.MAXIMUM_SUPPORTED)):
    context = ssl.create_default_context(cafile=home.tls_cert)
    context.minimum_version, context.maximum_version = versions
    return context


@contextlib.contextmanager
def spoken(home, context=None, address=ADDRESS):
    """A connection by TLS, the certificate checked for HOST."""
    with (
        socket.create_connection((address, home.door_port), timeout=8) as plain,
        (context or trusting(home)).wrap_socket(plain, server_hostname=HOST) as made,
    ):
        yield made


def ask(home, method, path, headers=None, address=ADDRESS):
    """(status, headers as (name, value), body) of a request by TLS."""
    connection = http.client.HTTPConnection(HOST, home.door_port)
    with spoken(home, address=address) as connection.sock:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.getheaders(), answer.read().decode()


def cookies_of(headers):
    return [value for name, value in headers if name == "Set-Cookie"]


def test_pages_come_by_tls_alone_and_say_that_they_always_will(outside):
    home = outside.installation
    for address in (ADDRESS, "127.0.0.1"):
        status, headers, _ = ask(home, "GET", "/status", address=address)
        assert (status, dict(headers)["Strict-Transport-Security"]) == (200, "max-age=31536000; includeSubDomains")
    with pytest.raises((http.client.HTTPException, OSError)):
        outside.request("GET", "/status")


def test_old_versions_of_tls_are_not_spoken_and_each_suite_has_forward_secrecy(outside):
    home = outside.installation
    with pytest.deprecated_call():  # Python itself warns of them
        old = trusting(home, (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1))
    weak = trusting(home, (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2))
    for context, suites in ((old, "ALL:@SECLEVEL=0"), (weak, "AES128-SHA:AES256-GCM-SHA384")):
        context.set_ciphers(suites)
        with pytest.raises(OSError), spoken(home, context):
            pass
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        with spoken(home, trusting(home, (version, version))) as made:
            assert made.cipher()[0].startswith(("ECDHE-", "TLS_"))


async def _sets_cookies(request):
    answer = web.Response(text=request.headers.get("Cookie", ""))
    answer.headers.add("Set-Cookie", "hf_bank=abc; HttpOnly; Path=/; SameSite=Lax")
    answer.headers.add("Set-Cookie", "hf_device=d; HttpOnly; Max-Age=9; Path=/login; SameSite=Lax")
    answer.headers["Holdfast-Cohort"] = "7"
    return answer


def test_every_cookie_is_for_this_host_only_and_the_banks_read_none_that_another_set(outside):
    outside.primary.behave = _sets_cookies
    token = outside.cookie(7).partition("=")[2]
    sent = f"__Host-hf_cohort={token}; other=1; hf_bank=planted; __Host-hf_bank=ours"
    _, headers, seen = ask(outside.installation, "GET", "/", headers={"Cookie": sent})
    assert seen == f"hf_cohort={token}; other=1; hf_bank=ours"
    set_by_us = cookies_of(headers)
    assert {one.partition("=")[0] for one in set_by_us} == {"__Host-hf_bank", "__Host-hf_device", "__Host-hf_cohort"}
    for one in set_by_us:
        parts = [part.strip() for part in one.split(";")[1:]]
        assert parts.count("Path=/") == parts.count("Secure") == 1
        assert "HttpOnly" in parts
        assert not any(part.lower().startswith("domain") for part in parts)
    assert outside.primary.asked[-1][2]["cohort"] == 7
    outside.primary.behave = None


def test_the_choice_of_a_language_keeps_in_a_cookie_of_the_same_kind(outside):
    status, headers, _ = ask(outside.installation, "GET", "/language?to=nb&next=/status")
    (kept,) = cookies_of(headers)
    assert (status, kept.partition(";")[0]) == (303, "__Host-hf_language=nb")
    _, _, page = ask(outside.installation, "GET", "/status", headers={"Cookie": kept.partition(";")[0]})
    assert 'lang="nb"' in page


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/pay?to=1", 308),
        ("POST", "/login", 403),
        ("GET", "/api/v1/accounts", 403),
        ("POST", "/clearing/pacs.008", 403),
    ],
)
def test_the_port_without_tls_leads_pages_on_and_refuses_everything_else(outside, method, path, status):
    home, asked = outside.installation, len(outside.primary.asked)
    connection = http.client.HTTPConnection(ADDRESS, home.http_port, timeout=8)
    with contextlib.closing(connection):
        connection.request(method, path, headers={"Host": "evil.example"})
        answer = connection.getresponse()
        assert answer.status == status
        leads = f"https://{HOST}:{home.door_port}{path}" if status == 308 else None
        assert answer.getheader("Location") == leads
    assert len(outside.primary.asked) == asked


def test_a_renewed_certificate_holds_for_new_visitors_without_a_restart(outside):
    home = outside.installation

    def number():
        with spoken(home) as made:
            return int(made.getpeercert()["serialNumber"], 16)

    assert number() == 1
    make_certificate(Path(home.tls_cert).parent, HOST, number=2)
    outside.wait(lambda: {number() for _ in range(8)} == {2})


def test_without_a_certificate_a_door_refuses_to_listen_beyond_its_machine(tmp_path):
    home = Installation(tmp_path, free_port_base(), address=ADDRESS)
    write(home)
    make_keys(home.keys, "door")
    environment = {**os.environ, "HOLDFAST_DATA": str(tmp_path), "PYTHONPATH": "src"}
    command = [sys.executable, "-m", "holdfast.edge", "1"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=20, check=False)
    assert (ran.returncode, "--tls-cert" in ran.stderr, ADDRESS in ran.stderr) == (1, True, True)
