"""Traces: what slow, failed and drawn requests did at each building, found again and drawn over time."""
