"""Mails of this bank to one customer: written down with the fact that they tell, sent by the worker."""
