"""The daemon tells of keys that run out, once per warning day, and shows the time that is left."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from chains_for_tests import NOW, Wish, issue, issuer
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from directory_for_tests import DIRECT, Clock, KeyRing, a_directory
from structlog.testing import capture_logs

from amtsbote.daemon.expiry import ExpiryWatch
from amtsbote.daemon.meter import Meter
from amtsbote.keys.calendar import expiries
from amtsbote.keys.vault import Vault
from amtsbote.model.directory import Directory
from amtsbote.model.ids import KeyId

RsaKey = Callable[[str], RSAPrivateKey]
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def directory(rsa_key: RsaKey) -> Directory:
    """One key has a certificate, which ends 100 days from now."""
    ring = KeyRing(rsa_key, Vault(bytes(32)))
    leaf = Wish("leaf", rsa_key("chemnitz-encryption"), end=NOW + 100 * DAY)
    base, kid = a_directory(ring), ring.kid("chemnitz-encryption")
    chain = tuple(issue([leaf, issuer("root", rsa_key("root"))]))
    return replace(base, keys={**base.keys, kid: replace(base.keys[kid], chain=chain)})


def kid_of(directory: Directory) -> KeyId:
    return directory.destinations[DIRECT].encryption_key


def test_each_warning_day_is_logged_once(directory: Directory) -> None:
    clock = Clock(NOW)
    watch = ExpiryWatch(lambda: directory, clock)
    with capture_logs() as logs:
        for _ in range(110):
            watch.look()
            clock.passes(DAY)

    assert [(one["event"], one["log_level"], one.get("days")) for one in logs] == [
        ("key.expires", "warning", 90),
        ("key.expires", "warning", 30),
        ("key.expires", "warning", 7),
        ("key.expired", "error", None),
    ]
    assert {(one["kid"], one["destination"], one["purpose"]) for one in logs} == {
        (kid_of(directory), DIRECT, "encryption")
    }


def test_a_start_tells_again_and_a_renewed_key_is_forgotten(directory: Directory) -> None:
    now, clock = [directory], Clock(NOW + 95 * DAY)
    with capture_logs() as logs:
        watch = ExpiryWatch(lambda: now[0], clock)
        watch.look()
        now[0] = replace(directory, keys={})
        watch.look()
        now[0] = directory
        watch.look()
        ExpiryWatch(lambda: now[0], clock).look()
    assert [one["within"] for one in logs] == [7, 7, 7]


def test_the_metric_counts_down_below_nothing_and_drops_keys_that_are_gone(directory: Directory) -> None:
    meter = Meter()
    name = f'amtsbote_key_expiry_seconds{{kid="{kid_of(directory)}",owner="{DIRECT}"}}'
    for passed, left in ((0, "8.64e+06"), (101, "-86400.0")):
        meter.measure_keys(expiries(directory, NOW + passed * DAY))
        assert f"{name} {left}" in meter.exposition().decode()
    meter.measure_keys(())
    assert name not in meter.exposition().decode()
