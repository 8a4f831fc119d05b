"""One database: a door for each subject in it, values of the model in and out; each method is one transaction."""

from collections.abc import Callable
from datetime import UTC, datetime

from linjevakt.model.entity import Revision
from linjevakt.model.inventory import Inventory
from linjevakt.model.rules import Check
from linjevakt.store.certificates import Certificates
from linjevakt.store.database import Database
from linjevakt.store.devices import Devices
from linjevakt.store.healths import Healths
from linjevakt.store.pushes import Pushes
from linjevakt.store.register import EDITORS_PATIENCE_S, Register
from linjevakt.store.sealed import Sealed


def _now() -> datetime:
    return datetime.now(UTC)


class Store:
    """Everything that outlives a process. Raises StorageError when the database is away or not migrated."""

    def __init__(
        self,
        url: str,
        clock: Callable[[], datetime] = _now,
        *,
        check: Check | None = None,
        patience_s: float = EDITORS_PATIENCE_S,
    ) -> None:
        """`check`: the rules of whoever edits the register. `patience_s`: how long an editor waits for the others."""
        self._database = Database(url)
        read, write = self._database.read, self._database.write
        self.register = Register(read, write, clock, check=check, patience_s=patience_s)
        self.devices = Devices(self._database, clock)
        self.certificates = Certificates(self._database, clock)
        self.pushes = Pushes(self._database, clock)
        self.healths = Healths(self._database)
        self.sealed = Sealed(self._database, clock)

    def close(self) -> None:
        """Gives the connections back."""
        self._database.engine.dispose()

    def migrate(self) -> bool:
        """Brings the database to this program's schema; False when it was there already."""
        from linjevakt.store import schema  # noqa: PLC0415 - Alembic costs every command 0.1 s, and only one needs it

        with self._database.write() as connection:
            return schema.upgrade(connection)

    def inventory(self) -> Inventory:
        """The inventory as it is. Raises NotFoundError when there is none."""
        return self.register.now().inventory

    def revision(self) -> Revision | None:
        """The last change of the register; None when there was none."""
        return self.register.revision()
