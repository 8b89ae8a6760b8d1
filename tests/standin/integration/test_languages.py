"""Pages in the customer's language, help in the same place, and what only the main bank has."""

import re
import uuid

import pytest
from fakes import E1
from world import World

from holdfast.contracts.epochs import Bank
from holdfast.contracts.routes import Route
from holdfast.look import Banner, banner_to_header
from holdfast.standin.app import make_app
from holdfast.standin.bank import open_spare_bank

ENGLISH = re.compile(r"\b(the|your|our|you|with|payment|account|spare|paid|what|have)\b", re.IGNORECASE)
NORWEGIAN = re.compile(r"\b(og|ikke|vår|kontoen|reservebanken|betaling|hva|på)\b", re.IGNORECASE)
BOTH = banner_to_header(
    Banner(1, 7, "notice", "We have a fault.", (("You can", "pay"),)),
    Banner(1, 7, "notice", "Vi har en feil.", (("Du kan", "betale"),), "nb"),
)


def shown(page: str) -> str:
    """What a page says: without tags, links to the other language, and labels for it."""
    page = re.sub(r"<style>.*?</style>", " ", page, flags=re.DOTALL)
    page = re.sub(r'<a [^>]*hreflang="\w\w"[^>]*>[^<]*</a>', " ", page)
    labels = " ".join(re.findall(r'aria-label="([^"]*)"', page))
    return re.sub(r"<[^>]*>", " ", page.partition("<body")[2].partition(">")[2]) + labels


def every_page(town: World, language: str) -> dict[str, str]:
    """Each page of the spare bank in one language, by what it shows."""
    own = town.session() | {"hf_language": language}
    row = town.row(9)
    ids = {name: uuid.uuid4() for name in ("paid", "void", "refused")}
    paid = town.form(ids["paid"], text="") | {"amount": "1.00"}
    answers = {
        "paid": town.pay(paid, cookies=own),
        "void": town.pay(town.form(ids["void"], epoch=E1, amount="99,999.00"), cookies=own),
        "refused": town.pay(town.form(ids["refused"], amount="99,999.00"), cookies=own),
        "conflict": town.pay(paid | {"amount": "2.00"}, cookies=own),
        "wrong": town.pay(town.form() | {"amount": "x", "to": "", "from": ""}, cookies=own),
        "unknown": town.pay(town.form(to="9999.99.99999"), cookies=own),
        "no id": town.pay(town.form() | {"id": "x"}, cookies=own),
        "asks": town.pay(town.form(name="Somebody Else"), cookies=own),
        "wrong login": town.visit(
            "POST", "/login", row, {"hf_language": language}, {"username": "bea", "password": "no"}
        ),
        "cross-site": town.visit("POST", "/pay", None, own, town.form(), headers={"Origin": "https://other.example"}),
    }
    paths = ("/", "/accounts/10", "/accounts/99", "/accounts/10/statement", "/accounts/10/statement?as=page",
             "/accounts/10/statement?as=csv&from=x", "/pay", "/money", "/help", "/nothing", f"/receipt/{uuid.uuid4()}",
             *(f"/receipt/{ident}" for ident in ids.values()))  # fmt: skip
    pages = {name: one.text for name, one in answers.items() if one.status != 303}
    pages |= {path: town.visit("GET", path, cookies=own).text for path in paths}
    for path in ("/login", "/help", "/nothing"):
        pages[f"{path} of nobody"] = town.visit("GET", path, cookies={"hf_language": language}).text
    return pages


@pytest.mark.parametrize("language", ["en", "nb"])
def test_every_page_is_whole_in_its_language(town: World, language: str) -> None:
    other = ENGLISH if language == "nb" else NORWEGIAN
    found = every_page(town, language)
    assert len(found) == 24
    for name, page in found.items():
        assert f'<html lang="{language}">' in page, name
        said = re.sub(r"Everyday|Savings|Opening|Payee|Payer|hello|Example|Test Bank|Else|Somebody", "", shown(page))
        assert not other.search(said), (name, other.findall(said), said)


def test_every_page_offers_help_and_the_other_language_in_the_same_place(town: World) -> None:
    for language, other in (("en", "nb"), ("nb", "en")):
        for name, page in every_page(town, language).items():
            end = page.partition("</main>")[0][-700:]
            assert '<a href="/help">' in end, name
            found = re.search(r'<a href="/language\?to=(\w\w)&amp;next=(%2F[^"]*)" lang="(\w\w)"', end)
            assert found is not None, name
            assert (found[1], found[3]) == (other, other)


def test_the_language_is_the_choice_then_the_customers_then_the_browsers(town: World) -> None:
    town.bank.say("customer", 19, town_fact(town, 19) | {"language": "nb"})
    town.fed()

    def language(customer: int, cookie: str = "", browser: str = "") -> str:
        cohort = {17: 5, 19: 7}[customer]
        cookies = town.session(customer, cohort) | ({"hf_language": cookie} if cookie else {})
        headers = {"Accept-Language": browser} if browser else {}
        page = town.visit("GET", "/", town.row(cohort), cookies, headers=headers)
        assert page.headers["Content-Language"] in page.text.partition("<head>")[0]
        return page.headers["Content-Language"] or ""

    assert [language(17), language(17, "nb"), language(17, browser="nb-NO"), language(17, "xx")] == [
        "en",
        "nb",
        "en",
        "en",
    ]
    assert [language(19), language(19, "en"), language(19, browser="en-GB")] == ["nb", "en", "nb"]
    page = town.visit("GET", "/login", headers={"Accept-Language": "nn-NO,nn;q=0.9,en;q=0.8"})
    assert 'lang="nb"' in page.text
    assert "Logg inn" in page.text


def town_fact(town: World, customer: int) -> dict[str, object]:
    """The last fact of a customer."""
    return next(f["body"] for f in reversed(town.bank.facts) if (f["kind"], f["key"]) == ("customer", str(customer)))


def test_the_banner_is_in_the_pages_language(town: World) -> None:
    for language, words in (("en", "We have a fault."), ("nb", "Vi har en feil.")):
        page = town.visit(
            "GET", "/", cookies=town.session() | {"hf_language": language}, headers={"Holdfast-Banner": BOTH}
        )
        assert words in page.text
        assert page.text.count("data-incident") == 1
    only = banner_to_header(Banner(1, 7, "notice", "We have a fault.", ()))
    page = town.visit("GET", "/help", cookies={"hf_language": "nb"}, headers={"Holdfast-Banner": only})
    assert '<div class="banner notice" lang="en"' in page.text


def test_a_norwegian_customer_reads_numbers_amounts_and_times_as_written_in_norway(town: World) -> None:
    page = town.visit("GET", "/accounts/11", cookies=town.session() | {"hf_language": "nb"}).text
    assert "1234.56.00011" in page
    assert '<span class="small">kr</span>\u00a010\u00a0000,00' in page
    assert re.search(r"\d{1,2}\. [a-zæøå]+ \d{4} kl\. \d\d\.\d\d\.\d\d, norsk tid", page)
    ident = uuid.uuid4()
    answer = town.pay(town.form(ident, amount="1 234,50"), cookies=town.session() | {"hf_language": "nb"})
    assert (answer.outcome, town.journal()[-1].payment().amount_minor) == ("done", 123_450)


def test_an_address_that_is_nowhere_is_not_found_in_words(town: World) -> None:
    for path in ("/nothing", "/accounts/x", "/accounts/99999999999999999999999"):
        page = town.visit("GET", path, cookies=town.session())
        assert (page.status, page.mark("data-page"), page.mark("data-customer")) == (404, "missing", "17")
    plain = town.request("GET", "/nothing")
    assert (plain.status, plain.text) == (403, "Come through the front door.\n")
    assert town.request("GET", "/-/nothing").text == "Not Found\n"


@pytest.mark.parametrize(
    ("language", "words"), [("en", "cannot be paid back early"), ("nb", "ikke betales tilbake før tiden")]
)
@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("POST", 422)])
def test_a_loan_is_not_paid_back_early_and_that_is_said(
    town: World, method: str, status: int, language: str, words: str
) -> None:
    before = town.journal()
    page = town.visit(method, "/loans/7/repay", cookies=town.session() | {"hf_language": language})
    assert (page.status, page.mark("data-page"), words in page.text) == (status, "elsewhere", True)
    assert town.journal() == before


async def test_what_only_the_main_bank_has_is_said_in_words(stage: World, monkeypatch: pytest.MonkeyPatch) -> None:
    loans = [Route("loans", method, re.compile("/loans"), offered=(Bank.PRIMARY,)) for method in ("GET", "POST")]
    monkeypatch.setattr("holdfast.contracts.routes.ROUTES", tuple(loans))
    bank = await open_spare_bank(stage.place)
    try:
        app = make_app(bank)
        for method, status in (("GET", 200), ("POST", 422)):
            sent: list[dict[str, object]] = []
            headers = {"holdfast-row": stage.row(None, 0), "accept-language": "nb"}
            scope = {
                "type": "http",
                "method": method,
                "path": "/loans",
                "query_string": b"",
                "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            }

            async def receive() -> dict[str, object]:
                return {"type": "http.request", "body": b"", "more_body": False}

            async def send(message: dict[str, object], into: list[dict[str, object]] = sent) -> None:
                into.append(message)

            await app(scope, receive, send)  # type: ignore[arg-type]
            page = str(sent[1]["body"], "utf-8")  # type: ignore[call-overload]
            assert sent[0]["status"] == status
            assert 'data-page="elsewhere"' in page
            assert "Dette må vente på hovedsystemet vårt" in page
            assert "ingenting ble gjort" in page
        assert bank.journal_reader.after(0, 10) == []
    finally:
        await bank.close()


def test_help_gives_a_telephone_number_only_when_the_bank_has_one(world: World) -> None:
    page = world.visit("GET", "/help").text
    assert "knows no telephone number" in page
    fact = next(f["body"] for f in world.bank.facts if f["kind"] == "bank")
    world.bank.say("bank", "bank", fact | {"phone": "+47 22 00 00 00"})
    world.fed()
    page = world.visit("GET", "/help").text
    assert "Call +47 22 00 00 00." in page
    assert "knows no telephone number" not in page


def test_words_written_into_a_text_are_escaped(town: World) -> None:
    page = town.pay(town.form(name="<i>Else</i>")).text
    assert "&lt;i&gt;Else&lt;/i&gt;" in page
    assert "<i>Else" not in page
