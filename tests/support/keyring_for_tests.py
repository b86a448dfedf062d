"""RSA-4096 keys for tests, by name; and as jwcrypto takes them."""

import fcntl
import json
from functools import cache
from pathlib import Path

import jwcrypto.jwk
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

PRIMES = Path(__file__).resolve().parents[1] / "vectors" / "primes.json"
"""The usual names. To make a key costs a second, and up to ten on a busy machine."""
EXPONENT = 65537


@cache
def shared_key(folder: Path, name: str) -> rsa.RSAPrivateKey:
    """The key `name`: of primes that are kept, else made once per test run, on first use, and shared by its workers."""
    primes = _primes().get(name)
    return _made(folder, name) if primes is None else _key_of(*(int(prime, 16) for prime in primes))


@cache
def as_jwk(key: rsa.RSAPrivateKey) -> jwcrypto.jwk.JWK:
    """The same object every time: jwcrypto checks the primes when one is first used, for a quarter of a second."""
    return jwcrypto.jwk.JWK.from_pyca(key)


@cache
def _primes() -> dict[str, tuple[str, str]]:
    primes: dict[str, tuple[str, str]] = json.loads(PRIMES.read_text("utf-8"))
    return primes


def _key_of(p: int, q: int) -> rsa.RSAPrivateKey:
    d = rsa.rsa_recover_private_exponent(EXPONENT, p, q)
    of_p, of_q, inverse = rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)
    numbers = rsa.RSAPrivateNumbers(p, q, d, of_p, of_q, inverse, rsa.RSAPublicNumbers(EXPONENT, p * q))
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def _made(folder: Path, name: str) -> rsa.RSAPrivateKey:
    file = folder / f"{name}.der"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            key = rsa.generate_private_key(public_exponent=EXPONENT, key_size=4096)
            file.write_bytes(
                key.private_bytes(
                    serialization.Encoding.DER,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
            )
    loaded = serialization.load_der_private_key(file.read_bytes(), password=None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(loaded, rsa.RSAPrivateKey)
    return loaded
