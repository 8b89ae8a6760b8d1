"""Freeze everything: one button that stops cards, payments and standing orders of a customer, until they undo it."""
