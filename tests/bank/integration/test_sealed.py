"""What the bank's database holds of people is sealed: a dump names nobody, and the bank works as if it were open."""

import json
import re
import stat
import uuid

import psycopg
import pytest
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import IntegrityError, connection, transaction
from enrolling import PASSWORD

from holdfast.bank import commands
from holdfast.bank.cards.models import CardUse
from holdfast.bank.cases.models import Dispute
from holdfast.bank.customers import passwords
from holdfast.bank.customers.models import Account, Customer
from holdfast.bank.exchange.models import Fact
from holdfast.bank.factors.models import SecurityEvent
from holdfast.bank.joining import registering
from holdfast.bank.mail.writing import recipient_of, write
from holdfast.bank.orders.models import Order, Plan, Refund
from holdfast.bank.payments.models import Intent, SavedPayee
from holdfast.bank.sealed import keys as sealed_keys
from holdfast.bank.sealed import rotating
from holdfast.bank.sealed.moving import seal_stored
from holdfast.signing import sealing
from holdfast.signing.sealing import NotSealed

pytestmark = pytest.mark.demand("G1")
TEXT = "a gift for Zacharias Quillfeather"
COLUMNS = """
select table_schema, table_name from information_schema.tables
where table_schema in ('bank', 'ledger') and table_type = 'BASE TABLE'
"""


ROWS = """select coalesce(string_agg(case when length(t::text) > 40000
    then left(t::text, 20000) || right(t::text, 20000) else t::text end, '\n'), '') from {table} t"""
"""Of a row that holds a file its two ends: what is sealed is sealed from its first byte to its last."""


def dump():
    """Every row of every table as one text, in lower case; bytes as their hex."""
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        tables = [f'"{schema}"."{table}"' for schema, table in cursor.fetchall()]
        parts = []
        for table in tables:
            cursor.execute(ROWS.format(table=table))
            parts.append(cursor.fetchone()[0])
    return "\n".join(parts).lower()


def people():
    """What names the customers of this bank, made-up and of tests: names, addresses, names of login."""
    found = set()
    for one in Customer.objects.all():
        found |= {one.name, one.email, one.username}
    return {one.lower() for one in found if len(one) > 3}


def address(person):
    return f"zach{person.id}@mail.example"


@pytest.fixture
def busy(town):
    """A customer who did all of which the bank keeps words."""
    ann = town.ann
    Customer.objects.filter(id=ann.id).update(verifier=passwords.make_verifier(PASSWORD), email=address(ann))
    form = ann.form(town.ben, "12,00", text=TEXT)
    assert ann.post("/pay", form).status_code == 303
    assert ann.post("/payees", {"to": town.ben.number, "name": town.ben.name}).status_code == 303
    registering.begin(registering.Wanted("Zora Quillfeather", "zora@mail.example", "zora.quill", PASSWORD, "nb"), "net")
    write(recipient_of(Customer.objects.get(id=ann.id)), "security-changed", what=TEXT, at="now")
    SavedPayee.objects.update_or_create(
        customer=ann.id, account=town.ben.id, defaults={"number": town.ben.number, "name": TEXT, "checked": "match"}
    )
    return ann, uuid.UUID(form["id"])


def test_a_dump_of_the_database_alone_names_no_customer(busy):
    text, named = dump(), people() | {TEXT.lower(), "quillfeather", "zora@mail.example", "zora.quill"}
    assert len(named) > 10
    for one in named:
        if one in text:  # looked for at once; as a word, and not four letters of base64, only where it is at all
            found = re.search(rf"(?<![\w+/]){re.escape(one)}(?![\w+/=])", text)
            assert found is None, text[max(found.start() - 80, 0) : found.end() + 80]
    assert [one for one in named if one.encode().hex() in text] == []


def test_what_is_sealed_is_read_as_it_was_written(busy):
    ann, payment = busy
    assert Intent.objects.get(id=payment).text == TEXT
    assert TEXT in ann.get(f"/accounts/{ann.account}").content.decode()
    found = ann.get(f"/accounts/{ann.account}/search?text=quillFEATHER").content.decode()
    assert TEXT in found
    assert TEXT not in ann.get(f"/accounts/{ann.account}/search?text=quillfeathers").content.decode()


def test_a_customer_is_found_by_name_of_login_and_address_whatever_their_case(busy):
    ann, _ = busy
    assert Customer.objects.get(username=f"USER{ann.id}").id == ann.id
    assert Customer.objects.get(email=address(ann).title()).id == ann.id
    assert not Customer.objects.filter(email=address(ann)[:-1]).exists()
    with connection.cursor() as cursor:
        cursor.execute("set enable_seqscan = off")
        plan = Customer.objects.filter(username=f"user{ann.id}").explain()
        cursor.execute("set enable_seqscan = on")
    assert "customer_username_once" in plan


def test_no_name_of_login_is_there_twice(busy, town):
    ann, _ = busy
    with pytest.raises(IntegrityError), transaction.atomic():
        Customer.objects.filter(id=town.ben.id).update(username=f"user{ann.id}")
    assert Customer.objects.get(id=town.ben.id).username == f"user{town.ben.id}"


@pytest.mark.parametrize("look", ["name", "name__contains", "username__startswith", "email__gt", "needs"])
def test_a_query_that_would_compare_sealed_words_is_refused(look):
    with pytest.raises(FieldError):
        Customer.objects.filter(**{look: "x"}).exists()


def test_a_value_put_in_another_column_does_not_open(busy):
    ann, _ = busy
    with connection.cursor() as cursor:
        cursor.execute(
            "update account set title = (select name from customer where id = %s) where id = %s", [ann.id] * 2
        )
    with pytest.raises(NotSealed):
        Account.objects.get(id=ann.account)
    Account.objects.filter(id=ann.account).update(title="Everyday")


def test_the_key_changes_while_the_bank_works_and_no_old_key_opens_anything(busy, bank, as_owner, capsys, monkeypatch):
    ann, payment = busy
    path = bank.keys / "primary" / sealed_keys.FILE
    before = path.read_text()
    monkeypatch.setattr(sealing, "LOOK_S", 0)
    monkeypatch.setattr(rotating.rotate, "__defaults__", (0.0,))
    for _ in range(2):
        assert commands.rotate_store_key() == 0
    assert "Sealed anew: " in capsys.readouterr().out
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not set(json.loads(before).values()) & set(json.loads(path.read_text()).values())
    assert Customer.objects.get(username=f"user{ann.id}").email == address(ann)
    assert Intent.objects.get(id=payment).text == TEXT
    assert TEXT in ann.get(f"/accounts/{ann.account}").content.decode()


def test_the_key_is_not_changed_twice_at_once(busy, bank, capsys):
    before = (bank.keys / "primary" / sealed_keys.FILE).read_text()
    with psycopg.connect(settings.DATABASE_URL) as other:
        other.execute("select pg_advisory_lock(%s)", (rotating.LOCK_KEY,))
        assert commands.rotate_store_key() == 1
    assert "changed already" in capsys.readouterr().err
    assert (bank.keys / "primary" / sealed_keys.FILE).read_text() == before


def test_a_lost_key_is_not_replaced_by_a_new_one(busy, bank, as_owner, capsys):
    path = bank.keys / "primary" / sealed_keys.FILE
    kept = path.rename(path.with_suffix(".away"))
    try:
        assert commands.migrate() == 1
        assert "restore the file" in capsys.readouterr().err
        assert not path.exists()
    finally:
        kept.rename(path)


OPEN = {
    "customers.customer": ("name", "username", "email", "needs"),
    "exchange.fact": ("body",),
    "payments.intent": ("payer", "payee", "text"),
}


@pytest.mark.parametrize("model", OPEN)
def test_what_an_earlier_release_stored_open_is_sealed_by_the_migration(busy, model):
    from django.apps import apps

    table = apps.get_model(model)
    before = {one.pk: [getattr(one, name) for name in OPEN[model]] for one in table.objects.all()}
    with transaction.atomic(), connection.schema_editor() as editor:
        for pk, values in before.items():
            _store_open(editor.connection, table, pk, dict(zip(OPEN[model], values, strict=True)))
        seal_stored(*model.split("."), *OPEN[model])(apps, editor)
    after = {one.pk: [getattr(one, name) for name in OPEN[model]] for one in table.objects.all()}
    assert after == before


def _store_open(base, table, pk, values):
    raw = {name: one if one is None or isinstance(one, str) else json.dumps(one) for name, one in values.items()}
    change = ", ".join(f'"{name}" = %s' for name in raw)
    with base.cursor() as cursor:
        cursor.execute(
            f'update "{table._meta.db_table}" set {change} where "{table._meta.pk.column}" = %s', [*raw.values(), pk]
        )


def test_every_field_that_holds_words_of_people_is_sealed():
    from holdfast.bank.sealed.fields import SealedJson, SealedText

    wanted = {
        Customer: {"name", "username", "email", "needs", "former_name", "phone", "told"},
        Account: {"title"},
        Intent: {"payer", "payee", "text"},
        Order: {"payer", "payee", "text"},
        Plan: {"payer", "payee", "text"},
        Refund: {"happened", "would_have_been"},
        SavedPayee: {"name"},
        CardUse: {"merchant"},
        Fact: {"body"},
        SecurityEvent: {"places", "words"},
        Dispute: {"title", "words", "answer"},
    }
    for model, names in wanted.items():
        sealed = {one.name for one in model._meta.get_fields() if isinstance(one, SealedText | SealedJson)}
        assert sealed == names, model
