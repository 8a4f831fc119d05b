"""The store's doors: each method is one transaction, values of the model in and out."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    bindparam,
    cast,
    delete,
    func,
    insert,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError

from linjevakt.model.change import PushResult, PushState
from linjevakt.model.entity import Author, Revision
from linjevakt.model.errors import ConflictError, NotFoundError
from linjevakt.model.health import Health, Transition, transition
from linjevakt.model.inventory import Inventory
from linjevakt.model.record import Certificate, DeviceIdentity, PushRecord, Reason, SeenList, Stage
from linjevakt.model.rules import Check
from linjevakt.model.saying import Saying
from linjevakt.store import certificates, records, tables
from linjevakt.store.database import BATCH, Database, execute, insert_new, put
from linjevakt.store.register import EDITORS_PATIENCE_S, Register

_UPDATE_HEALTH = (
    update(tables.health)
    .where(tables.health.c.router == bindparam("of_router"))
    .values(at=bindparam("new_at"), state=bindparam("new_state"), snapshot=bindparam("new_snapshot"))
)


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
        self._clock = clock
        read, write = self._database.read, self._database.write
        self.register = Register(read, write, clock, check=check, patience_s=patience_s)

    def close(self) -> None:
        """Gives the connections back."""
        self._database.engine.dispose()

    def migrate(self) -> bool:
        """Brings the database to this program's schema; False when it was there already."""
        from linjevakt.store import schema  # noqa: PLC0415 - Alembic costs every command 0.1 s, and only one needs it

        with self._database.write() as connection:
            return schema.upgrade(connection)

    # --- inventory ---

    def save_inventory(self, inventory: Inventory, who: str, why: str = "") -> Revision:
        """Replaces the inventory as a whole; only what is new makes versions, an equal one no revision.

        Raises ConflictError when an address is someone else's.
        """
        with self.register.edit(Author(who, why), unchecked="a fleet is checked as a whole when it is read") as draft:
            draft.replace_inventory(inventory)
        revision = draft.saved or self.register.revision()
        assert revision is not None  # noqa: S101 - an inventory that changes nothing was saved before
        return revision

    def inventory(self) -> Inventory:
        """The inventory as it is. Raises NotFoundError when there is none."""
        return self.register.now().inventory

    def revision(self) -> Revision | None:
        """The last change of the register; None when there was none."""
        return self.register.revision()

    # --- sealed secrets: envelopes only, see `linjevakt.trust.vault` ---

    def put_sealed(self, name: str, envelope: bytes, *, replace: bool = True) -> bool:
        """Writes an envelope; False when there is one already and `replace` is not given."""
        row = {"name": name, "envelope": envelope, "saved": self._clock()}
        with self._database.write() as connection:
            found = connection.execute(select(tables.sealed.c.name).where(tables.sealed.c.name == name)).first()
            if found and not replace:
                return False
            put(connection, tables.sealed, row)
        return True

    def sealed(self, name: str) -> bytes | None:
        """The envelope of that name, or None."""
        with self._database.read() as connection:
            query = select(tables.sealed.c.envelope).where(tables.sealed.c.name == name)
            return connection.execute(query).scalar_one_or_none()

    # --- devices ---

    def save_device(self, device: DeviceIdentity) -> None:
        """Pins a router's identity, in place of any other.

        Raises ConflictError when another router has its serial number, StolenError when the box was stolen since its
        certificate was issued.
        """
        with self._database.write() as connection:
            certificates.require_unstolen(connection, device.certificate_serial)
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

    def renew_device(self, device: DeviceIdentity) -> bool:
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

    def device(self, router: str) -> DeviceIdentity:
        """A router's pinned identity. Raises NotFoundError when it was never staged."""
        with self._database.read() as connection:
            row = connection.execute(select(tables.devices).where(tables.devices.c.router == router)).mappings().first()
        if row is None:
            raise NotFoundError(
                Saying(
                    "{router} is not staged yet. Run `linjevakt router stage {router} --identity FILE` with what "
                    "`linjevakt-agent identity --json` prints on the box.",
                    router=router,
                )
            )
        with records.readable():
            return records.device(row)

    def devices(self, routers: Collection[str] | None = None) -> tuple[DeviceIdentity, ...]:
        """Every pinned identity, by name; `routers`: of these alone."""
        return self._database.of(routers, tables.devices.c.router, select(tables.devices).where, records.device)

    def serials(self) -> Mapping[str, str]:
        """The serial number of the box that each pinned router is."""
        found = self._database.pairs(tables.devices.c.router, tables.devices.c.serial)
        with records.readable():
            return {router: records.text(value) for router, value in found.items()}

    def stages(self) -> Mapping[str, Stage]:
        """How far each pinned router has come."""
        found = self._database.pairs(tables.devices.c.router, tables.devices.c.stage)
        with records.readable():
            return {router: Stage(stage) for router, stage in found.items()}

    def remove_device(self, router: str) -> None:
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

    # --- certificates ---

    def issue(self, certificate: Certificate) -> None:
        """Writes down a certificate before its router gets it. Raises ConflictError: see `certificates.issue`."""
        with self._database.write() as connection:
            certificates.issue(connection, certificate)

    def certificates(self, *, router: str | None = None, box: str | None = None) -> tuple[Certificate, ...]:
        """Every certificate that was ever issued, newest first; to a router, to a box (`certificates.of_box`)."""
        table = tables.certificates
        wanted = ([table.c.router == router] if router else []) + ([certificates.of_box(box)] if box else [])
        return self._database.all(select(table).where(*wanted).order_by(table.c.issued.desc()), records.certificate)

    def running_certificates(
        self, routers: Collection[str] | None = None, *, ends_by: datetime | None = None
    ) -> Mapping[str, Certificate]:
        """By router, the newest certificate that it was seen to run; of these alone, and of those that end by then."""
        table = tables.certificates
        ends = true() if ends_by is None else table.c.expires <= ends_by

        def query(wanted: ColumnElement[bool]) -> Select[Any]:
            seen = wanted & table.c.confirmed.is_not(None)
            newest = select(table.c.router, func.max(table.c.issued)).where(seen).group_by(table.c.router)
            return select(table).where(seen, ends, tuple_(table.c.router, table.c.issued).in_(newest))

        return {found.router: found for found in self._database.of(routers, table.c.router, query, records.certificate)}

    def confirm_certificate(self, serial: str) -> None:
        """Its router was seen to run it."""
        with self._database.write() as connection:
            certificates.confirm(connection, serial, self._clock())

    def revoke(self, serials: Iterable[str], reason: Reason) -> None:
        """Revokes certificates for good; what is revoked stays so, since then and for that reason."""
        with self._database.write() as connection:
            certificates.revoke(connection, serials, reason, self._clock())

    def shut_out(self, box: str) -> None:
        """Revokes all that a stolen box ever had, for good; a router that it is, or has a key of, gets nothing more."""
        theirs = select(tables.certificates.c.serial).where(certificates.of_box(box))
        pinned = (tables.devices.c.serial == box) | tables.devices.c.certificate_serial.in_(theirs)
        with self._database.write() as connection:
            certificates.steal(connection, box, self._clock())
            connection.execute(update(tables.devices).where(pinned).values(stage=Stage.SHUT_OUT))

    def revoked(self, *, living_at: datetime | None = None, latest: int | None = None) -> tuple[Certificate, ...]:
        """Every certificate that was revoked, in that order; those that had not ended then, and so many of them."""
        table = tables.certificates
        query = select(table).where(certificates.refused(living_at)).limit(latest)
        found = self._database.all(query.order_by(table.c.revoked.desc(), table.c.serial.desc()), records.certificate)
        return found[::-1]

    def revoked_serials(self, living_at: datetime) -> frozenset[str]:
        """The serial numbers of those that were revoked and had not ended then: whom a hub has to refuse."""
        with self._database.read() as connection:
            query = select(tables.certificates.c.serial).where(certificates.refused(living_at))
            return frozenset(connection.execute(query).scalars())

    def revoked_hubs(self, living_at: datetime) -> frozenset[str]:
        """Of those, the ones that were a hub's: whom sites have to refuse, too."""
        table = tables.certificates
        with self._database.read() as connection:
            query = select(table.c.serial).where(
                certificates.refused(living_at), cast(table.c.networks, String) == "[]"
            )
            return frozenset(connection.execute(query).scalars())

    def save_seen_list(self, seen: SeenList) -> None:
        """Writes down which revocation list a router runs."""
        with self._database.write() as connection:
            put(connection, tables.hub_lists, records.seen_list_row(seen))

    def seen_lists(self) -> tuple[SeenList, ...]:
        """Which revocation list each router was last seen to run, by name; of those that were asked."""
        return self._database.all(select(tables.hub_lists).order_by(tables.hub_lists.c.hub), records.seen_list)

    # --- pushes ---

    def begin_push(self, router: str, *, candidate_hash: str, revert_in_s: int, worker: str) -> int:
        """Writes down that a push starts, and answers its id. Raises ConflictError while another one runs."""
        row = {
            "router": router,
            "state": PushState.RUNNING,
            "started": self._clock(),
            "worker": worker,
            "revert_in_s": revert_in_s,
            "candidate_hash": candidate_hash,
            **records.UNENDED,
        }
        with self._database.write() as connection:
            busy = Saying("A push to {router} runs already. Wait until it has ended.", router=router)
            return insert_new(connection, tables.pushes, row, busy)

    def end_push(self, push: int, result: PushResult) -> None:
        """Writes down how it ended. Raises ConflictError when it had ended already."""
        running = (tables.pushes.c.id == push) & (tables.pushes.c.state == PushState.RUNNING)
        with self._database.write() as connection:
            row = records.ended_row(result, self._clock())
            if not connection.execute(update(tables.pushes).where(running).values(**row)).rowcount:
                raise ConflictError(
                    Saying("Push {number} to {router} has ended already.", number=push, router=result.router)
                )

    def running_push(self, router: str) -> PushRecord | None:
        """The push that runs now, or that was running when its controller died; None when there is none."""
        query = select(tables.pushes).where(tables.pushes.c.router == router)
        rows = self._database.all(query.where(tables.pushes.c.state == PushState.RUNNING), records.push)
        return rows[0] if rows else None

    def pushes(self, router: str | None = None, *, limit: int = 100) -> tuple[PushRecord, ...]:
        """The latest pushes of one router, or of all, newest first."""
        query = select(tables.pushes).order_by(tables.pushes.c.id.desc()).limit(limit)
        return self._database.all(query.where(tables.pushes.c.router == router) if router else query, records.push)

    def last_pushes(self, routers: Collection[str] | None = None) -> tuple[PushRecord, ...]:
        """The latest push of every router; `routers`: of these alone."""
        table = tables.pushes

        def query(wanted: ColumnElement[bool]) -> Select[Any]:
            latest = select(func.max(table.c.id)).where(wanted).group_by(table.c.router)
            return select(table).where(table.c.id.in_(latest))

        return self._database.of(routers, table.c.router, query, records.push)

    def push_totals(self) -> Mapping[PushState, int]:
        """How many pushes there were, by state."""
        query = select(tables.pushes.c.state, func.count()).group_by(tables.pushes.c.state)
        with self._database.read() as connection:
            return {PushState(state): count for state, count in connection.execute(query)}

    def proven_hashes(self) -> Mapping[str, str]:
        """What each router was last proven to run, as its configuration's hash."""
        table = tables.pushes
        proven = table.c.state.in_((PushState.CONFIRMED, PushState.UNCHANGED))
        latest = select(func.max(table.c.id)).where(proven).group_by(table.c.router)
        with self._database.read() as connection:
            query = select(table.c.router, table.c.candidate_hash).where(table.c.id.in_(latest))
            return {row[0]: row[1] for row in connection.execute(query)}

    # --- health ---

    def save_health(self, *healths: Health) -> tuple[Transition, ...]:
        """Makes each the router's current one unless it is older; writes and answers the changes of condition."""
        with self._database.write() as connection:
            current = _current_health(connection, [health.router for health in healths])
            fresh = [h for h in healths if h.router not in current or current[h.router].at <= h.at]
            changes = [change for h in fresh if (change := transition(current.get(h.router), h))]
            execute(
                connection, insert(tables.health), [records.health_row(h) for h in fresh if h.router not in current]
            )
            execute(connection, _UPDATE_HEALTH, [records.health_change(h) for h in fresh if h.router in current])
            execute(connection, insert(tables.transitions), [records.transition_row(change) for change in changes])
        return tuple(changes)

    def health(self, routers: Collection[str] | None = None) -> tuple[Health, ...]:
        """Every router's current health, by name; `routers`: of these alone."""
        return self._database.of(routers, tables.health.c.router, select(tables.health).where, records.health)

    def health_after(self, router: str, limit: int) -> tuple[Health, ...]:
        """The current health of so many routers whose names come after that one, by name."""
        query = select(tables.health).where(tables.health.c.router > router)
        return self._database.all(query.order_by(tables.health.c.router).limit(limit), records.health)

    def states(self) -> Mapping[str, str]:
        """Every polled router's state: `ok`, `degraded` or `down`."""
        found = self._database.pairs(tables.health.c.router, tables.health.c.state)
        with records.readable():
            return {router: records.state(value) for router, value in found.items()}

    def since(self, routers: Sequence[str]) -> Mapping[str, datetime]:
        """When each of these routers came into the state in which it is, as far as that is known."""
        table, found = tables.transitions, dict[str, datetime]()
        changed = select(table.c.router, func.max(table.c.at)).where(table.c.before != table.c.after)
        with self._database.read() as connection:
            for start in range(0, len(routers), BATCH):
                batch = table.c.router.in_(routers[start : start + BATCH])
                rows = connection.execute(changed.where(batch).group_by(table.c.router))
                found |= {row[0]: row[1] for row in rows}
        return found

    def transitions(self, router: str | None = None, *, limit: int = 100) -> tuple[Transition, ...]:
        """The latest changes of condition of one router, or of all, newest first."""
        columns = [column for column in tables.transitions.c if column.name != "id"]
        query = select(*columns).order_by(tables.transitions.c.id.desc()).limit(limit)
        return self._database.all(
            query.where(tables.transitions.c.router == router) if router else query, records.transition
        )


@records.readable()
def _current_health(connection: Connection, routers: list[str]) -> Mapping[str, Health]:
    found: dict[str, Health] = {}
    for start in range(0, len(routers), BATCH):
        query = select(tables.health).where(tables.health.c.router.in_(routers[start : start + BATCH]))
        found |= {row["router"]: records.health(row) for row in connection.execute(query).mappings()}
    return found
