"""Made-up data for a new installation."""
