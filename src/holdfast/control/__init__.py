"""The control room: watches, decides, tells, and keeps the record of what happened."""
