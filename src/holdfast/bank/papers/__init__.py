"""Papers that the bank gives out: statements and yearly certificates as PDF, and the proofs that every file carries."""
