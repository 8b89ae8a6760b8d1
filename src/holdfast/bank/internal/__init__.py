"""The addresses other buildings call."""
