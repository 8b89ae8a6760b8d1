"""Opening an installation beyond this machine: with a certificate that holds, or not at all."""

import pytest
from throwaway import make_certificate

from holdfast.runtime import installing
from holdfast.runtime.beyond import Beyond, open_beyond
from holdfast.runtime.errors import RuntimeFault
from holdfast.settings import load

pytestmark = pytest.mark.demand("G1")


@pytest.fixture
def data(tmp_path):
    installing.prepare(tmp_path / "bank", 18_080)
    return tmp_path / "bank"


def test_what_was_asked_holds_for_later_starts_too(data, tmp_path):
    certificate, key = make_certificate(tmp_path, "bank.example")
    asked = Beyond("127.0.0.2", "127.0.0.2", "bank.example", certificate, key, 18_079)
    open_beyond(data, None, asked, wires=False, rehearsed=False)
    home = load(data)
    assert (home.door_origin, home.console_origin) == ("https://bank.example:18080", "https://bank.example:18081")
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
    certificate, key = make_certificate(tmp_path, "bank.example")
    both = {"address": "127.0.0.2", "host": "bank.example", "tls_cert": certificate, "tls_key": key}
    assert "not for another.example" in refused(data, **{**both, "host": "another.example"})
    assert "give both --tls-cert and --tls-key" in refused(data, address="127.0.0.2", tls_cert=certificate)
    assert "cannot be read" in refused(data, **{**both, "tls_key": tmp_path / "none.key"})
    key.chmod(0o640)
    assert "others may read the key" in refused(data, **both)
    key.chmod(0o600)
    key.write_text("no key")
    assert "no certificate with its key" in refused(data, **both)
    make_certificate(tmp_path, "bank.example", days=-1)
    assert "get a new one" in refused(data, **both)


def test_a_star_stands_for_one_label(data, tmp_path):
    certificate, key = make_certificate(tmp_path, "*.bank.example")
    both = {"address": "127.0.0.2", "tls_cert": certificate, "tls_key": key}
    for host in ("bank.example", "a.b.bank.example"):
        assert "not for" in refused(data, **both, host=host)
    open_beyond(data, None, Beyond(**both, host="www.bank.example"), wires=False, rehearsed=False)
    assert load(data).door_origin == "https://www.bank.example:18080"
