"""A typed client of the bank's API, for the programs of customers: the standard library only, nothing of the bank."""

from holdfast.client import api
from holdfast.client.calls import Call
from holdfast.client.errors import ClientError, ProblemTold, Unanswered
from holdfast.client.sending import Client

__all__ = ["Call", "Client", "ClientError", "ProblemTold", "Unanswered", "api"]
