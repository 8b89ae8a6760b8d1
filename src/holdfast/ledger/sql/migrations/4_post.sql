-- Version 3 to 4, once only the new release runs. Safe to run again; reads the ties while they are written.
ALTER TABLE ledger.tie VALIDATE CONSTRAINT tie_says_something;
