"""Outcomes, reasons and the headers with which doors and banks speak."""

from dataclasses import dataclass
from enum import StrEnum

# door -> bank
ROW_HEADER = "Holdfast-Row"
"""Token of purpose `row`, signed by a door: {cohort (or null), mode, epoch, forced, bank, request, at}."""
BANNER_HEADER = "Holdfast-Banner"
"""base64url of the banner's JSON, one a language (see holdfast.look.banner), absent when there is none."""
TOUR_HEADER = "Holdfast-Tour"
"""base64url of a tour's JSON for this customer on this page (see holdfast.look.tour), absent when there is none."""
CALLER_HEADER = "Holdfast-Caller"
"""Token of purpose `call` with which one building calls another: {to, path, at}."""

# bank -> door
OUTCOME_HEADER = "Holdfast-Outcome"
"""`<outcome> <payment id>`, on every answer that tells how a payment ended."""
COHORT_HEADER = "Holdfast-Cohort"
"""A number: this client belongs to that cohort (the door sets its signed cookie); `none`: forget it."""
FRONT_HEADER = "Holdfast-Front"
"""On the answer to a login: the number of a customer whose needs are on the register, 0 of any other. The door seals it
into a cookie of the device and tells it nobody; which needs they are is never said."""
STALE_HEADER = "Holdfast-Stale"
"""With 409: the epoch that the bank knows for the cohort; nothing was done."""
SERVED_BY_HEADER = "Holdfast-Served-By"
"""Set by the door on every answer: `primary`, `standin` or `door`."""

AWAY_STATUS = 503
"""The bank cannot do this now, and nothing was done. With SAYS_HEADER its page is shown, unless another bank may have
done it; without, the door asks elsewhere."""
SAYS_HEADER = "Holdfast-Says"
"""With 503: this page says in the bank's own words what it does not do now and why; asking again helps nobody. With
409: it is the answer to a program whose same request is under way, and not a row that is not current."""
WRONG_BANK_STATUS = 421
"""The customer's cohort is served by the other bank; COHORT_HEADER names the cohort."""
STALE_STATUS = 409


class Outcome(StrEnum):
    """How a payment request ended (protocol.md, Messages)."""

    DONE = "done"
    CHECKING = "checking"
    REFUSED_OWN = "refused-own"
    REFUSED_SETTLED = "refused-settled"
    CONFLICT = "conflict"


class Reason(StrEnum):
    """Why a payment was refused, or is being checked; one enumeration for both banks and the books."""

    OK = "ok"
    NOT_ENOUGH_MONEY = "not_enough_money"
    ACCOUNT_FROZEN = "account_frozen"
    ACCOUNT_CLOSED = "account_closed"
    ACCOUNT_UNKNOWN = "account_unknown"
    SAME_ACCOUNT = "same_account"
    OTHER_CURRENCY = "other_currency"
    AMOUNT_LIMIT = "amount_limit"
    DAY_LIMIT = "day_limit"
    OWN_PAYMENT_LIMIT = "own_payment_limit"
    OWN_DAY_LIMIT = "own_day_limit"
    TOO_MANY = "too_many"
    PAYEE_BLOCKED = "payee_blocked"
    NEW_PAYEE_LIMIT = "new_payee_limit"
    UNUSUAL_AMOUNT = "unusual_amount"
    KEPT_FOR_DEADLINES = "kept_for_deadlines"
    SPARE_LIMIT = "spare_limit"
    NOT_COMPLETED = "not_completed"
    CANCELLED = "cancelled"
    OTHER_CONTENT = "other_content"
    CLAIMED_REFUSED = "claimed_refused"
    CARD_UNKNOWN = "card_unknown"
    CARD_FROZEN = "card_frozen"
    CARD_ENDED = "card_ended"
    CARD_USE_LIMIT = "card_use_limit"
    CARD_DAY_LIMIT = "card_day_limit"
    CUSTOMER_FROZEN = "customer_frozen"
    PAYROLL_LIMIT = "payroll_limit"
    PERIOD_CLOSED = "period_closed"
    HOLD_UNKNOWN = "hold_unknown"
    HOLD_DIFFERS = "hold_differs"
    HOLD_ENDED = "hold_ended"
    HOLD_EXPIRED = "hold_expired"
    REVERSED_UNKNOWN = "reversed_unknown"
    REVERSED_ALREADY = "reversed_already"
    LINKED_REFUSED = "linked_refused"


REASON_WORDS: dict[Reason, str] = {
    Reason.OK: "Accepted.",
    Reason.NOT_ENOUGH_MONEY: "There was not enough money in the account.",
    Reason.ACCOUNT_FROZEN: "The account is frozen. Contact us to have it opened again.",
    Reason.ACCOUNT_CLOSED: "The account is closed.",
    Reason.ACCOUNT_UNKNOWN: "We know no account with that number.",
    Reason.SAME_ACCOUNT: "The money would come from and go to the same account.",
    Reason.OTHER_CURRENCY: "The two accounts are in different currencies.",
    Reason.AMOUNT_LIMIT: "The amount is above the limit for one payment.",
    Reason.DAY_LIMIT: "The payments of one day would be above your limit.",
    Reason.OWN_PAYMENT_LIMIT: "The amount is above the limit for one payment that you chose yourself.",
    Reason.OWN_DAY_LIMIT: "Your payments of today would be above the limit for a day that you chose yourself.",
    Reason.TOO_MANY: "There were too many payments in a short time. Try again in a few minutes.",
    Reason.PAYEE_BLOCKED: "Payments to this account are stopped because of fraud warnings.",
    Reason.NEW_PAYEE_LIMIT: "The amount is above the limit for an account that you have not paid before.",
    Reason.UNUSUAL_AMOUNT: "The amount is far above what you usually pay. Pay less, or contact us.",
    Reason.KEPT_FOR_DEADLINES: "What our spare bank may still pay out is kept for payments that must arrive in time. "
    "If yours must, pay again and say so on the form.",
    Reason.SPARE_LIMIT: "It is above what our spare bank may pay out until our main system is back. "
    "A smaller amount may go through; the help page has the limits of now.",
    Reason.NOT_COMPLETED: "It was not completed, and no money was taken.",
    Reason.CANCELLED: "You cancelled it, and no money was taken.",
    Reason.OTHER_CONTENT: "A payment with this id and other content exists already.",
    Reason.CLAIMED_REFUSED: "You were told that it was refused, and no money was taken.",
    Reason.CARD_UNKNOWN: "We know no such card.",
    Reason.CARD_FROZEN: "The card is frozen.",
    Reason.CARD_ENDED: "The card has ended.",
    Reason.CARD_USE_LIMIT: "The amount is above what the card may pay at once.",
    Reason.CARD_DAY_LIMIT: "The card would have paid more on one day than it may.",
    Reason.CUSTOMER_FROZEN: "Everything was frozen by an owner of the account, under “Signing in and security”.",
    Reason.PAYROLL_LIMIT: "It is above the payroll limit that was agreed for the account.",
    Reason.PERIOD_CLOSED: "The day on which it was to count is closed in our books.",
    Reason.HOLD_UNKNOWN: "The reserved amount that it belongs to does not exist.",
    Reason.HOLD_DIFFERS: "It is for other accounts, or for more, than the reserved amount that it belongs to.",
    Reason.HOLD_ENDED: "The reserved amount that it belongs to was paid or released already.",
    Reason.HOLD_EXPIRED: "The amount was reserved only until a day that has passed, and was released.",
    Reason.REVERSED_UNKNOWN: "The payment that it was to give back does not exist.",
    Reason.REVERSED_ALREADY: "The payment was given back already, or was smaller than what was to be given back.",
    Reason.LINKED_REFUSED: "It belongs together with another payment that could not be made, so neither was made.",
}


REASON_WORDS_NB: dict[Reason, str] = {
    Reason.OK: "Godtatt.",
    Reason.NOT_ENOUGH_MONEY: "Det var ikke nok penger på kontoen.",
    Reason.ACCOUNT_FROZEN: "Kontoen er sperret. Ta kontakt med oss for å få den åpnet igjen.",
    Reason.ACCOUNT_CLOSED: "Kontoen er avsluttet.",
    Reason.ACCOUNT_UNKNOWN: "Vi kjenner ingen konto med det nummeret.",
    Reason.SAME_ACCOUNT: "Pengene skulle gått fra og til samme konto.",
    Reason.OTHER_CURRENCY: "De to kontoene er i ulik valuta.",
    Reason.AMOUNT_LIMIT: "Beløpet er over grensen for én betaling.",
    Reason.DAY_LIMIT: "Dagens betalinger ville kommet over grensen din.",
    Reason.OWN_PAYMENT_LIMIT: "Beløpet er over grensen for én betaling som du har valgt selv.",
    Reason.OWN_DAY_LIMIT: "Dagens betalinger ville kommet over daggrensen som du har valgt selv.",
    Reason.TOO_MANY: "Det var for mange betalinger på kort tid. Prøv igjen om noen minutter.",
    Reason.PAYEE_BLOCKED: "Betalinger til denne kontoen er stanset på grunn av svindelvarsler.",
    Reason.NEW_PAYEE_LIMIT: "Beløpet er over grensen for en konto du ikke har betalt til før.",
    Reason.UNUSUAL_AMOUNT: "Beløpet er langt over det du pleier å betale. Betal mindre, eller ta kontakt med oss.",
    Reason.KEPT_FOR_DEADLINES: "Det reservebanken vår fortsatt kan betale ut, er holdt av til betalinger som må komme "
    "fram i tide. Må din det, så betal på nytt og si fra i skjemaet.",
    Reason.SPARE_LIMIT: "Det er over det reservebanken vår kan betale ut før hovedsystemet vårt er tilbake. "
    "Et mindre beløp kan gå gjennom; grensene som gjelder nå, står på hjelpesiden.",
    Reason.NOT_COMPLETED: "Den ble ikke gjennomført, og ingen penger ble trukket.",
    Reason.CANCELLED: "Du kansellerte den, og ingen penger ble trukket.",
    Reason.OTHER_CONTENT: "Det finnes allerede en betaling med dette nummeret og annet innhold.",
    Reason.CLAIMED_REFUSED: "Du fikk beskjed om at den ble avvist, og ingen penger ble trukket.",
    Reason.CARD_UNKNOWN: "Vi kjenner ikke dette kortet.",
    Reason.CARD_FROZEN: "Kortet er sperret.",
    Reason.CARD_ENDED: "Kortet er utløpt.",
    Reason.CARD_USE_LIMIT: "Beløpet er over det kortet kan betale på én gang.",
    Reason.CARD_DAY_LIMIT: "Kortet ville ha betalt mer på én dag enn det kan.",
    Reason.CUSTOMER_FROZEN: "Alt er sperret av en eier av kontoen, under «Innlogging og sikkerhet».",
    Reason.PAYROLL_LIMIT: "Det er over lønnsgrensen som er avtalt for kontoen.",
    Reason.PERIOD_CLOSED: "Dagen den skulle gjelde fra, er avsluttet i regnskapet vårt.",
    Reason.HOLD_UNKNOWN: "Det reserverte beløpet som den hører til, finnes ikke.",
    Reason.HOLD_DIFFERS: "Den gjelder andre kontoer, eller mer, enn det reserverte beløpet som den hører til.",
    Reason.HOLD_ENDED: "Det reserverte beløpet som den hører til, er allerede betalt eller frigitt.",
    Reason.HOLD_EXPIRED: "Beløpet var bare reservert til en dag som er passert, og er frigitt.",
    Reason.REVERSED_UNKNOWN: "Betalingen som skulle tilbakeføres, finnes ikke.",
    Reason.REVERSED_ALREADY: "Betalingen er allerede tilbakeført, eller var mindre enn det som skulle tilbakeføres.",
    Reason.LINKED_REFUSED: "Den hører sammen med en betaling som ikke kunne gjennomføres, så ingen av dem ble det.",
}
REASON_WORDS_IN: dict[str, dict[Reason, str]] = {"en": REASON_WORDS, "nb": REASON_WORDS_NB}
"""Language to the words of each reason."""


@dataclass(frozen=True, slots=True)
class PaymentAnswer:
    """What a bank says about one payment: outcome, reason, and where it stands in the books or journal."""

    outcome: Outcome
    reason: Reason = Reason.OK
    block: int = 0
    journal_number: int = 0
