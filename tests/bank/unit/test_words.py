"""How words come into pages: the tags, what they escape, and what they refuse to compile."""

from datetime import UTC, date, datetime

import pytest
from django.template import Context, TemplateSyntaxError, engines
from django.utils.safestring import mark_safe

from holdfast.bank.web.words import writings
from holdfast.bank.web.words.devices import say_device
from holdfast.contracts.answers import Reason


def rendered(text, language="en", **context):
    spoken = writings()[language]
    return engines["django"].engine.from_string(text).render(Context({"spoken": spoken, "l": language, **context}))


def test_a_text_is_said_in_the_language_of_the_page():
    assert rendered('{% say "common.log_out" %}') == "Log out"
    assert rendered('{% load words %}{% say "common.log_out" %}', "nb") == "Logg ut"
    assert rendered("{% say key %}", "nb", key="common.help") == "Hjelp"


def test_what_fills_a_place_is_escaped_unless_it_is_markup_of_ours():
    said = '{% say "overview.hello" name=name %}'
    assert rendered(said, name="<b>Ada</b> {x}") == "Hello, &lt;b&gt;Ada&lt;/b&gt; {x}"
    assert rendered(said, name=mark_safe("<b>Ada</b>")) == "Hello, <b>Ada</b>"
    assert rendered('{% amount minor "NOK" as inside %}{% say "overview.inside" amount=inside %}', minor=5) == (
        'In the account: 0.05 <span class="small">NOK</span>'
    )


@pytest.mark.parametrize(
    "wrong",
    ['{% say "common.no_such" %}', '{% say "overview.hello" %}', '{% say "common.help" name=1 %}', "{% say %}",
     '{% say "common.help" name %}'],
)  # fmt: skip
def test_a_key_that_is_in_no_file_or_another_place_than_the_texts_is_refused_when_the_page_is_read(wrong):
    with pytest.raises(TemplateSyntaxError):
        rendered(wrong, name="x")


def test_every_template_of_customers_compiles():
    engine = engines["django"].engine
    for folder in engine.dirs:
        for path in sorted(folder.rglob("*.html")):
            engine.get_template(str(path.relative_to(folder)))


def test_amounts_days_and_numbers_are_written_as_the_language_does():
    at = datetime(2021, 7, 2, 12, 2, 9, tzinfo=UTC)
    tags = "{% amount_text 123450 'NOK' %}|{% figures 123450 'NOK' %}|{% number '97120000018' %}|{% day day %}|{% moment at %}"
    assert rendered(tags, day=date(2026, 11, 22), at=at) == (
        "1,234.50\u00a0NOK|1,234.50|9712 00 00018|22 November 2026|14:02:09 on 2 July 2021, Oslo time"
    )
    assert rendered(tags, "nb", day=date(2026, 11, 22), at=at) == (
        "kr\u00a01\u00a0234,50|1\u00a0234,50|9712.00.00018|22. november 2026|2. juli 2021 kl. 14.02.09, norsk tid"
    )
    assert rendered("{% signed -5 'NOK' %}", "nb") == '<span class="small">kr</span>\u00a0\u22120,05'
    assert rendered("{% reason why %}", "nb", why=Reason.DAY_LIMIT).startswith("Dagens betalinger")


def test_a_device_is_named_in_the_customers_language():
    nb = writings()["nb"]
    assert say_device(nb, "Firefox on a Mac") == "Firefox på en Mac"
    assert say_device(nb, "Edge on Windows") == "Edge på Windows"
    assert say_device(nb, "a program") == "et program"
    assert say_device(nb, "an iPhone") == "en iPhone"
