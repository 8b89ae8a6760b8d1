"""What crosses a border between the buildings: messages, routes, ids, hashed bytes, cases."""
