"""Errors of the primary bank.

BankError
├── StoreAway       the database does not answer; answered with 503, nothing is known to be done
├── StaleEpoch      the cohort is served under a newer epoch, or by the spare bank; answered with 409
├── CallFailed      another building did not answer a call, or not as agreed; may be retried
├── JournalBroken   the spare bank's journal has a hole or a wrong hash; replay stops, a person must look
├── ReplayBusy      another replay is running; ask again
├── StillCollecting  loans' instalments are still being collected before a refund; ask again
├── RotationBusy    the key is being changed already; wait for its end
├── SealBroken      a sealed secret cannot be opened; its key file must be restored
├── NoNumberLeft    no free account number was found; give the bank another series of numbers
└── LoginBusy       too many logins wait for their password to be checked; ask again in a moment
"""


class BankError(Exception):
    """The primary bank did not do what was asked."""


class StoreAway(BankError):
    """The bank's database does not answer. Start it, or wait: the bank reconnects by itself."""


class StaleEpoch(BankError):
    """The cohort is served under the epoch given here, or by the spare bank; nothing was done."""

    def __init__(self, known_epoch: int) -> None:
        super().__init__(f"the cohort is served under epoch {known_epoch}; read the row again")
        self.known_epoch = known_epoch


class CallFailed(BankError):
    """Another building did not answer, or not as agreed. The text names it; the call may be repeated."""


class JournalBroken(BankError):
    """The spare bank's journal is not whole. Nothing beyond the last good entry was entered."""


class ReplayBusy(BankError):
    """Another replay is running. Ask again when it has ended."""


class StillCollecting(BankError):
    """Instalments of loans are still being collected; what was collected stays so. Ask again for the rest."""


class RotationBusy(BankError):
    """Another change of the same key is running; nothing was done. Wait for its end."""


class LoginBusy(BankError):
    """Too many logins are waiting. Nothing was checked; try again in a moment."""


class NoNumberLeft(BankError):
    """No free account number was found. Give the bank another series of numbers; nothing was opened."""


class SealBroken(BankError):
    """A sealed secret cannot be opened by any key. Restore the key file that the text names."""
