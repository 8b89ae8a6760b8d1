"""Charges as pure arithmetic: no database, no clock, no Django. Same facts and same price lists, same amounts."""
