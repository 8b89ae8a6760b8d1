"""Closing an account, and ending being a customer."""
