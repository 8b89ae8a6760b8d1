"""Standing orders, what became of each, charges and refunds."""
