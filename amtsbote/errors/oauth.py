"""Errors of the token endpoint, the second table a sender can see: their form is that of RFC 6749, 5.2.

`error_description` is ASCII (RFC 6749, 5.2): German without umlauts. `docs/fehler.md` is generated from both tables.
"""

from dataclasses import dataclass
from typing import Final

from amtsbote.errors import Language


@dataclass(frozen=True, slots=True)
class OAuthError:
    error: str
    """As the RFC names it."""
    status: int
    de: str
    en: str
    """What is wrong and what to do about it."""

    def description(self, language: Language) -> str:
        return self.de if language == "de" else self.en


INVALID_FORM: Final = OAuthError(
    "invalid_request",
    400,
    "Erwartet wird ein Formular (application/x-www-form-urlencoded) bis 8 KiB mit grant_type, client_id und"
    " client_secret, jedes Feld und jede Kopfzeile einmal.",
    "A form (application/x-www-form-urlencoded) of up to 8 KiB is expected, with grant_type, client_id and"
    " client_secret, each field and each header once.",
)

UNSUPPORTED_GRANT: Final = OAuthError(
    "unsupported_grant_type",
    400,
    "Nur grant_type=client_credentials wird angenommen.",
    "Only grant_type=client_credentials is supported.",
)

INVALID_CLIENT: Final = OAuthError(
    "invalid_client",
    401,
    "Zugang oder Geheimnis falsch, oder der Zugang ist gesperrt. Bitte client_id und client_secret kontrollieren.",
    "Client or secret is wrong, or the client is locked out. Check client_id and client_secret.",
)

BASIC_REFUSED: Final = OAuthError(
    "invalid_client",
    401,
    "HTTP Basic wird hier nicht angenommen. Bitte client_id und client_secret im Formular senden.",
    "HTTP Basic is not accepted here. Send client_id and client_secret in the form.",
)

INVALID_SCOPE: Final = OAuthError(
    "invalid_scope",
    400,
    "Diesem Zugang steht ein genannter Scope nicht zu. Bitte keinen angeben, dann gelten alle des Zugangs.",
    "This client may not have one of the scopes it names. Name none to get all the client has.",
)

NO_DESTINATION: Final = OAuthError(
    "invalid_scope",
    400,
    "Diesem Zugang ist noch kein Zustellpunkt zugeordnet. Bitte den Betreiber fragen.",
    "No destination is assigned to this client yet. Ask the operator.",
)

SLOW_DOWN: Final = OAuthError(
    "slow_down",
    429,
    "Zu viele Anfragen oder falsche Geheimnisse. Bitte erst nach der Zeit in Retry-After wieder fragen.",
    "Too many requests or wrong secrets. Ask again after the time in Retry-After.",
)

OAUTH_ERRORS: Final[tuple[OAuthError, ...]] = (
    INVALID_FORM,
    UNSUPPORTED_GRANT,
    INVALID_CLIENT,
    BASIC_REFUSED,
    INVALID_SCOPE,
    NO_DESTINATION,
    SLOW_DOWN,
)
"""Every row. `slow_down` is registered by RFC 8628; the others by RFC 6749."""
