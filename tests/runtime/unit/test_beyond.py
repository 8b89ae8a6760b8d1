"""Opening an installation beyond this machine: with a certificate that holds, or not at all."""

import pytest
from throwaway import make_certificate, make_certified

from holdfast.runtime import installing
from holdfast.runtime.beyond import Beyond, open_beyond
from holdfast.runtime.errors import RuntimeFault
from holdfast.settings import load
from holdfast.signing import tls

pytestmark = pytest.mark.demand("G1")
STAFF = "staff.bank.example"


@pytest.fixture
def data(tmp_path):
    installing.prepare(tmp_path / "bank", 18_080)
    return tmp_path / "bank"


def test_what_was_asked_holds_for_later_starts_too(data, tmp_path):
    certificate, key = make_certificate(tmp_path / "certificate", "bank.example", STAFF)
    asked = Beyond("127.0.0.2", "127.0.0.2", "bank.example", certificate, key, 18_079, STAFF, own_authority=True)
    open_beyond(data, None, asked, wires=False, rehearsed=False)
    home = load(data)
    assert (home.door_origin, home.console_origin) == ("https://bank.example:18080", f"https://{STAFF}:18081")
    assert home.own_authority
    open_beyond(data, None, Beyond(), wires=False, rehearsed=False)
    assert load(data) == home
    open_beyond(data, None, Beyond(address="localhost", console_address="localhost"), wires=False, rehearsed=False)
    assert not load(data).beyond


def refused(data, **asked):
    """What is said to what was asked; nothing is changed by it."""
    before = (data / "settings.json").read_bytes()
    with pytest.raises(RuntimeFault) as told:
        open_beyond(data, None, Beyond(**asked), wires=False, rehearsed=False)
    assert (data / "settings.json").read_bytes() == before
    return str(told.value)


def test_beyond_this_machine_only_tls_is_spoken(data):
    assert "only TLS is spoken" in refused(data, address="0.0.0.0")  # noqa: S104  # it is refused
    assert "only TLS is spoken" in refused(data, console_address="127.0.0.2")


def test_a_certificate_that_cannot_serve_is_refused_in_words(data, tmp_path):
    certificate, key = make_certificate(tmp_path / "certificate", "bank.example", STAFF)
    both = {"address": "127.0.0.2", "host": "bank.example", "tls_cert": certificate, "tls_key": key}
    both |= {"console_host": STAFF, "own_authority": True}
    assert "not for another.example" in refused(data, **{**both, "host": "another.example"})
    assert "give both --tls-cert and --tls-key" in refused(data, address="127.0.0.2", tls_cert=certificate)
    assert "cannot be read" in refused(data, **{**both, "tls_key": key.with_name("none.key")})
    key.chmod(0o640)
    assert "others may read the key" in refused(data, **both)
    key.chmod(0o600)
    key.write_text("no key")
    assert "no certificate with its key" in refused(data, **both)
    make_certificate(tmp_path / "certificate", "bank.example", days=-1)
    assert "get a new one" in refused(data, **both)


def test_a_certificate_beside_the_data_is_refused_in_words(data):
    for folder in (data, data.parent):
        certificate, key = make_certificate(folder, "bank.example", STAFF)
        both = {"address": "127.0.0.2", "host": "bank.example", "tls_cert": certificate, "tls_key": key}
        assert "a folder of their own" in refused(data, console_host=STAFF, own_authority=True, **both)


def test_a_star_stands_for_one_label(data, tmp_path):
    certificate, key = make_certificate(tmp_path / "certificate", "*.bank.example")
    both = {"address": "127.0.0.2", "tls_cert": certificate, "tls_key": key}
    both |= {"console_host": STAFF, "own_authority": True}
    for host in ("bank.example", "a.b.bank.example"):
        assert "not for" in refused(data, **both, host=host)
    open_beyond(data, None, Beyond(**both, host="www.bank.example"), wires=False, rehearsed=False)
    assert load(data).door_origin == "https://www.bank.example:18080"


def test_the_console_has_a_name_of_its_own_beyond_this_machine(data, tmp_path):
    certificate, key = make_certificate(tmp_path / "certificate", "bank.example")
    both = {"address": "127.0.0.2", "host": "bank.example", "tls_cert": certificate, "tls_key": key}
    both["own_authority"] = True
    assert "--console-host" in refused(data, **both)
    assert "--console-host" in refused(data, **both, console_host="BANK.example")
    assert f"not for {STAFF}" in refused(data, **both, console_host=STAFF)


def test_a_certificate_that_the_public_does_not_trust_needs_a_word(data, tmp_path, monkeypatch):
    certificate, key, authority = make_certified(tmp_path / "certificate", "bank.example", STAFF)
    both = {"address": "127.0.0.2", "host": "bank.example", "tls_cert": certificate, "tls_key": key}
    both["console_host"] = STAFF
    assert "--own-authority" in refused(data, **both)
    monkeypatch.setattr(tls, "public_authorities", lambda: [authority])
    open_beyond(data, None, Beyond(**both), wires=False, rehearsed=False)
    assert not load(data).own_authority
    monkeypatch.setattr(tls, "public_authorities", list)
    with pytest.raises(RuntimeFault, match="ca-certificates"):
        open_beyond(data, None, Beyond(), wires=False, rehearsed=False)  # looked at anew at each start


def test_this_systems_own_list_of_authorities_is_read():
    assert len(tls.public_authorities()) > 20


def test_a_mail_server_is_named_with_its_port(data):
    assert "no mail server" in refused(data, mail_server="mail.example")
    assert "no mail server" in refused(data, mail_server="mail.example:0")
    open_beyond(data, None, Beyond(mail_server="mail.example:587"), wires=False, rehearsed=False)
    assert load(data).mail_place == ("mail.example", 587)
