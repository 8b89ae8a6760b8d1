"""Holdfast: a bank that stays open."""

__version__ = "0.1.0"
