"""JOSE as FIT-Connect uses it: strict, streaming, bounded.

Compact JWE (RSA-OAEP-256, A256GCM, `zip` DEF or none), compact and detached JWS (PS512, EdDSA), JWK and the
certificates around it. The algorithm is always fixed by the caller, never taken from a message. Nothing here stores a
private key or reads the clock.
"""

from amtsbote.errors import AmtsboteError


class MalformedJose(AmtsboteError):
    """A token, header or key that does not have the one form that is allowed.

    `reason` is a short, stable English phrase; it never contains a value from the token.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class HeaderRefused(MalformedJose):
    """A header member with a value that is not allowed: which member, and what would be allowed."""

    def __init__(self, member: str, allowed: str) -> None:
        super().__init__(f"header member {member} must be {allowed}")
        self.member = member
        self.allowed = allowed


class KeyRefused(MalformedJose):
    """A member of a key that is not allowed: which, and what would be."""

    def __init__(self, member: str, allowed: str) -> None:
        super().__init__(f"key member {member} must be {allowed}")
        self.member = member
        self.allowed = allowed


class TooLong(MalformedJose):
    """More characters than the caller's limit."""

    def __init__(self, limit: int) -> None:
        super().__init__("too long")
        self.limit = limit
