"""Template tags that say words in the language of the page: `spoken`, put into the context by answers.page.

`{% say "room.name" place=value %}` and the tags for amounts, days and numbers; each also `as name`, to fill a place.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from string import Formatter
from typing import Any

from django import template
from django.template.base import FilterExpression, Node, Parser, Token, token_kwargs
from django.template.context import Context
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe

from holdfast.bank.web.words import writings
from holdfast.look import Writing

register = template.Library()


class Say(Node):
    """One text. Of a key written in the template the escaped texts are made once, and its places are checked."""

    def __init__(self, key: FilterExpression, places: dict[str, FilterExpression], name: str | None) -> None:
        self._key = key
        self._places = places
        self._name = name
        self._texts: dict[str, str] | None = None
        if isinstance(key.var, str):
            self._texts = {language: escape(self._text(one, key.var)) for language, one in writings().items()}

    def _text(self, spoken: Writing, key: str) -> str:
        text = spoken.words.texts.get(key)
        if text is None:
            raise template.TemplateSyntaxError(f"there is no text {key} in {spoken.language}")
        if places_of(text) != self._places.keys():
            raise template.TemplateSyntaxError(f"the text {key} in {spoken.language} has other places: {text}")
        return text

    def render(self, context: Context) -> SafeString:
        """The text, escaped but for what is safe already in its places."""
        spoken: Writing = context["spoken"]
        if self._texts is not None:
            text = self._texts[spoken.language]
        else:
            text = escape(self._text(spoken, str(self._key.resolve(context))))
        if self._places:
            text = text.format_map({n: conditional_escape(one.resolve(context)) for n, one in self._places.items()})
        said = mark_safe(text)  # noqa: S308  # text and places are escaped above
        if self._name is None:
            return said
        context[self._name] = said
        return mark_safe("")


def places_of(text: str) -> set[str]:
    """The names of a text's places."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@register.tag("say")
def compile_say(parser: Parser, token: Token) -> Say:
    """`{% say key place=value … %}`, and `as name` at its end to keep the text instead of showing it."""
    tag, *bits = token.split_contents()
    if not bits:
        raise template.TemplateSyntaxError(f"{tag} needs a key")
    key, name = parser.compile_filter(bits.pop(0)), None
    if len(bits) >= 2 and bits[-2] == "as":
        name = bits[-1]
        bits = bits[:-2]
    places = token_kwargs(bits, parser)
    if bits:
        raise template.TemplateSyntaxError(f"{tag} takes a key and places with their values, not {bits[0]}")
    return Say(key, places, name)


def _spoken(context: Context) -> Writing:
    spoken: Writing = context["spoken"]
    return spoken


@register.simple_tag(takes_context=True)
def amount(context: Context, amount_minor: int, currency: str) -> SafeString:
    """`1,234.50 NOK`, in Norwegian `kr 1 234,50`, the currency set smaller."""
    return mark_safe(_spoken(context).amount_markup(amount_minor, currency))  # noqa: S308  # escaped there


@register.simple_tag(takes_context=True)
def signed(context: Context, amount_minor: int, currency: str) -> SafeString:
    """The amount with `+` or `−`."""
    return mark_safe(_spoken(context).amount_markup(amount_minor, currency, signed=True))  # noqa: S308  # escaped there


@register.simple_tag(takes_context=True)
def figures(context: Context, amount_minor: int, currency: str) -> str:
    """The amount without its currency, where that stands beside it."""
    return _spoken(context).figures(amount_minor, currency)


@register.simple_tag(takes_context=True)
def amount_text(context: Context, amount_minor: int, currency: str) -> str:
    """The amount without markup, for what takes none (an option, an attribute)."""
    return _spoken(context).amount(amount_minor, currency)


def _teller(method: Callable[[Writing, Any], str]) -> Callable[[Context, Any], str]:
    def tell(context: Context, value: Any) -> str:
        return method(_spoken(context), value)

    return tell


for _name, _method in (
    ("number", Writing.number),
    ("day", Writing.day),
    ("moment", Writing.moment),
    ("clock", Writing.clock),
    ("reason", Writing.reason),
    ("kind", Writing.kind),
):
    register.simple_tag(_teller(_method), takes_context=True, name=_name)


@register.filter
def instant(value: datetime) -> str:
    """ISO text in UTC, for machines."""
    return value.isoformat()


@register.filter
def spoken_in(told: Mapping[str, str], language: str) -> str:
    """What is told in this language, "" where nothing is."""
    return told.get(language, "")
