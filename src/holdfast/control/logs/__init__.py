"""Logs: what every process warned of, kept outside of it, by patterns, and found again."""
