"""The one HTTP client of the house. Nothing else imports httpx."""

from amtsbote.net.client import Answer, Body, HttpClient, Method, Timeouts
from amtsbote.net.failures import AnswerTooLong, Fault, Unreachable

__all__ = ["Answer", "AnswerTooLong", "Body", "Fault", "HttpClient", "Method", "Timeouts", "Unreachable"]
