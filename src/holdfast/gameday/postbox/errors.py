"""Errors of the postbox.

PostboxError
└── PortBusy     something else listens there; end it, or choose other ports with --port
"""


class PostboxError(Exception):
    """The postbox cannot do what was asked; the text says what to do."""


class PortBusy(PostboxError):
    """Something else listens on a port of the postbox; end it, or choose other ports."""
