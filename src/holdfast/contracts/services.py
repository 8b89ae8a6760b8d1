"""The bank's services as customers would name them: what measurements, service levels and incidents speak of."""

from enum import StrEnum

from holdfast.contracts.routes import find_route


class Service(StrEnum):
    """One service; each route belongs to one."""

    LOGIN = "log in"
    ACCOUNTS = "see accounts"
    PAYMENTS = "pay"
    CARDS = "cards"
    PROGRAMS = "programs"
    CLEARING = "clearing files"
    SETTINGS = "settings"
    ELSEWHERE = "nothing there"


_BY_FIRST_WORD = {
    "overview": Service.ACCOUNTS,
    "account": Service.ACCOUNTS,
    "statement": Service.ACCOUNTS,
    "year": Service.ACCOUNTS,
    "ahead": Service.ACCOUNTS,
    "search": Service.ACCOUNTS,
    "line": Service.ACCOUNTS,
    "dispute": Service.ACCOUNTS,
    "disputes": Service.ACCOUNTS,
    "claim": Service.ACCOUNTS,
    "claims": Service.ACCOUNTS,
    "costs": Service.ACCOUNTS,
    "prices": Service.ACCOUNTS,
    "loans": Service.ACCOUNTS,
    "money": Service.ACCOUNTS,
    "confirmation": Service.ACCOUNTS,
    "receipt": Service.ACCOUNTS,
    "help": Service.ACCOUNTS,
    "login": Service.LOGIN,
    "logout": Service.LOGIN,
    "forgot": Service.LOGIN,
    "register": Service.LOGIN,
    "second": Service.LOGIN,
    "pay": Service.PAYMENTS,
    "payees": Service.PAYMENTS,
    "exchange": Service.PAYMENTS,
    "orders": Service.PAYMENTS,
    "files": Service.PAYMENTS,
    "loan": Service.PAYMENTS,
    "card": Service.CARDS,
    "cards": Service.CARDS,
    "clearing": Service.CLEARING,
    "payroll": Service.CLEARING,
    "api": Service.PROGRAMS,
    "limits": Service.SETTINGS,
    "my": Service.SETTINGS,
    "needs": Service.SETTINGS,
    "told": Service.SETTINGS,
    "security": Service.SETTINGS,
    "authenticator": Service.SETTINGS,
    "tokens": Service.SETTINGS,
    "freeze": Service.SETTINGS,
    "close": Service.SETTINGS,
}


def service_of(route: str) -> Service:
    """The service of a route, by the route's name; raises KeyError for a route that nobody placed."""
    if route == "receipt-undo":
        return Service.PAYMENTS
    return _BY_FIRST_WORD[route.partition("-")[0]]


def service_at(method: str, path: str) -> Service:
    """The service of an address."""
    route = find_route(method, path)
    return service_of(route.name) if route else Service.ELSEWHERE
