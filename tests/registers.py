"""A whole inventory put into a register, as an import into an empty one is: no merge, and nobody's order."""

from linjevakt.model.entity import Author, Entity, EntityKind, Revision, name_of
from linjevakt.model.inventory import Inventory
from linjevakt.store import Store


def save_inventory(store: Store, inventory: Inventory, who: str, why: str = "") -> Revision:
    """Makes the fleet exactly this one; orders and boxes stay. An equal one makes no revision.

    Raises ConflictError when an address is someone else's.
    """
    wanted: tuple[Entity, ...] = (inventory.installation, *inventory.organisations, *inventory.sites)
    names = {name_of(entity) for entity in wanted}
    with store.register.edit(Author(who, why), unchecked="files are checked as a whole when they are read") as draft:
        there = [found for kind in (EntityKind.SITE, EntityKind.ORGANISATION) for found in draft.snapshot.of(kind)]
        for gone in {name_of(found) for found in there} - names:
            draft.remove(*gone)
        for entity in wanted:
            draft.put(entity)
    revision = draft.saved or store.revision()
    assert revision
    return revision
