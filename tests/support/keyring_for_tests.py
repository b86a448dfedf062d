"""RSA-4096 keys for tests: made once per test run, on first use, under a file lock."""

import fcntl
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


@cache
def shared_key(folder: Path, name: str) -> rsa.RSAPrivateKey:
    """The key `name` of this test run: from its file, or made now."""
    file = folder / f"{name}.der"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            key = rsa.generate_private_key(public_exponent=65537, key_size=4096)
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
