"""The dossier of a router of an inventory that is in no register, with the box that a vault's store has pinned."""

from linjevakt.model.dossier import Dossier, dossier
from linjevakt.model.inventory import Inventory
from linjevakt.trust import Vault


def opened(vault: Vault, inventory: Inventory, router: str) -> Dossier:
    """Raises NotFoundError for a router that is not there."""
    return dossier(inventory, router, device=next(iter(vault.store.devices.all([router])), None))
