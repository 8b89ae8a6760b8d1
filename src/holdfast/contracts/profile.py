"""Facts of the profile stream: who the customers are, what they may do, what falls due.

A fact travels as {"number": n, "kind": kind, "key": text, "body": object or null}; numbers grow, with
holes; the latest body of a (kind, key) holds, null removes it. Bodies, by kind:

customer        key customer id: {name, username, cohort, email, language, verifier, accounts: [id], needs: [text]}, and
                former: {name, until: ISO instant} while payers may still write the name of before; phone: where the
                customer wants to be called; needs: contracts.needs; and where the customer chose: told:
                contracts.ways.Told: by which channels beside mail, and quiet hours
                verifier is argon2's encoded form ("$argon2id$v=19$m=19456,t=2,p=1$…") or "" before activation
account         key account id: {number, title, product, cohort, owners: [customer id]}; title is the display name
order           key order id: {cohort, debit, credit, amount_minor, currency, payer, payee, text, kind,
                due: "YYYY-MM-DD"}
order_run       key "YYYY-MM-DD": {at: ISO instant UTC}; orders due that day run from this instant on, at either bank
session_revoked key session id: {}
all_ended       key customer id: contracts.sessions.AllEnded: {before_us, but}: every session of theirs that began
                before has ended, but one
limits          key "limits": {normal: {per_payment_minor, per_day_minor, payments_per_minute_max, and since rules
                2026.2 payments_per_hour_max, new_payee_minor, habit_floor_minor}, spare: the same,
                spare_cohort_minor, spare_total_minor, deadline_percent, confirmed: true where somebody vouched for
                a large change}; guard.limits says what is taken
payee_kind      key account id: {kind}, one of DEADLINE_KINDS: payments to it must arrive by a time
card            key card id (32 hex digits, a token: never the number on the card): {account, customer, last4,
                network, frozen, per_use_minor, per_day_minor, ends: "YYYY-MM", changed_us}; see contracts.cards
blocked         key account id: {}; payments to it are stopped
frozen          key account id: {}; it pays nothing, since an owner froze everything; null: it pays again
freeze          key customer id: contracts.freezing.FreezeChange: {frozen, changed_us}: whether the customer has
                everything frozen; told behind the accounts and tokens of the same change; null: never
factors         key customer id: contracts.factors.Factors: what the customer shows beside the password; null: nothing
passkey         key SHA-256 of its id (hex): {customer, id, public_key, sign_count, transports, name, created_us}, see
                contracts.factors.Passkey; null: removed
payee           key "<customer id>:<account id>": {customer, account, name}: an account on the customer's list; null:
                removed
own_limits      key customer id: guard.own.OwnLimits: the limits that the customer chose: {held: {per_payment_minor,
                per_day_minor}, coming: the same, coming_us}; a limit that is absent is none; null: none
rate            key currency (ISO 4217): {rate, until}: guard.worth.Rate: what one unit of the bank's own currency is
                worth in it, for limits, which are in the bank's own; told of each currency that a new list names
kid             key account id: {need}: `must` or `may`: payments to it carry a customer identification (contracts.kid)
api_token       key SHA-256 of the token (hex): contracts.api.Grant: {token, customer, scopes, ends_us,
                day_minor}; null: revoked
help            key "help": contracts.help_now.Help: {terms, areas, places, trouble}: by what emergency money is
                given, and where help is near
advances        key customer id: {open: [contracts.help_now.Owed]}: emergency money that is not paid back; null: none
bank            key "bank": {name, currency, business_date: "YYYY-MM-DD", day_offset: days, settlement, suspense,
                clearing, loss, compensation, fees}; the last six are account ids of the bank's own;
                phone: text, only when the bank answers one
"""

from dataclasses import dataclass
from typing import Any

from holdfast.contracts.errors import BadMessage

KINDS = (
    "customer",
    "account",
    "order",
    "order_run",
    "session_revoked",
    "all_ended",
    "limits",
    "blocked",
    "bank",
    "card",
    "payee_kind",
    "factors",
    "passkey",
    "frozen",
    "freeze",
    "payee",
    "own_limits",
    "kid",
    "api_token",
    "rate",
    "help",
    "advances",
)
DEADLINE_KINDS = ("tax", "rent", "wages", "loan", "card_bill", "marked")
"""Of a payee or a standing order: its payments must arrive by a time, and go first when capacity is short.
`marked`: the customer says so of an order."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of the profile stream; body None removes it."""

    number: int
    kind: str
    key: str
    body: dict[str, Any] | None

    def to_wire(self) -> dict[str, Any]:
        """The fact as JSON."""
        return {"number": self.number, "kind": self.kind, "key": self.key, "body": self.body}


def fact_from_wire(raw: dict[str, Any]) -> Fact:
    """Read a fact; raises BadMessage when it has not the agreed form."""
    try:
        fact = Fact(int(raw["number"]), str(raw["kind"]), str(raw["key"]), raw["body"])
    except (KeyError, ValueError, TypeError) as error:
        raise BadMessage(f"a fact has not the agreed form: {error}") from error
    if fact.kind not in KINDS:
        raise BadMessage(f"a fact is of an unknown kind {fact.kind!r}")
    return fact
