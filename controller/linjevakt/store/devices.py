"""Which box each router is: its pinned identity, and how far it has come."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from sqlalchemy import (
    delete,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from linjevakt.model import lookup
from linjevakt.model.errors import ConflictError
from linjevakt.model.record import DeviceIdentity, Stage
from linjevakt.model.saying import Saying
from linjevakt.store import issuing, records, tables
from linjevakt.store.database import Database, put


class Devices:
    """The pinned boxes, a row a router."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    def save(self, device: DeviceIdentity) -> None:
        """Pins a router's identity, in place of any other.

        Raises ConflictError when another router has its serial number, StolenError when the box was stolen since its
        certificate was issued.
        """
        with self._database.write() as connection:
            issuing.require_unstolen(connection, device.certificate_serial)
            try:
                put(connection, tables.devices, records.device_row(device))
            except IntegrityError as error:
                raise ConflictError(
                    Saying(
                        "The box with serial number {serial} is staged as another router than {router}.",
                        serial=device.serial,
                        router=device.router,
                    )
                ) from error

    def renew(self, device: DeviceIdentity) -> bool:
        """Gives a pinned box its new certificate, and leaves the rest of its row to whoever writes that.

        False when the box is not pinned any more, or is shut out, by now.
        """
        table = tables.devices
        same = (table.c.router == device.router) & (table.c.csr == device.csr) & (table.c.stage != Stage.SHUT_OUT)
        names = ("certificate", "certificate_serial", "certificate_expires")
        row = records.device_row(device)
        with self._database.write() as connection:
            renewed = connection.execute(update(table).where(same).values({name: row[name] for name in names}))
            return bool(renewed.rowcount)

    def get(self, router: str) -> DeviceIdentity:
        """A router's pinned identity. Raises NotFoundError when it was never staged."""
        with self._database.read() as connection:
            row = connection.execute(select(tables.devices).where(tables.devices.c.router == router)).mappings().first()
        if row is None:
            raise lookup.not_staged(router)
        with records.readable():
            return records.device(row)

    def all(self, routers: Collection[str] | None = None) -> tuple[DeviceIdentity, ...]:
        """Every pinned identity, by name; `routers`: of these alone."""
        return self._database.of(routers, tables.devices.c.router, select(tables.devices).where, records.device)

    def serials(self, routers: Collection[str] | None = None) -> Mapping[str, str]:
        """The serial number of the box that each pinned router is; `routers`: of these alone."""
        found = self._database.pairs(tables.devices.c.router, tables.devices.c.serial, routers)
        with records.readable():
            return {router: records.text(value) for router, value in found.items()}

    def stages(self, routers: Collection[str] | None = None) -> Mapping[str, Stage]:
        """How far each pinned router has come; `routers`: of these alone."""
        found = self._database.pairs(tables.devices.c.router, tables.devices.c.stage, routers)
        with records.readable():
            return {router: Stage(stage) for router, stage in found.items()}

    def remove(self, router: str) -> None:
        """Unpins a router that is no more, and forgets how it was."""
        with self._database.write() as connection:
            connection.execute(delete(tables.devices).where(tables.devices.c.router == router))
            connection.execute(delete(tables.health).where(tables.health.c.router == router))

    def set_stage(self, router: str, stage: Stage, *, host_key: str | None = None) -> None:
        """Says how far a pinned router has come; one whose box is shut out stays so until another one is pinned.

        `host_key`: nothing is said when the router is another box by now than the one with that key.
        """
        pinned = (tables.devices.c.router == router) & (tables.devices.c.stage != Stage.SHUT_OUT)
        if host_key is not None:
            pinned &= tables.devices.c.host_key == host_key
        with self._database.write() as connection:
            connection.execute(update(tables.devices).where(pinned).values(stage=stage))

    def shut_out(self, box: str) -> None:
        """Revokes all that a stolen box ever had, for good; a router that it is, or has a key of, gets nothing more."""
        theirs = select(tables.certificates.c.serial).where(issuing.of_box(box))
        pinned = (tables.devices.c.serial == box) | tables.devices.c.certificate_serial.in_(theirs)
        with self._database.write() as connection:
            issuing.steal(connection, box, self._clock())
            connection.execute(update(tables.devices).where(pinned).values(stage=Stage.SHUT_OUT))
