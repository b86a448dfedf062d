"""`python peer.py joserfc|jwcrypto`: one of these libraries behind one line of JSON per question and per answer."""

import base64
import json
import sys
from collections.abc import Callable
from typing import Any

Jwk = dict[str, Any]
ALGORITHMS = ["RSA-OAEP", "RSA-OAEP-256", "A128GCM", "A256GCM", "A256CBC-HS512", "DEF"]
SIGNATURES = ["PS512", "PS384", "RS512"]


class Joserfc:
    def __init__(self) -> None:
        from joserfc import jwe, jws
        from joserfc.jwk import RSAKey

        self._jwe, self._jws, self._import = jwe, jws, RSAKey.import_key

    def _key(self, members: Jwk) -> Any:
        """It takes RSA-OAEP for "encrypt", FIT-Connect for "wrapKey": its users leave `key_ops` to the algorithm."""
        return self._import({name: value for name, value in members.items() if name != "key_ops"})

    def encrypt(self, content: bytes, header: Jwk, key: Jwk) -> str:
        return self._jwe.encrypt_compact(header, content, self._key(key), algorithms=ALGORITHMS)

    def decrypt(self, token: str, key: Jwk) -> bytes:
        return self._jwe.decrypt_compact(token, self._key(key), algorithms=ALGORITHMS).plaintext or b""

    def sign(self, content: bytes, header: Jwk, key: Jwk) -> str:
        return self._jws.serialize_compact(header, content, self._key(key), algorithms=SIGNATURES)

    def verify(self, token: str, key: Jwk) -> bytes:
        return self._jws.deserialize_compact(token, self._key(key), algorithms=["PS512"]).payload

    def thumbprint(self, key: Jwk) -> str:
        return str(self._key(key).thumbprint())


class Jwcrypto:
    def __init__(self) -> None:
        from jwcrypto import jwe, jwk, jws

        self._jwe, self._jws, self._jwk = jwe, jws, jwk.JWK

    def encrypt(self, content: bytes, header: Jwk, key: Jwk) -> str:
        token = self._jwe.JWE(content, protected=json.dumps(header), recipient=self._jwk(**key), algs=ALGORITHMS)
        return str(token.serialize(compact=True))

    def decrypt(self, token: str, key: Jwk) -> bytes:
        opened = self._jwe.JWE(algs=ALGORITHMS)
        opened.deserialize(token, key=self._jwk(**key))
        return bytes(opened.payload)

    def sign(self, content: bytes, header: Jwk, key: Jwk) -> str:
        token = self._jws.JWS(content)
        token.allowed_algs = SIGNATURES
        token.add_signature(self._jwk(**key), protected=json.dumps(header))
        return str(token.serialize(compact=True))

    def verify(self, token: str, key: Jwk) -> bytes:
        opened = self._jws.JWS()
        opened.allowed_algs = ["PS512"]
        opened.deserialize(token, key=self._jwk(**key))
        return bytes(opened.payload)

    def thumbprint(self, key: Jwk) -> str:
        return str(self._jwk(**key).thumbprint())


def answer(library: Joserfc | Jwcrypto, ask: dict[str, Any]) -> str:
    key = ask["key"]
    match ask["does"]:
        case "encrypt":
            return library.encrypt(decoded(ask["content"]), ask["header"], key)
        case "decrypt":
            return encoded(library.decrypt(ask["token"], key))
        case "sign":
            return library.sign(decoded(ask["content"]), ask["header"], key)
        case "signDetached":
            head, _, tail = library.sign(decoded(ask["content"]), ask["header"], key).split(".")
            return f"{head}..{tail}"
        case "verify":
            return encoded(library.verify(ask["token"], key))
        case "verifyDetached":
            head, tail = ask["token"].split("..")
            return encoded(library.verify(f"{head}.{ask['content']}.{tail}", key))
        case "thumbprint":
            return library.thumbprint(key)
    raise KeyError(ask["does"])


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def main(name: str) -> None:
    libraries: dict[str, Callable[[], Joserfc | Jwcrypto]] = {"joserfc": Joserfc, "jwcrypto": Jwcrypto}
    library = libraries[name]()
    for line in sys.stdin:
        try:
            reply = {"answer": answer(library, json.loads(line))}
        except KeyError:
            raise
        except Exception as refused:  # noqa: BLE001 each library has errors of its own
            reply = {"refused": repr(refused)}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
