"""Errors of the client.

ClientError
├── ProblemTold     the bank says why it did not do what was asked (RFC 9457)
├── Unanswered      nobody answered; what was sent may have arrived: send it again under the same key
└── BadAnswer       what came is no answer of this API
"""

from typing import Any


class ClientError(Exception):
    """What was asked for was not done, or nobody knows whether it was."""


class ProblemTold(ClientError):
    """The bank says why it did not do it. problem: all that it says; code: stable, for programs."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{problem.get('title', status)}: {problem.get('detail', '')}")
        self.status, self.problem, self.code = status, problem, str(problem.get("code", ""))


class Unanswered(ClientError):
    """Nobody answered. Send the same again, a payment under the same key."""


class BadAnswer(ClientError):
    """What came is no answer of this API. The text says what was expected."""
