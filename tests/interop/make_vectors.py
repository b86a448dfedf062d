"""`make vectors`: every JOSE library this machine can run makes its tokens anew, and so do we; the keys stay.

What the vectors hold: for each maker the same contents, encrypted with and without compression, signed and signed
detached; and tokens with algorithms that FIT-Connect does not allow, which must be refused.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from foreign_programs import LIBRARIES, JosePeer, Missing, versions
from jose_vectors import FOLDER, KEYS, OURS, Vector, private_jwk, private_key, public_jwk, write, write_keys

from amtsbote.jose import jwe, jws

CONTENTS = {
    "nothing": b"",
    "umlauts": "<ort>Straße, Bäume, 北</ort>".encode(),
    "every byte": bytes(range(256)),
    "much of the same": b"Eiche " * 40,
}
ENCRYPTION = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "cty": "application/xml"}
SIGNATURE = {"typ": "secevent+jwt", "alg": "PS512"}
REFUSED_ENCRYPTIONS = (("alg", "RSA-OAEP"), ("enc", "A128GCM"), ("enc", "A256CBC-HS512"))
REFUSED_SIGNATURES = ("PS384", "RS512")


def by_library(peer: JosePeer) -> list[Vector]:
    to, signer = public_jwk("recipient"), private_jwk("signer")
    encrypting, signing = ENCRYPTION | {"kid": to["kid"]}, SIGNATURE | {"kid": signer["kid"]}
    made = []
    for name, content in CONTENTS.items():
        made.append(Vector("jwe", name, peer.seal(content, encrypting, to), content))
        made.append(Vector("jwe", f"{name}, compressed", peer.seal(content, encrypting | {"zip": "DEF"}, to), content))
        made.append(Vector("jws", name, peer.sign(content, signing, signer), content))
        made.append(Vector("detached", name, peer.sign_detached(content, signing, signer), content))
    return made + refused_by_us(peer, encrypting, signing)


def refused_by_us(peer: JosePeer, encrypting: dict[str, Any], signing: dict[str, Any]) -> list[Vector]:
    content, made = CONTENTS["umlauts"], []
    for member, value in REFUSED_ENCRYPTIONS:
        header = encrypting | {member: value}
        key = public_jwk("recipient") | {"alg": header["alg"]}
        made.append(Vector("jwe", value, peer.seal(content, header, key), content, refused=member))
    for algorithm in REFUSED_SIGNATURES:
        key = private_jwk("signer") | {"alg": algorithm}
        token = peer.sign(content, signing | {"alg": algorithm}, key)
        made.append(Vector("jws", algorithm, token, content, refused="alg"))
    return made


def by_us() -> list[Vector]:
    recipient, signer = private_key("recipient"), private_key("signer")
    header = SIGNATURE | {"kid": private_jwk("signer")["kid"]}
    made = []
    for name, content in CONTENTS.items():
        kid, public = private_jwk("recipient")["kid"], recipient.public_key()
        plain = jwe.encrypt(content, public, kid=kid, cty=ENCRYPTION["cty"])
        small = jwe.encrypt(content, public, kid=kid, cty=ENCRYPTION["cty"], zip_="DEF")
        made.append(Vector("jwe", name, plain.decode(), content))
        made.append(Vector("jwe", f"{name}, compressed", small.decode(), content))
        what = jws.signing_input(header, content)
        token = jws.compact(what, jws.sign_ps512(signer, what))
        made.append(Vector("jws", name, token, content))
        made.append(Vector("detached", name, jws.detach(token), content))
    return made


def main() -> None:
    if not (FOLDER / "keys.json").exists():
        write_keys({name: generate_private_key(65537, 4096) for name in KEYS})
    write(OURS, "amtsbote", by_us())
    for library, command in LIBRARIES.items():
        try:
            with tempfile.TemporaryDirectory() as folder, JosePeer(command(), Path(folder) / "errors") as peer:
                write(library, versions()[library], by_library(peer))
        except Missing as missing:
            print(f"{library}: kept as it was: {missing}")


if __name__ == "__main__":
    main()
