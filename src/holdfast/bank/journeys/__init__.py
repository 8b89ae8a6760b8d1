"""The bank's own test customers, for the control room's journeys."""
