"""Cases: what a replay could not enter as it stood, the decision of two people on it, and what the customer reads."""
