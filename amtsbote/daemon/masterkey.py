"""Hold the master keys an installation needs now: the recorded one, and during a change the former as well."""

from amtsbote.api.persistence import Store
from amtsbote.errors import Misconfigured
from amtsbote.keys.vault import MasterKeyMissing, Vault


async def take_master_key(store: Store, vault: Vault) -> None:
    """Raises `Misconfigured`, which names the key that is needed, when the file holds another."""
    recorded = await store.read(lambda tx: tx.master.get())
    try:
        vault.take(recorded)
    except MasterKeyMissing as missing:
        raise Misconfigured(
            f"the data need the master key {missing.key}; the file keys.master_key_file holds {vault.own}",
            f"die Daten brauchen den Hauptschlüssel {missing.key}; die Datei keys.master_key_file enthält {vault.own}",
        ) from missing
