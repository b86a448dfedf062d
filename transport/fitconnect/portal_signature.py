"""The portal's signature over the data: a detached JWS over the exact bytes (RFC 7515, appendix F).

`signature.content` of the metadata is the base64url of that JWS. Key and algorithm come from the portal's registered
trust, never from the message.
"""

from functools import lru_cache

from amtsbote.api.envelope import Trust
from amtsbote.jose import MalformedJose, base64url
from amtsbote.jose.jwk import PublicKey, load_public
from amtsbote.jose.jws import JwsHeader, KeyUnknown, SignatureInvalid, verify_detached
from amtsbote.model.content import SignatureResult, SignatureVerdict
from amtsbote.model.ids import KeyId
from transport.fitconnect.metadata import SignatureEntry


def check_signature(entry: SignatureEntry | None, data: bytes, trust: Trust) -> SignatureResult:
    """*Not verifiable*: another format, or no registered key. *Invalid*: malformed, or it does not fit."""
    if entry is None:
        return SignatureResult(SignatureVerdict.ABSENT)
    if entry.format != "json" or not entry.detached or entry.content is None:
        return SignatureResult(SignatureVerdict.NOT_VERIFIABLE, reason="format-not-supported")
    named: list[KeyId] = []

    def key_for(header: JwsHeader) -> PublicKey | None:
        named.append(header.kid)
        der = trust.signing_keys.get(header.kid)
        return None if der is None else _loaded(der)

    try:
        token = base64url.decode(entry.content).decode("ascii")
        header = verify_detached(token, data, key_for)
    except KeyUnknown:
        return SignatureResult(SignatureVerdict.NOT_VERIFIABLE, reason="key-not-registered")
    except SignatureInvalid:
        return SignatureResult(SignatureVerdict.INVALID, named[0], "signature-does-not-fit")
    except (MalformedJose, UnicodeDecodeError):
        return SignatureResult(SignatureVerdict.INVALID, reason="malformed")
    return SignatureResult(SignatureVerdict.VALID, header.kid)


@lru_cache(maxsize=256)
def _loaded(der: bytes) -> PublicKey:
    return load_public(der)
