"""The room that keeps cases: what the bank could not enter as it stood, who owns it, what is decided."""
