"""Emergency money: advances without interest or fee, given within limits and paid back; and the bank's file of help."""
