"""The search form of an account: what was typed, read into filters, with what is wrong beside each field."""

from dataclasses import dataclass, field
from datetime import date

from django.http import QueryDict
from django.utils.http import urlencode

from holdfast.bank.accounts.searching import GROUPS, OTHER, WAYS, Filters
from holdfast.contracts.money import BadAmount, parse_amount
from holdfast.contracts.statement import read_day
from holdfast.look import Writing

TEXT_MAX = 140
FIELDS = ("text", "least", "most", "from", "to", "way", "kind")
KINDS = (*GROUPS, OTHER)


@dataclass
class SearchForm:
    """The form as typed; filters are None while something is wrong."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    filters: Filters | None = None

    def query(self, before: int) -> str:
        """The address's query of the next page."""
        kept = {name: value for name, value in self.values.items() if value}
        return urlencode({**kept, "before": str(before)})


def read_search(query: QueryDict, currency: str, spoken: Writing) -> SearchForm:
    """Read the form of an account in this currency."""
    form = SearchForm({name: query.get(name, "").strip()[: TEXT_MAX + 1] for name in FIELDS})
    least, most = _amount(form, "least", currency, spoken), _amount(form, "most", currency, spoken)
    first, last = _day(form, "from", spoken), _day(form, "to", spoken)
    if least is not None and most is not None and least > most:
        form.errors["most"] = spoken.say("search.wrong_most")
    if first is not None and last is not None and first > last:
        form.errors["to"] = spoken.say("search.wrong_to")
    if len(form.values["text"]) > TEXT_MAX:
        form.errors["text"] = spoken.say("search.wrong_text", count=TEXT_MAX)
    way = form.values["way"] if form.values["way"] in WAYS else ""
    kind = form.values["kind"] if form.values["kind"] in KINDS else ""
    if not form.errors:
        form.filters = Filters(form.values["text"], least, most, first, last, way, kind)
    return form


def _amount(form: SearchForm, name: str, currency: str, spoken: Writing) -> int | None:
    if not form.values[name]:
        return None
    try:
        return parse_amount(form.values[name], currency)
    except BadAmount as error:
        form.errors[name] = spoken.bad_amount(error, currency)
        return None


def _day(form: SearchForm, name: str, spoken: Writing) -> date | None:
    if not form.values[name]:
        return None
    found = read_day(form.values[name])
    if found is None:
        form.errors[name] = spoken.say("search.wrong_day")
    return found
