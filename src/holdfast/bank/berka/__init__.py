"""The import of a real bank's records: the Czech bank of PKDD'99, known as Berka."""
