"""Certificates of the demonstration with the keys of the test run."""

from collections.abc import Callable, Mapping
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from amtsbote.demo.certificates import NAMES, Certified, certify


def demo_people(rsa_key: Callable[[str], RSAPrivateKey], at: datetime) -> Mapping[str, Certified]:
    """Everyone, with three keys in turn: making five for every run would be slow."""
    keys = {name: rsa_key(f"demo-{number % 3}") for number, name in enumerate(NAMES)}
    return certify(keys, at)
