"""Addresses: customers' as in contracts.routes, other buildings' under /-/."""

from django.urls import path, re_path

from holdfast.bank.internal import calls, decisions
from holdfast.bank.web import cards, clearing, login, pages, paying, security, statement

urlpatterns = [
    path("", pages.overview, name="overview"),
    path("login", login.login, name="login"),
    path("logout", login.logout, name="logout"),
    re_path(
        r"^accounts/(?P<account>\d{1,19})\Z",
        lambda request, account: pages.account_page(request, int(account)),
        name="account",
    ),
    re_path(
        r"^accounts/(?P<account>\d{1,19})/statement\Z",
        lambda request, account: statement.statement(request, int(account)),
        name="statement",
    ),
    path("pay", paying.pay_page, name="pay"),
    re_path(r"^receipt/(?P<payment>[0-9a-f-]{32,36})\Z", pages.receipt, name="receipt"),
    path("money", pages.money, name="money"),
    path("help", pages.help_page, name="help"),
    path("cards", cards.cards_page, name="cards"),
    path("cards/authorisations", cards.card_use, name="card-use"),
    re_path(r"^cards/(?P<card>[0-9a-f]{32})/(?P<what>freeze|unfreeze)\Z", cards.freeze, name="card-freeze"),
    path("clearing/pacs.008", clearing.clearing_file, name="clearing-file"),
    path("security", security.security_page, name="security"),
    path("security/confirm", security.confirm, name="security-confirm"),
    path("security/authenticator", security.authenticator_page, name="authenticator"),
    path("security/authenticator/remove", security.remove_authenticator, name="authenticator-remove"),
    path("security/recovery", security.new_codes, name="recovery"),
    path("security/passkeys", security.add_passkey, name="passkey-add"),
    re_path(r"^security/passkeys/(?P<what>rename|remove)\Z", security.change_passkey, name="passkey-change"),
    path("security/sessions/end", security.end_session, name="session-end"),
    path("-/feed/books", calls.feed_books),
    path("-/feed/profile", calls.feed_profile),
    path("-/feed/anchor", calls.feed_anchor),
    path("-/feed/balances", calls.feed_balances),
    path("-/replay", calls.replay_journal),
    path("-/epochs", calls.epochs),
    path("-/reconcile", calls.reconcile_books),
    path("-/prove", calls.prove),
    path("-/refunds", calls.refunds),
    path("-/exceptions", decisions.exceptions),
    path("-/exceptions/decide", decisions.decide_case),
    path("-/limits", decisions.change_limits),
    path("-/health", calls.health),
]
handler400 = "holdfast.bank.web.answers.bad_request"
handler404 = "holdfast.bank.web.answers.not_found"
handler500 = "holdfast.bank.web.answers.server_error"
