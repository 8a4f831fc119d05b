"""What people do and look up outside of work orders; the command line and the API are two thin edges over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from linjevakt.model.inventory import Inventory

if TYPE_CHECKING:  # SQLAlchemy costs commands that need no database 0.2 s
    from pathlib import Path

    from linjevakt.office.locks import Locks
    from linjevakt.store import Store
    from linjevakt.workorders.desk import Desk


@dataclass(frozen=True)
class Office:
    """What the functions of this room work on: an edge holds it, hands it over, and looks no further into it.

    `templates`: where the platforms are, if not where the product keeps them.
    """

    store: Store
    templates: Path | None = None

    @classmethod
    def of(cls, desk: Desk) -> Office:
        """The office beside a desk."""
        return cls(desk.fleet.store, desk.fleet.templates)

    def inventory(self) -> Inventory:
        """The fleet as it is. Raises NotFoundError when none was ever saved."""
        return self.store.inventory()

    @property
    def locks(self) -> Locks:
        """The pushes that hold a router."""
        return self.store.pushes

    def require_database(self) -> None:
        """Raises StorageError when the database is away, or is not of this program's schema."""
        self.store.revision()
