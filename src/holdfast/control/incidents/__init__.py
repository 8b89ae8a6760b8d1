"""The room that keeps incidents: what happened, when, and what is still to do."""
