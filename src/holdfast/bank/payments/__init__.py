"""Payments that customers make and payments that come in."""
