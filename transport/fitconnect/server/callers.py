"""Who asks: the client behind a request's access token, with the right an endpoint needs."""

from starlette.requests import Request

from amtsbote.model.directory import Client
from transport.fitconnect.server.front import Reception
from transport.fitconnect.server.scopes import Right


def anyone(front: Reception, request: Request, *rights: Right) -> Client:
    """The client of a valid token, whatever its role. Raises `RequestRefused`: 401, or 403 with none of `rights`."""
    return front.tokens.client_of(request.headers.get("authorization"), *rights)


def party(front: Reception, request: Request) -> Client:
    """One of the two sides of a case, with a token for it: a sender or a subscriber."""
    return anyone(front, request, Right.SEND, Right.SUBSCRIBE)


def sender(front: Reception, request: Request) -> Client:
    """A portal's client, with the regions its token is narrowed to."""
    return anyone(front, request, Right.SEND)


def subscriber(front: Reception, request: Request) -> Client:
    """A client that fetches from destinations and acknowledges."""
    return anyone(front, request, Right.SUBSCRIBE)


def manager(front: Reception, request: Request) -> Client:
    """A subscriber's client that may manage destinations, with a token for it."""
    return anyone(front, request, Right.MANAGE)


def editor(front: Reception, request: Request) -> Client:
    """A client of an editor of the routing tables."""
    return anyone(front, request, Right.EDIT)
