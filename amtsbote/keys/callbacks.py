"""The secrets of callbacks: sealed when they come in, opened only to authenticate a callback."""

from contextlib import suppress
from dataclasses import replace

from amtsbote.errors import Damaged
from amtsbote.keys.vault import Vault
from amtsbote.model.callback import Callback


def sealed_callback(vault: Vault, url: str, secret: str, of: str) -> Callback:
    """`of`: id of the destination or other receiver whose callback it is; the secret opens with it alone."""
    return Callback(url, vault.wrap(secret.encode(), callback_context(of)))


def changed_callback(vault: Vault, known: Callback | None, url: str, secret: str | None, of: str) -> Callback | None:
    """A callback to `url` with this secret, or with the one that is known where none is given, or the same; None where
    there is no secret at all. One that opens no more is replaced."""
    if known is not None and (secret is None or secret == _opened(vault, known, of)):
        return replace(known, url=url)
    return None if secret is None else sealed_callback(vault, url, secret, of)


def callback_secret(vault: Vault, callback: Callback, of: str) -> str:
    """Raises `Damaged`."""
    return vault.unwrap(callback.sealed_secret, callback_context(of)).decode()


def _opened(vault: Vault, callback: Callback, of: str) -> str | None:
    with suppress(Damaged):
        return callback_secret(vault, callback, of)
    return None


def callback_context(of: str) -> str:
    """What binds a sealed secret to its receiver."""
    return f"callback:{of}"
