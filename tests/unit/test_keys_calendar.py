"""When keys run out, and who is told when."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from chains_for_tests import NOW, Wish, issue, issuer
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from directory_for_tests import DIRECT, KeyRing, a_directory

from amtsbote.keys.calendar import expiries, expiring
from amtsbote.keys.vault import Vault
from amtsbote.model.directory import Directory

RsaKey = Callable[[str], RSAPrivateKey]
ENDS = NOW + timedelta(days=100)


@pytest.fixture(scope="module")
def directory(rsa_key: RsaKey) -> Directory:
    """The encryption key of one destination has a chain that ends in 100 days, with its issuer; nothing else does."""
    ring = KeyRing(rsa_key, Vault(bytes(32)))
    leaf = Wish("leaf", rsa_key("chemnitz-encryption"), end=ENDS + timedelta(days=50))
    chain = tuple(issue([leaf, issuer("root", rsa_key("root")).but(end=ENDS)]))
    base = a_directory(ring)
    kid = ring.kid("chemnitz-encryption")
    return replace(base, keys={**base.keys, kid: replace(base.keys[kid], chain=chain)})


def test_a_key_ends_with_the_first_certificate_of_its_chain(directory: Directory) -> None:
    [one] = expiries(directory, NOW)
    assert (one.owner, one.until, one.left, one.current) == (DIRECT, ENDS, timedelta(days=100), True)
    assert expiring(directory, NOW) == ()


@pytest.mark.parametrize(
    ("days_left", "warned"), [(91, None), (90, 90), (31, 90), (30, 30), (8, 30), (7, 7), (1, 7), (0, 0), (-3, 0)]
)
def test_the_warning_narrows_as_the_end_comes(directory: Directory, days_left: int, warned: int | None) -> None:
    [one] = expiries(directory, ENDS - timedelta(days=days_left))
    assert one.warned_at == warned
    assert bool(expiring(directory, ENDS - timedelta(days=days_left))) is (warned is not None)


def test_nobody_is_told_of_a_key_that_only_opens_old_submissions(directory: Directory) -> None:
    other = {DIRECT: replace(directory.destinations[DIRECT], encryption_key=directory.destinations[DIRECT].signing_key)}
    replaced = replace(directory, destinations={**directory.destinations, **other})
    assert [one.current for one in expiries(replaced, ENDS)] == [False]
    assert expiring(replaced, ENDS) == ()


def test_a_retired_key_is_in_no_calendar(directory: Directory) -> None:
    keys = {kid: replace(key, retired_at=NOW) for kid, key in directory.keys.items()}
    assert expiries(replace(directory, keys=keys), ENDS) == ()
