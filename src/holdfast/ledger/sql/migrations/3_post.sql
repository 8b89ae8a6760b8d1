-- Version 2 to 3, once only the new release runs. Safe to run again; reads the accounts while they are posted to.
ALTER TABLE ledger.account VALIDATE CONSTRAINT held_not_negative;
