"""Planned maintenance: a window from measured use, announced by two people, begun by the clock, ended by a person.

From outside this package come the views and `loop.maintain_for_ever`; customers hear of it through the room `tell`.
"""
