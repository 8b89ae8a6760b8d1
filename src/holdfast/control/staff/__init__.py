"""The room of the people who work here: who may do what, and a log that shows tampering."""
