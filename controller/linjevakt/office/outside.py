"""What the plugins of other programs read: they come with the address of a database, and with nothing else."""

from collections.abc import Mapping
from contextlib import closing

from linjevakt.model.inventory import Inventory
from linjevakt.model.record import Stage
from linjevakt.store import Store


def inventory_and_stages(url: str) -> tuple[Inventory, Mapping[str, Stage]]:
    """The fleet, and by router how far it has come.

    Raises NotFoundError when there is no inventory, StorageError when the database is away.
    """
    with closing(Store(url)) as store:
        return store.inventory(), store.devices.stages()
