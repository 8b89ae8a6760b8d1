"""The jobs that run without a customer."""
