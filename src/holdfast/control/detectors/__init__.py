"""Detectors and forecasts for series of measured values: pure, the standard library only, no knowledge of the bank."""
