"""Fixtures of every test."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hypothesis import HealthCheck, settings
from keyring_for_tests import shared_key

settings.register_profile(
    "default",
    deadline=None,
    # A busy machine is no finding. In CI the same examples each time; `make fuzz` looks for new ones.
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.register_profile("campaign", deadline=None, max_examples=1000, suppress_health_check=list(HealthCheck))
settings.load_profile("default")

REFERENCE = Path(__file__).resolve().parents[2] / "shared" / "reference"


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all worker processes of this test run share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "shared-by-all-workers"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def rsa_key(shared_folder: Path) -> Callable[[str], RSAPrivateKey]:
    """`rsa_key("portal")`: the RSA-4096 key of that name."""
    return lambda name: shared_key(shared_folder, name)


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of reference material; tests that use it skip where it is absent."""
    if not REFERENCE.is_dir():
        pytest.skip("reference material is not on this machine")
    return REFERENCE
