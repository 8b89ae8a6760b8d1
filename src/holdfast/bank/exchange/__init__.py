"""What this bank exchanges with the spare bank: profile stream, journal, comparison."""
