"""Money exchanged between a customer's accounts in different currencies, and the rates by which that is done."""
