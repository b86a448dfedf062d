"""The ports of the persistence contract, written once for every database.

They know only a `Session`, which runs queries by name. The queries lie beside them, one `.sql` file per port; what a
database has to say in its own words lies in a `.sql` file of its own folder.
"""

from amtsbote.store.ports.transaction import Ports

__all__ = ["Ports"]
