"""The one HTTP client of the house. Nothing else imports httpx."""

from amtsbote.net.addresses import AddressGuard, Network
from amtsbote.net.client import Answer, Body, HttpClient, Method, Timeouts
from amtsbote.net.failures import AnswerTooLong, Fault, Unreachable
from amtsbote.net.guarded import GuardedClient

__all__ = [
    "AddressGuard",
    "Answer",
    "AnswerTooLong",
    "Body",
    "Fault",
    "GuardedClient",
    "HttpClient",
    "Method",
    "Network",
    "Timeouts",
    "Unreachable",
]
