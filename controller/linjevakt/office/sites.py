"""The connections: every one in a row, or one as it is or as it was on a day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from linjevakt.model import lookup
from linjevakt.model.errors import NotFoundError
from linjevakt.model.gate import Gate, gate
from linjevakt.model.inventory import Inventory, Organisation, Site
from linjevakt.model.record import Stage
from linjevakt.model.saying import Saying
from linjevakt.office import Office
from linjevakt.store.snapshot import Snapshot
from linjevakt.workorders.calendar import day_of


@dataclass(frozen=True)
class Row:
    """One site with its owner, its segments' gates, the open order about it, and its state: shut out, or as polled."""

    site: Site
    owner: Organisation
    gates: tuple[Gate, ...]
    order: int | None
    state: str


def rows(office: Office) -> Iterator[Row]:
    """Every site, by key."""
    now = office.store.register.now()
    states = {**office.store.healths.states(), **_shut_out(office)}
    orders = {order.site: order.number for order in now.orders if order.is_open}
    _ = now.installation  # it says so where no inventory was saved yet
    known = now.members
    for site in now.sites.values():
        state = states.get(site.router.name, "unknown")
        yield Row(site, known[site.owner], _gates(known, site), orders.get(site.key), state)


def inventory_at(office: Office, as_of: datetime | None) -> Inventory:
    """The fleet as it is, or as it was. Raises NotFoundError before the first."""
    return _register_at(office, as_of, None).inventory


def _register_at(office: Office, as_of: datetime | None, key: str | None) -> Snapshot:
    """`key`: the site that is looked for."""
    now = office.store.register.at(as_of) if as_of else office.store.register.now()
    if as_of and not now.entities:
        history = Saying("`linjevakt history site {}` shows since when.", key or "KEY")
        raise NotFoundError(Saying("Nothing was registered yet on {}. {}", _said(as_of), history))
    _ = now.installation  # it says so where no inventory was saved yet
    return now


def site_at(office: Office, key: str, as_of: datetime | None = None) -> tuple[Site, tuple[Gate, ...]]:
    """One site and its segments' gates, as they are or as they were. Raises NotFoundError."""
    now = _register_at(office, as_of, key)
    site = _known(now.sites, key, as_of)
    return site, _gates(now.members, site)


def _known(sites: Mapping[str, Site], key: str, as_of: datetime | None) -> Site:
    if key in sites:
        return sites[key]
    error = lookup.no_site(key, sites)
    raise NotFoundError(Saying("As of {day}: {error}", day=_said(as_of), error=error)) if as_of else error


def _said(moment: datetime) -> str:
    """The day it is in Norway; what time zones cannot reach, as it is."""
    try:
        return f"{day_of(moment)}"
    except OverflowError:
        return f"{moment.date()}"


def _shut_out(office: Office) -> Mapping[str, str]:
    stages = office.store.devices.stages()
    return {router: stage.value for router, stage in stages.items() if stage is Stage.SHUT_OUT}


def _gates(known: Mapping[str, Organisation], site: Site) -> tuple[Gate, ...]:
    return tuple(gate(site, segment, known) for segment in site.segments)
