"""The API for customers' own programs (contracts.api): tokens, the addresses under /api/v1, and their description."""
