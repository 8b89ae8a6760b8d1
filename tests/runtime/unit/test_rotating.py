"""Keys and passwords that are changed: whoever dies in between, nobody is locked out and nothing is refused."""

import contextlib
import threading
from dataclasses import dataclass

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from holdfast.contracts.errors import BadToken
from holdfast.contracts.factors import DEVICE_PURPOSE
from holdfast.runtime import postgres, rotating, supervisor
from holdfast.runtime.errors import DatabaseFault, RuntimeFault
from holdfast.runtime.installing import write_password
from holdfast.settings import Installation
from holdfast.signing import create_key, load_keyring
from holdfast.signing.authority import locked
from holdfast.signing.pairs import read_private, write_public

pytestmark = pytest.mark.demand("G1")


@pytest.fixture
def home(tmp_path, monkeypatch):
    for pause in ("ANNOUNCED_S", "LOOK_S"):
        monkeypatch.setattr(rotating, pause, 0.0)
    return Installation(tmp_path)


@pytest.fixture
def base(home, monkeypatch):
    """The bank's database, opened by the password in its file alone."""
    with postgres.temporary() as url:
        given, place = conninfo_to_dict(url), home.password_file("bank-database")
        write_password(place, given.pop("password"))
        by_file = make_conninfo("", **given, passfile=str(place))
        monkeypatch.setenv("HOLDFAST_BANK_DATABASE_URL", by_file)
        yield by_file


@dataclass(frozen=True)
class Pretended:
    """A database that opens by some passwords."""

    password: str
    by: tuple[str, ...]

    def wait_ready(self, _server):
        if self.password not in self.by:
            raise DatabaseFault("it does not open")


@pytest.mark.parametrize("stolen", [False, True])
def test_who_signs_is_accepted_without_an_end_at_each_step_of_a_change(home, monkeypatch, stolen):
    create_key(home.keys, "door")
    steps = []

    def write(folder, name, accepted):
        write_public(folder, name, accepted)
        signs = read_private(folder, name).public_key()
        steps.append([one.ends for one in accepted if one.key == signs])

    monkeypatch.setattr(rotating, "write_public", write)
    rotating.rotate(home, "door", 0.0, stolen)
    assert steps == [[None], [None]]


def test_a_known_device_stays_known_after_a_change_until_the_key_is_struck(home):
    create_key(home.keys, "primary")
    before = load_keyring(home.keys, "primary")
    device, session = (before.sign(purpose, {"device": "d"}) for purpose in (DEVICE_PURPOSE, "session"))
    rotating.rotate(home, "primary", 0.0)
    after = load_keyring(home.keys, "primary")
    assert after.verify(DEVICE_PURPOSE, device, {"primary"})["device"] == "d"
    with pytest.raises(BadToken):
        after.verify("session", session, {"primary"})
    rotating.rotate(home, "primary", stolen=True)
    with pytest.raises(BadToken):
        load_keyring(home.keys, "primary").verify(DEVICE_PURPOSE, device, {"primary"})


@pytest.mark.parametrize(("by", "kept"), [(("old",), "old"), (("coming",), "coming"), ((), "old")])
def test_at_the_start_only_a_password_that_opens_takes_the_place_of_another(home, by, kept):
    write_password(home.password_file("bank-database"), "old")
    write_password(home.password_file("bank-database.next"), "coming")
    with contextlib.nullcontext() if by else pytest.raises(DatabaseFault):
        supervisor.wait_by_either(home, "bank", Pretended("old", by), None)
    assert home.password("bank-database") == kept


@pytest.mark.parametrize("name", ["bank-database", "bank-working"])
def test_a_change_that_died_after_the_database_took_it_is_ended_by_the_next_one(home, base, name):
    with psycopg.connect(base, autocommit=True) as link:
        link.execute("CREATE ROLE holdfast_working LOGIN")
        link.execute("ALTER ROLE holdfast PASSWORD 'taken'")
    write_password(home.password_file("bank-database.next"), "taken")
    rotating.rotate(home, name)
    psycopg.connect(base).close()
    assert not home.password_file("bank-database.next").exists()
    assert (home.password("bank-database") == "taken") == (name == "bank-working")


def test_two_changes_of_a_password_wait_for_each_other(home, base):
    before = home.password("bank-database")
    other = threading.Thread(target=rotating.rotate, args=(home, "bank-database"), daemon=True)
    with locked(home.keys):
        other.start()
        other.join(1)
        assert home.password("bank-database") == before
    other.join(20)
    assert home.password("bank-database") != before
    psycopg.connect(base).close()


def test_what_is_overdue_is_told_also_when_certificates_cannot_be_renewed(home, monkeypatch):
    def lost(_):
        raise RuntimeFault("the authority is lost")

    monkeypatch.setattr(supervisor, "make_certificates", lost)
    made = supervisor.Supervisor(home)
    made._renew()
    assert "authority" in made.status()["keys_overdue"]
    assert (home.keys / "public" / "list.json").exists()
