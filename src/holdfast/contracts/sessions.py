"""Sessions that both banks honour: a token signed by the bank where the customer logged in."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from holdfast.contracts.clocks import CLOCK_LEEWAY_S
from holdfast.contracts.factors import PASSWORD

CLEAR_HEADER, CLEARED = "Clear-Site-Data", '"storage"'
"""On the answer to a log-out: what the browser kept of our pages beside cookies goes."""
BANK_COOKIE = "hf_bank"
STANDIN_COOKIE = "hf_standin"
COHORT_COOKIE = "hf_cohort"
SESSION_PURPOSE = "session"
BIRTH_PURPOSE = "birth"
RECEIPT_PURPOSE = "receipt"
RECEIPT_COOKIE = "hf_receipt"
RECEIPT_S = 600
RECEIPT_CHARACTERS_MAX = 3500
"""How a payment ended, signed, on its way to its receipt: in a cookie for that address alone, so that no amount and no
payee stands in an address (logs, history). Longer ones are not sent; the receipt is then what the bank itself knows."""
ALL_ENDED = "all_ended"
"""Of the profile's fact."""
SESSION_MAX = 64
IDLE_S = 15 * 60
ABSOLUTE_S = 12 * 3600
RENEW_AFTER_S = 60


@dataclass(frozen=True, slots=True)
class Session:
    """Who is logged in. Instants in seconds since 1970 UTC; epoch is the row's epoch when it was issued; confirmed:
    when the customer last showed anew who they are, 0 for not since the login."""

    session: str
    customer: int
    cohort: int
    factors: tuple[str, ...]
    began: float
    issued: float
    epoch: int
    confirmed: float = 0.0

    def to_payload(self) -> dict[str, Any]:
        """What is signed."""
        return {
            "session": self.session,
            "customer": self.customer,
            "cohort": self.cohort,
            "factors": list(self.factors),
            "began": self.began,
            "issued": self.issued,
            "epoch": self.epoch,
            "confirmed": self.confirmed,
        }

    @property
    def by_password_alone(self) -> bool:
        """Whether nothing but the password was shown: such a session may set a second factor up, and no more."""
        return set(self.factors) <= {PASSWORD}

    def over(self, now: float | None = None) -> bool:
        """Whether the idle or the absolute end is past, or it was issued in a future beyond all clocks' leeway."""
        now = time.time() if now is None else now
        return now - self.issued > IDLE_S or now - self.began > ABSOLUTE_S or self.issued > now + CLOCK_LEEWAY_S

    def proven_at(self) -> float:
        """When the customer last showed who they are: at the login, or since."""
        return max(self.began, self.confirmed)

    def left_s(self, renewed: bool, now: float | None = None) -> int:
        """Seconds until it ends if nothing more happens; renewed: it is issued anew with this answer."""
        now = time.time() if now is None else now
        idle = IDLE_S if renewed else IDLE_S - (now - self.issued)
        return max(0, int(min(idle, ABSOLUTE_S - (now - self.began))))

    def stale(self, now: float | None = None) -> bool:
        """Whether it should be issued anew with this answer."""
        now = time.time() if now is None else now
        return now - self.issued > RENEW_AFTER_S


@dataclass(frozen=True, slots=True)
class AllEnded:
    """Every session of a customer's that began before before_us (microseconds since 1970 UTC) has ended, at both banks,
    but `but` ("" for none): also one that the bank which ended them never saw."""

    before_us: int
    but: str

    def ends(self, session: str, began: float) -> bool:
        """Whether it ended a session of this customer's; began: in seconds since 1970 UTC."""
        return session != self.but and began * 1e6 < self.before_us

    def to_body(self) -> dict[str, Any]:
        """The body of the fact; its key is the customer's id."""
        return {"before_us": self.before_us, "but": self.but}


def all_ended_from_body(raw: Mapping[str, Any]) -> AllEnded:
    """Read a fact `all_ended`; raises KeyError, ValueError or TypeError when it is not one."""
    return AllEnded(int(raw["before_us"]), str(raw["but"])[:SESSION_MAX])


def session_from_payload(raw: dict[str, Any]) -> Session:
    """Read a verified token's payload; raises KeyError, ValueError or TypeError when it is no session."""
    return Session(
        str(raw["session"]),
        int(raw["customer"]),
        int(raw["cohort"]),
        tuple(map(str, raw["factors"])),
        float(raw["began"]),
        float(raw["issued"]),
        int(raw["epoch"]),
        float(raw.get("confirmed", 0.0)),
    )
