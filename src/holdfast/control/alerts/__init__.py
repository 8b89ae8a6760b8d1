"""Alerts: rules over measurements, service levels, what fires now, and which incident it belongs to."""
