"""The buildings' own authority: certificates made, renewed, mended, and refused in words."""

import socket
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from holdfast.runtime import installing
from holdfast.runtime.errors import RuntimeFault
from holdfast.signing import inside
from holdfast.signing.authority import (
    AuthorityFault,
    authority_file,
    ensure,
    forget_old,
    issue,
    leaf_file,
    new_authority,
    read_held,
    trusted,
    trusted_file,
)
from holdfast.signing.inside import Inside

pytestmark = pytest.mark.demand("G1")
NAMES = {"door": (), "primary": ()}


@pytest.fixture
def keys(tmp_path):
    ensure(tmp_path / "keys", NAMES)
    return tmp_path / "keys"


@pytest.fixture(autouse=True)
def looks_at_once(monkeypatch):
    monkeypatch.setattr(inside, "LOOK_S", 0.0)


@contextmanager
def serving(context):
    """A server of one building that says "hello" to whoever proves itself; gives its port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                plain, _ = listening.accept()
            except OSError:
                return
            plain.settimeout(3)
            try:
                with context.wrap_socket(plain, server_side=True) as link:
                    link.sendall(b"hello")
            except OSError:
                plain.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def hello(context, port, to="primary"):
    """What a server says, and the number of its certificate."""
    with (
        socket.create_connection(("127.0.0.1", port), 3) as plain,
        context.wrap_socket(plain, server_hostname=to) as link,
    ):
        shown = x509.load_der_x509_certificate(link.getpeercert(True))
        return link.recv(100), link.version(), shown.serial_number


def test_both_ends_prove_themselves_and_the_right_building_is_meant(keys):
    door = Inside(keys, "door", serves=False)
    with serving(Inside(keys, "primary", serves=True)) as port:
        assert hello(door, port)[:2] == (b"hello", "TLSv1.3")
        with pytest.raises(ssl.SSLCertVerificationError):
            hello(door, port, to="standin")
        nobody = ssl.create_default_context(cafile=trusted_file(keys))
        with pytest.raises(OSError, match="certificate required"):
            hello(nobody, port)


def test_who_has_a_certificate_of_another_authority_is_refused_at_both_ends(keys, tmp_path):
    other = tmp_path / "other"
    ensure(other, NAMES)
    with serving(Inside(keys, "primary", serves=True)) as port, pytest.raises(ssl.SSLCertVerificationError):
        hello(Inside(other, "door", serves=False), port)
    trusting = ssl.create_default_context(cafile=trusted_file(keys))
    trusting.load_cert_chain(leaf_file(other, "door"))
    with serving(Inside(keys, "primary", serves=True)) as port, pytest.raises(OSError, match="unknown ca"):
        hello(trusting, port)


def test_a_renewed_certificate_and_a_new_authority_are_taken_without_a_restart(keys):
    door = Inside(keys, "door", serves=False)
    with serving(Inside(keys, "primary", serves=True)) as port:
        first = hello(door, port)[2]
        issue(keys, "primary")
        second = hello(door, port)[2]
        new_authority(keys)
        assert hello(door, port)[2] == second  # both authorities are believed
        ensure(keys, NAMES)
        third = hello(door, port)[2]
        forget_old(keys)
        assert hello(door, port)[2] == third
    assert len({first, second, third}) == 3
    assert len(trusted(keys)) == 1


def test_a_change_of_the_authority_that_is_begun_again_cuts_no_building_off(keys):
    door = Inside(keys, "door", serves=False)
    with serving(Inside(keys, "primary", serves=True)) as port:
        for _ in range(2):
            new_authority(keys)
            assert hello(door, port)[0] == b"hello"  # by certificates of the first authority
        ensure(keys, NAMES)
        forget_old(keys)
        assert hello(door, port)[0] == b"hello"
    assert len(trusted(keys)) == 1


def test_certificates_begin_a_day_early_and_are_renewed_a_month_before_their_end(keys):
    held = read_held(leaf_file(keys, "door"))
    now = datetime.now(UTC)
    assert held.certificate.not_valid_before_utc <= now - timedelta(hours=23)
    assert held.ends >= now + timedelta(days=89)
    assert ensure(keys, NAMES, now + timedelta(days=59)) == []
    assert ensure(keys, NAMES, now + timedelta(days=61)) == ["door", "primary"]


def test_what_is_lost_or_broken_is_made_anew_and_nothing_else(keys):
    leaf_file(keys, "door").write_text("no certificate")
    assert ensure(keys, NAMES) == ["door"]
    trusted_file(keys).unlink()
    assert ensure(keys, NAMES) == []
    assert leaf_file(keys, "door").stat().st_mode & 0o777 == 0o600
    assert authority_file(keys).stat().st_mode & 0o777 == 0o600


def test_a_broken_certificate_leaves_the_known_one_in_use_and_a_start_is_refused_in_words(keys, caplog):
    door = Inside(keys, "door", serves=False)
    with serving(Inside(keys, "primary", serves=True)) as port:
        leaf_file(keys, "primary").write_text("no certificate")
        assert hello(door, port)[0] == b"hello"
        assert "known before is used on" in caplog.text
    with pytest.raises(AuthorityFault, match="makes it anew"):
        Inside(keys, "primary", serves=True)


def test_a_lost_authority_is_said_in_words_with_what_to_do_when_it_is_needed(tmp_path):
    home = installing.prepare(tmp_path / "bank", 18_080)
    authority_file(home.keys).write_text("")
    installing.prepare(home.data, None)  # every certificate holds: nothing is needed of it
    leaf_file(home.keys, "door").unlink()
    with pytest.raises(RuntimeFault, match="keys rotate authority"):
        installing.prepare(home.data, None)
