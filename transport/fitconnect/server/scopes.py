"""Scopes in both vocabularies of FIT-Connect (dossier 2.1) and one of ours, and what a token with them may do."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from amtsbote.model.directory import MOST_REGIONS, Client, ClientRole
from amtsbote.model.routing import within
from transport.fitconnect.assumptions import SEND_REGION

_VOCABULARY: Final = "https://schema.fitko.de/fit-connect/oauth/scopes/"
SEND: Final = f"{_VOCABULARY}send-submissions"
SUBSCRIBE: Final = f"{_VOCABULARY}subscribe-destinations"
MANAGE: Final = f"{_VOCABULARY}manage-destinations"
EDIT: Final = "amtsbote:routing"
"""Of an editor of the routing tables, at the editing API alone (decision 0032)."""
SEND_TO: Final = SEND_REGION.value
"""Followed by nothing for all of Germany, or by an ARS or its first digits."""
_REGION: Final = re.compile(rf"{SEND_TO}((?:(?:0[1-9]|1[0-6])(?:\d(?:\d{{2}}(?:\d{{4}}(?:\d{{3}})?)?)?)?)?)", re.ASCII)


class Right(Enum):
    """What an endpoint asks for; each is named by the scope that gives it."""

    SEND = SEND
    SUBSCRIBE = SUBSCRIBE
    MANAGE = MANAGE
    EDIT = EDIT


def may(client: Client, right: Right) -> bool:
    """Whether a client has a right at all, whatever its token carries."""
    if client.role is ClientRole.SENDER:
        return right is Right.SEND
    if client.role is ClientRole.EDITOR:
        return right is Right.EDIT
    return right is Right.SUBSCRIBE or (right is Right.MANAGE and client.manages)


def scopes_of(client: Client) -> tuple[str, ...]:
    """All scopes of a client: what its token carries when none is asked for."""
    if client.role is ClientRole.SENDER:
        return (*(f"{SEND_TO}{region}" for region in client.regions or ("",)), SEND)
    if client.role is ClientRole.EDITOR:
        return (EDIT,)
    return (SUBSCRIBE, MANAGE) if client.manages else (SUBSCRIBE,)


def narrowed(client: Client, asked: Iterable[str]) -> tuple[str, ...] | None:
    """The scopes asked for, each once; None when the client may not have one of them."""
    wanted = tuple(dict.fromkeys(asked))
    if len(wanted) > MOST_REGIONS + 1 or not all(_may_have(client, scope) for scope in wanted):
        return None
    return wanted


def _may_have(client: Client, scope: str) -> bool:
    if any(may(client, right) for right in Right if right.value == scope):
        return True
    region = _REGION.fullmatch(scope)
    if region is None or client.role is not ClientRole.SENDER:
        return False
    return not client.regions or any(within(region[1], own) for own in client.regions)


@dataclass(frozen=True, slots=True)
class Grant:
    """What the scopes of a token allow, as far as its client may still do it."""

    rights: frozenset[Right]
    regions: tuple[str, ...]
    """Where a sender may send; none at all: wherever its client may."""

    @classmethod
    def of(cls, scope: str) -> "Grant":
        """`scope` as a token of ours carries it. A region that is named narrows; the other vocabulary says nothing
        about regions."""
        named = scope.split()
        regions = [found[1] for one in named if (found := _REGION.fullmatch(one))]
        rights = frozenset(right for right in Right if right.value in named)
        if regions:
            rights |= {Right.SEND}
        return cls(rights, () if "" in regions else tuple(regions))

    def acting(self, client: Client) -> Client | None:
        """The client as this token lets it act; None when the two have no region in common."""
        if not self.regions or self.regions == client.regions:
            return client
        regions = _common(self.regions, client.regions) if client.regions else self.regions
        return replace(client, regions=regions) if regions else None


def _common(some: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    inner = [one for one in some if any(within(one, other) for other in others)]
    return tuple(dict.fromkeys([*inner, *(one for one in others if any(within(one, other) for other in some))]))
