"""Metrics: what every part measures of itself, collected, kept for a fortnight, and shown."""
