"""What customers log in with beside their password, and what happened to it."""
