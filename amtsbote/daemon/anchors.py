"""The roots every chain must end in: read from the files the installation names, replaced when these are read again."""

from collections.abc import Sequence
from pathlib import Path

from amtsbote.errors import Misconfigured
from amtsbote.jose.certificates import CertificateRefused, read_chain
from amtsbote.text.catalogue import say


class Anchors:
    def __init__(self, certificates: tuple[bytes, ...]) -> None:
        self._certificates = certificates

    def take(self, certificates: tuple[bytes, ...]) -> None:
        self._certificates = certificates

    def now(self) -> tuple[bytes, ...]:
        """DER."""
        return self._certificates


def read_anchors(files: Sequence[Path]) -> tuple[bytes, ...]:
    """The certificates of these files, DER. Raises `Misconfigured`."""
    return tuple(certificate for file in files for certificate in _certificates(file))


def _certificates(file: Path) -> tuple[bytes, ...]:
    try:
        return read_chain(file.read_bytes())
    except (OSError, CertificateRefused):
        raise Misconfigured(say("office.anchor", "en", path=file), say("office.anchor", "de", path=file)) from None
