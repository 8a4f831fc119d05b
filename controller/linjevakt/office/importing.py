"""Brings a folder into the register: merged with what others saved meanwhile, and nobody's work is lost unasked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import takewhile
from typing import TYPE_CHECKING

from linjevakt import inventory as files
from linjevakt import platforms
from linjevakt.inventory import Clash, Contents, Difference, Entities
from linjevakt.model import rules
from linjevakt.model.catalogue import Catalogue
from linjevakt.model.entity import Author, Entity, EntityKind, Revision, called, name_of
from linjevakt.model.errors import BusyError, InvalidInputError, NotFoundError
from linjevakt.model.order import Order
from linjevakt.model.saying import Saying, together
from linjevakt.model.stop import Stop
from linjevakt.office import Office, days

if TYPE_CHECKING:  # SQLAlchemy costs commands that need no database 0.2 s
    from pathlib import Path

    from linjevakt.store import Store
    from linjevakt.store.draft import Draft
    from linjevakt.store.snapshot import Snapshot

UNSAVED = Saying("nothing was saved")
"""What an import that is interrupted leaves behind."""

_CHECKED = "the whole fleet was, as of the revision that is changed"
_TRIES = 5  # times that someone else may save something between our look and our writing
_NAMED = 20  # things that a refusal names


@dataclass(frozen=True)
class Told:
    """What is said beforehand: whose value where two have changed a field (None: nobody's), and how much may go.

    `rehearse`: all is done that saving does, leases of addresses too, and taken back.
    """

    mine: bool | None = None
    remove: int = 0
    rehearse: bool = False


@dataclass(frozen=True)
class Conflict:
    """A clash, and the revision that made theirs what it is (None: unknown)."""

    clash: Clash
    by: Revision | None


@dataclass(frozen=True)
class Outcome:
    """What an import changes; with `refusals`, sentences, it changed nothing. `removals` are what goes, by name."""

    changes: Sequence[Difference]
    conflicts: tuple[Conflict, ...]
    removals: tuple[str, ...]
    refusals: tuple[str, ...]
    after: Snapshot
    saved: Revision | None = None


def exported(office: Office) -> Contents:
    """What a folder of all that is there has to say, its revision too. Raises NotFoundError when nothing was saved."""
    now = office.store.register.now()
    revision = office.store.register.revision(now.revision)
    if revision is None:
        raise NotFoundError(Saying("No inventory is saved yet. Save one with `linjevakt inventory import FOLDER`."))
    return Contents(now.inventory, now.equipment, files.Exported(revision=revision.number, saved=revision.saved))


def bring_in(  # noqa: PLR0913, PLR0917 - what is brought in where, by whom, and how far
    office: Office, catalogue: Catalogue, contents: Contents, author: Author, told: Told, stop: Stop | None = None
) -> Outcome:
    """Merges the folder into the register as one revision, or says why not and saves nothing.

    Raises InvalidInputError for a folder of another register and for what breaks a rule once it is merged,
    ConflictError for taken addresses, StoppedError when `stop` is wanted before it is saved.
    """
    store = office.store
    base = _base(store, contents)
    for _ in range(_TRIES):
        now = store.register.now()
        outcome = _judged(store, now, base, contents, told)
        if outcome.refusals:
            return outcome
        _refuse_broken(outcome, contents, catalogue, office.templates)
        with store.register.edit(author, rehearse=told.rehearse, unchecked=_CHECKED) as draft:
            unchanged = draft.snapshot.revision == now.revision
            if unchanged:
                _write(draft, outcome)
            if stop:
                stop.check(said=UNSAVED)
        if unchanged:
            return replace(outcome, saved=draft.saved)
    raise BusyError(Saying("Others are changing the inventory all the time. Import again in a moment."))


def _base(store: Store, contents: Contents) -> Entities | None:
    """Everything as it was when the folder was written; None when nobody knows."""
    if contents.exported is None:
        return None
    number, saved = contents.exported.revision, contents.exported.saved
    known = store.register.revision(number)
    if known is None or known.saved != saved:
        raise InvalidInputError(
            Saying(
                "The folder is an export of another register: this one has no revision {number} of "
                "{saved:%Y-%m-%d %H:%M} UTC. Take `exported` out of installation.yaml to compare it with what is here "
                "now.",
                number=number,
                saved=saved,
            )
        )
    return store.register.at_revision(number).entities


def _judged(store: Store, now: Snapshot, base: Entities | None, contents: Contents, told: Told) -> Outcome:
    theirs = {name: entity for name, entity in now.entities.items() if name[0] in contents.kinds}
    mine = {name_of(one): _completed(one, (theirs, base or {}), contents.silent) for one in contents.entities}
    merged = files.merge(base, theirs, mine, prefer_mine=told.mine is not False)
    conflicts = tuple(_attributed(store, merged.clashes))
    after = now.changed(dict.fromkeys(theirs) | dict(merged.entities), now.revision)
    changes = files.differences(theirs.values(), merged.entities.values())
    removed = tuple(files.removals(theirs, merged.entities))
    refusals = (*_kept(store, now, after), *_unresolved(conflicts, contents, told), *_uncounted(removed, told))
    return Outcome(changes, conflicts, removed, refusals, after)


def _completed(one: Entity, known: Sequence[Entities], silent: files.Silent) -> Entity:
    """With what its folder says nothing of as it was; what was not there then, as it is: the last to know counts."""
    for entities in known:
        one = files.completed(one, entities.get(name_of(one)), silent.get(type(one), ()))
    return one


def _attributed(store: Store, clashes: Sequence[Clash]) -> Iterator[Conflict]:
    """With the change of each noun before which its field was something else than theirs is."""
    histories = {(one.noun, one.key): store.register.history(one.noun, one.key) for one in clashes}
    for clash in clashes:
        versions = histories[clash.noun, clash.key]
        same = list(takewhile(lambda one: files.at(one.entity, clash.place) == clash.theirs, versions))  # noqa: B023
        yield Conflict(clash, same[-1].revision if same else None)


# --- what is not saved, and why ---


def _unresolved(conflicts: Sequence[Conflict], contents: Contents, told: Told) -> Iterator[str]:
    if not conflicts or told.mine is not None:
        return
    yield Saying(
        "{fields} {why}. Nothing is saved. Export anew and make your changes there, or say whose values count: --mine "
        "(the folder's) or --theirs (the register's).",
        fields=Saying("{n} fields", n=len(conflicts)) if len(conflicts) > 1 else Saying("1 field"),
        why=Saying("changed on both sides since the folder was exported")
        if contents.exported
        else Saying("differing from the folder, which does not say of which revision it is an export"),
    )


def _uncounted(removed: Sequence[str], told: Told) -> Iterator[str]:
    if len(removed) != told.remove:
        yield Saying(
            "{number} would be removed, --remove says {told}: {listed}. Nothing is saved. If this is what you want, "
            "say --remove {number}.",
            number=len(removed),
            told=told.remove,
            listed=_listed(removed) if removed else Saying("nothing"),
        )


def _kept(store: Store, now: Snapshot, after: Snapshot) -> Iterator[str]:
    """What no import removes: a router in service, its site and its box, and what an open order is about."""
    gone = sorted(name for name in now.entities if name not in after.entities)
    live = _live(store, now, after, {key for kind, key in gone if kind is EntityKind.SITE})
    boxes = set(store.devices.serials().values())
    live += [Saying("box {}", key) for kind, key in gone if kind is EntityKind.EQUIPMENT and key in boxes]
    if live:
        yield Saying(
            "In service, and not removed or renamed by an import: {listed}. Nothing is saved. End the connection by an "
            "order (`linjevakt order new terminate`), which takes its router out of service.",
            listed=_listed(live),
        )
    if held := [
        Saying("{what} (order {number})", what=called(kind, key), number=number)
        for kind, key in gone
        for number in _orders_about(now.orders, key)
    ]:
        yield Saying(
            "An open work order is about {listed}. Nothing is saved. End or cancel the order first.",
            listed=_listed(held),
        )


def _live(store: Store, now: Snapshot, after: Snapshot, sites: Collection[str]) -> list[Saying]:
    """The routers in service that would be gone, and the sites of `sites` that have one."""
    if (EntityKind.INSTALLATION, "") not in now.entities:
        return []
    left = {router.name for router in after.inventory.routers}
    routers = [router.name for router in now.inventory.routers if router.name not in left]
    owners = {site.router.name: site.key for site in now.inventory.sites if site.key in sites}
    serving = {name for name in {*routers, *owners} if _serves(store, name)}
    found = [Saying("site {} (router {})", key, name) for name, key in owners.items() if name in serving]
    return found + [Saying("router {}", name) for name in routers if name in serving and name not in owners]


def _serves(store: Store, router: str) -> bool:
    """Whether its keys are known, or anybody would take a certificate for it."""
    moment = datetime.now(UTC)
    issued = store.certificates.all(router=router)
    return bool(store.devices.all([router])) or any(one.revoked is None and one.expires > moment for one in issued)


def _orders_about(orders: Sequence[Order], key: str) -> list[int]:
    return [order.number for order in orders if order.is_open and key in set(_words(order))]


def _words(order: Order) -> Iterator[str]:
    """Every text of what was ordered and of what was said on the way: sites, members and boxes are among them."""
    yield from _leaves([order.site, order.organisation, order.wish, [dict(found.values) for found in order.evidence]])


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, str):
        yield value


def _listed(names: Sequence[str]) -> Saying:
    listed = together(", ", names[:_NAMED])
    more = len(names) - _NAMED
    return Saying("{listed} and {number} more", listed=listed, number=more) if more > 0 else listed


# --- what is saved ---


def _refuse_broken(outcome: Outcome, contents: Contents, catalogue: Catalogue, templates: Path | None) -> None:
    """The folder alone was checked when it was read; what it has become by the merge was not."""
    if outcome.changes and outcome.after.inventory != contents.inventory:
        rules.refuse_broken(outcome.after.inventory, catalogue, platforms.every(templates))


def _write(draft: Draft, outcome: Outcome) -> None:
    for change in outcome.changes:
        name = (change.noun, change.key)
        if change.kind == "removed":
            draft.remove(*name)
        else:
            days.refuse_to_come(outcome.after.entities[name], days.today(draft.now))
            draft.put(outcome.after.entities[name])
