"""The room where people answer an incident: what they say and do, who is woken, which runbook is followed."""
