"""What the bank holds about a customer is read and taken along whole, by its owner alone; an address changes by its proof."""

import json
import re
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.apps import apps
from django.utils import timezone
from enrolling import PASSWORD, enrol, mark, old_login

from holdfast.bank.customers.models import Account, Customer, RetentionRun
from holdfast.bank.exchange.models import Fact
from holdfast.bank.factors.models import SecurityEvent, WrongCodes
from holdfast.bank.mail.models import Mail
from holdfast.bank.privacy import retention
from holdfast.bank.privacy.address import ASKED_MAX
from holdfast.bank.privacy.holding import KINDS, LEFT_OUT
from holdfast.bank.privacy.retention import keep_to_the_table
from holdfast.bank.web.mydata import LABELS, LABELS_ELSEWHERE

pytestmark = pytest.mark.demand("G7")
ABOUT_MONEY = {"api_payment", "execution", "loan_payment", "accrual", "card_use", "payroll_limit", "kid_need"}


@pytest.fixture
def ann(town, register):
    Customer.objects.filter(id=town.ann.id).update(email=f"{uuid.uuid4().hex}@old.example")
    return town.ann


def address(person):
    return Customer.objects.get(id=person.id).email


def ask(person, email):
    answer = person.post("/my-data/email", {"email": email})
    found = re.search(r'name="asked" value="([^"]*)"', answer.content.decode())
    return answer, found.group(1) if found else ""


def mailed(email):
    return re.search(r"^(\d{6})$", Mail.objects.filter(email=email).latest("id").body, re.MULTILINE).group(1)


def test_no_table_that_names_a_customer_is_missing():
    known = {kind.model._meta.db_table for kind in KINDS} | LEFT_OUT.keys() | ABOUT_MONEY
    naming = {
        model._meta.db_table
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.name in ("customer", "asker", "username") and field.concrete
    }
    assert naming - known == set()
    assert {kind.name for kind in KINDS[2:]} == LABELS.keys()


def test_everything_is_taken_along_and_nothing_that_opens_the_account(ann, town):
    secret, codes = enrol(ann)
    ann.post("/pay", ann.form(town.ben, "12.50", text="for the taking"))
    answer = ann.get("/my-data/download")
    held = json.loads(answer.content)
    assert (answer.status_code, answer.headers["Content-Disposition"]) == (200, 'attachment; filename="my-data.json"')
    assert held["customer"][0]["email"] == address(ann)
    assert [one["number"] for one in held["accounts"]] == [ann.number]
    assert [one["text"] for one in held["payments_asked_for"]] == ["for the taking"]
    assert [one["amount_minor"] for one in held["entries"][str(ann.account)]] == [100_000, -1_250]
    assert (len(held["authenticator"]), len(held["recovery_codes"]), held["more"]) == (1, len(codes), [])
    text = answer.content.decode()
    assert not any(word in text for word in (secret, codes[0], "argon2", PASSWORD, "Ben Builder"[:3] + " secret"))


def test_the_page_says_how_much_there_is_and_a_strangers_file_has_nothing_of_mine(ann, town):
    page = ann.get("/my-data")
    assert (mark(page, "page"), address(ann) in page.content.decode()) == ("my-data", True)
    assert '<span>Owners of your accounts</span><span class="numbers">1</span>' in page.content.decode()
    other = json.loads(town.ben.log_in().get("/my-data/download").content)
    assert ann.number not in json.dumps(other)
    assert other["customer"][0]["id"] == town.ben.id


@pytest.fixture
def control_room(control_desk):
    """The control room's desk, which holds something of every customer."""
    looks = [{"at": 1_800_000_000.0, "by": "Kari <b>", "bank": bank} for bank in ("bank", "standin")]
    control_desk.answers = {
        "/-/held/counts": lambda *_: {"counts": {"posts": 2, "votes": 0, "chats": 1, "unheard of": 3}, "looks": looks},
        "/-/held/all": lambda _, body: {"kinds": {"posts": [{"words": f"of {body['customer']}"}]}, "more": []},
    }
    return control_desk


def test_what_the_control_room_holds_is_counted_taken_along_and_who_looked_is_named(ann, control_room):
    page = ann.get("/my-data").content.decode()
    assert 'data-control-room="reached"' in page and 'data-looks="2"' in page
    assert 'data-kind="posts"' in page and 'data-kind="votes"' not in page and "unheard of" not in page
    assert "Kari &lt;b&gt;" in page and "Kari <b>" not in page and "at the spare bank" in page
    held = json.loads(ann.get("/my-data/download").content)
    assert held["control_room"]["kinds"]["posts"] == [{"words": f"of {ann.id}"}]
    assert held["not_reached"] == []
    assert {body["customer"] for path, body in control_room.asked if path.startswith("/-/held")} == {ann.id}


@pytest.mark.parametrize("answer", [None, {"kinds": 7, "counts": [], "looks": 3}, {}])
def test_while_the_control_room_does_not_say_page_and_file_say_that(ann, control_room, answer):
    control_room.answers = {} if answer is None else dict.fromkeys(control_room.answers, lambda *_: answer)
    page = ann.get("/my-data")
    assert page.status_code == 200 and 'data-control-room="away"' in page.content.decode()
    held = json.loads(ann.get("/my-data/download").content)
    assert (held["control_room"], len(held["not_reached"]), held["customer"][0]["id"]) == (None, 1, ann.id)


def test_every_kind_of_the_control_room_has_words():
    assert len(LABELS_ELSEWHERE) == 16


def test_an_old_session_confirms_first(ann, keys):
    old_login(ann, keys)
    assert ann.get("/my-data/download").status_code == 403
    assert ann.post("/my-data/email", {"email": "new@mail.example"}).status_code == 403
    assert not Mail.objects.filter(email="new@mail.example").exists()


def test_an_address_changes_by_its_code_and_the_old_one_is_told(ann):
    old, new = address(ann), f"{uuid.uuid4().hex}@new.example"
    answer, token = ask(ann, new)
    assert (mark(answer, "page"), address(ann), new in token) == ("my-email", old, False)
    wrong = ann.post("/my-data/email/code", {"asked": token, "code": "nothing"})
    assert (wrong.status_code, mark(wrong, "problem"), address(ann)) == (422, "wrong-code", old)
    done = ann.post("/my-data/email/code", {"asked": token, "code": mailed(new)})
    assert (done.headers["Location"], address(ann)) == ("/my-data", new)
    told = Mail.objects.filter(customer=ann.id, notice="security-changed").latest("id")
    assert (told.email, "call us at once" in told.body) == (old, True)
    assert Fact.objects.filter(kind="customer", key=str(ann.id)).latest("id").body["email"] == new
    assert SecurityEvent.objects.filter(customer=ann.id).latest("id").event == "event.email_changed"


def test_the_same_form_twice_changes_the_address_once_and_never_back(ann):
    old, new = address(ann), f"{uuid.uuid4().hex}@new.example"
    _, token = ask(ann, new)
    form = {"asked": token, "code": mailed(new)}
    assert [ann.post("/my-data/email/code", form).status_code for _ in range(2)] == [303, 303]
    assert Mail.objects.filter(customer=ann.id, notice="security-changed", email=old).count() == 1
    assert not Mail.objects.filter(customer=ann.id, notice="security-changed", email=new).exists()
    Customer.objects.filter(id=ann.id).update(email="third@new.example")
    assert mark(ann.post("/my-data/email/code", form), "problem") == "over"
    assert address(ann) == "third@new.example"


def test_a_code_is_guessed_at_five_times_and_taken_by_its_customer_alone(ann, town):
    new, old = f"{uuid.uuid4().hex}@new.example", address(ann)
    _, token = ask(ann, new)
    other = town.person(0).log_in()
    assert mark(other.post("/my-data/email/code", {"asked": token, "code": mailed(new)}), "problem") == "over"
    said = [mark(ann.post("/my-data/email/code", {"asked": token, "code": "000000x"}), "problem") for _ in range(6)]
    assert said == ["wrong-code"] * 5 + ["over"]
    assert mark(ann.post("/my-data/email/code", {"asked": token, "code": mailed(new)}), "problem") == "over"
    assert address(ann) == old


@pytest.mark.parametrize(
    "typed", ["", "no address", "a@b", "x" * 300 + "@mail.example", "two@mail.example two@mail.example"]
)
def test_what_is_no_address_is_told_beside_its_field_and_kept(ann, typed):
    before = Mail.objects.count()
    answer = ann.post("/my-data/email", {"email": typed})
    assert (answer.status_code, 'id="email-wrong"' in answer.content.decode(), Mail.objects.count()) == (
        422,
        True,
        before,
    )


def test_codes_are_mailed_five_times_an_hour_at_most(ann):
    said = [ask(ann, f"{uuid.uuid4().hex}@new.example")[0].status_code for _ in range(ASKED_MAX + 1)]
    assert said == [200] * ASKED_MAX + [429]
    assert Account.objects.filter(owner__customer=ann.id).exists()


def test_what_is_older_than_its_kind_is_kept_goes_daily_and_is_counted(ann):
    day = timezone.now().date()
    RetentionRun.objects.all().delete()
    keep_to_the_table()
    before = RetentionRun.objects.get(day=day).counts.get("wrong_codes", 0)
    long_ago = timezone.now() - retention.SHORT
    for device, began in (("old", long_ago - timedelta(minutes=1)), ("new", long_ago + timedelta(minutes=5))):
        WrongCodes.objects.create(customer_id=ann.id, device=device, began=began, count=1)
    assert keep_to_the_table() == 1
    assert list(WrongCodes.objects.filter(customer=ann.id).values_list("device", flat=True)) == ["new"]
    assert RetentionRun.objects.get(day=day).counts["wrong_codes"] == before + 1
    assert keep_to_the_table() == 0
    assert f'data-kept="{len(retention.TABLE)}"' in ann.get("/my-data").content.decode()


def test_a_kind_that_fails_keeps_no_other_from_going_and_its_count_from_nothing(ann, monkeypatch):
    def fails():
        WrongCodes.objects.filter(customer=ann.id).delete()
        raise OSError("no place")

    keep_to_the_table()
    first = replace(retention.TABLE[0], job=fails)
    monkeypatch.setattr(retention, "TABLE", (first, *retention.TABLE[1:]))
    day, began = timezone.now().date(), timezone.now() - 2 * retention.SHORT
    RetentionRun.objects.all().delete()
    WrongCodes.objects.create(customer_id=ann.id, device="old", began=began, count=1)
    with pytest.raises(OSError, match="no place"):
        keep_to_the_table()
    assert (RetentionRun.objects.get(day=day).counts, WrongCodes.objects.filter(customer=ann.id).count()) == (
        {"wrong_codes": 1},
        0,
    )
