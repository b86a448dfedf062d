"""The examples of RFC 7515, 7516 and 7520 (`tests/vectors/rfc.json`), of RFC 7638 and RFC 8037.

None of the first three uses RSA-OAEP-256 or PS512, the only algorithms of FIT-Connect: a strict reader refuses every
one, for its algorithm or its form. That they are written down rightly is shown by jwcrypto, which takes them. The other
two have examples that fit.
"""

import json
from collections.abc import Callable
from typing import Any

import jwcrypto.jwe
import jwcrypto.jwk
import jwcrypto.jws
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jose_oracles import fixed_key
from jose_vectors import FOLDER

from amtsbote.errors import DecryptionFailed
from amtsbote.jose import HeaderRefused, MalformedJose, base64url, jwe, jws
from amtsbote.jose.jwk import public_key_from_jwk, thumbprint
from amtsbote.model.directory import KeyPurpose

CLIENT = "examples of RFC 7515, 7516, 7520, 7638, 8037"
Example = dict[str, Any]
LIMIT = 1 << 20
EXAMPLES: list[Example] = json.loads((FOLDER / "rfc.json").read_text("utf-8"))
COMPACT = [example for example in EXAMPLES if "token" in example]


def named(examples: list[Example]) -> list[object]:
    return [pytest.param(example, id=example["from"]) for example in examples]


@pytest.mark.parametrize("example", named([example for example in COMPACT if example["key"]]))
def test_the_example_is_as_the_rfc_has_it(example: Example) -> None:
    key = jwcrypto.jwk.JWK(**example["key"])
    opened = jwcrypto.jws.JWS() if example["kind"] == "jws" else jwcrypto.jwe.JWE()
    opened.allowed_algs = [name for name in example["algorithms"].split() if name != "DEF"]

    opened.deserialize(example["token"], key=key)

    assert opened.payload == base64url.decode(example["content"])


@pytest.mark.parametrize("example", named([example for example in COMPACT if example["kind"] == "jws"]))
def test_its_signature_is_refused_for_its_algorithm(example: Example) -> None:
    with pytest.raises(HeaderRefused) as refused:
        jws.read_compact(example["token"], limit=LIMIT)

    assert refused.value.member == "alg"


@pytest.mark.parametrize("example", named([example for example in COMPACT if example["kind"] == "jwe"]))
def test_its_encryption_is_refused_for_its_algorithm(example: Example) -> None:
    with pytest.raises(HeaderRefused) as refused:
        jwe.JweCheck(LIMIT).feed(example["token"].encode())
    with pytest.raises(DecryptionFailed):
        jwe.decrypt_small(example["token"].encode(), fixed_key, limit=LIMIT)

    assert refused.value.member == "alg"


@pytest.mark.parametrize("example", named([example for example in EXAMPLES if "json" in example]))
def test_the_json_forms_are_refused(example: Example) -> None:
    text = json.dumps(example["json"])
    reads: dict[str, Callable[[str], object]] = {
        "jws": lambda token: jws.read_compact(token, limit=LIMIT),
        "jwe": lambda token: jwe.JweCheck(LIMIT).feed(token.encode()),
    }

    with pytest.raises(MalformedJose):
        reads[example["kind"]](text)


@pytest.mark.parametrize("example", named([each for each in COMPACT if (each["key"] or {}).get("kty") == "RSA"]))
def test_its_keys_are_not_those_of_a_destination(example: Example) -> None:
    """Private, without a use, or shorter than 4096 bits; that of RFC 7520, 5.2 is long enough once it says what for."""
    public = {name: example["key"][name] for name in ("kty", "n", "e")}
    said = public | {"kid": "of-an-RFC", "alg": "RSA-OAEP-256", "key_ops": ["wrapKey"]}

    with pytest.raises(MalformedJose):
        public_key_from_jwk(example["key"], KeyPurpose.ENCRYPTION)
    with pytest.raises(MalformedJose):
        public_key_from_jwk(public, KeyPurpose.ENCRYPTION)
    if example["from"] == "RFC 7520, 5.2":
        assert public_key_from_jwk(said, KeyPurpose.ENCRYPTION).key_size == 4096
    else:
        with pytest.raises(MalformedJose):
            public_key_from_jwk(said, KeyPurpose.ENCRYPTION)


def test_base64url_as_in_rfc_7515_appendix_c() -> None:
    assert base64url.encode(bytes([3, 236, 255, 224, 193])) == "A-z_4ME"
    assert base64url.decode("A-z_4ME") == bytes([3, 236, 255, 224, 193])


def test_the_ed25519_examples_of_rfc_8037() -> None:
    """A.2 (key), A.3 (thumbprint), A.4 and A.5 (signature). As a token it is refused: it names no key."""
    key = Ed25519PublicKey.from_public_bytes(base64url.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))
    signed = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"

    assert thumbprint(key) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    jws.verify_ed25519(key, signed.encode(), base64url.decode(signature))
    with pytest.raises(HeaderRefused) as refused:
        jws.read_compact(f"{signed}.{signature}", limit=LIMIT, alg="EdDSA")
    assert refused.value.member == "kid"
