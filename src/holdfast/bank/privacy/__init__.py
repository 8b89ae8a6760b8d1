"""What the bank holds about a customer: shown, taken along, corrected."""
