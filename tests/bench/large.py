"""An installation of any size in a database: every router staged, pushed, polled; as many revoked certificates."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

from sqlalchemy import Table, create_engine, insert
from tests import prepared
from tests.boxes import claim
from tests.registers import save_inventory

from linjevakt.inventory import generate, load_catalogue
from linjevakt.model.entity import Author
from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.model.health import Health, LineHealth, ProbeHealth
from linjevakt.model.order import Order, OrderState
from linjevakt.model.record import CERTIFICATE_VALIDITY, Certificate, DeviceIdentity, Reason, Stage
from linjevakt.provisioning.fleet import Fleet
from linjevakt.store import Store, records, tables
from linjevakt.trust import SealKey, Vault, setup
from linjevakt.workorders.desk import Desk

KEY = base64.b64encode(bytes(32)).decode()
"""LINJEVAKT_KEY of the installations here: there is nothing in them to keep from anyone."""

OPEN_ORDERS = 200
Row = Mapping[str, Any]
_FIRST = int(IPv4Address("10.64.0.0"))


def install(url: str, sites: int) -> None:
    """Makes an installation of so many sites in the empty database, with boxes and orders, as `fill` leaves it."""
    store = prepared.checked(url)
    store.migrate()
    vault = Vault(store, SealKey.load(Path(), KEY))
    setup.prepare(vault, enrolled=False)
    save_inventory(store, generate(sites), "bench")
    fleet = Fleet(store, vault, load_catalogue(None))
    hub = fleet.inventory.installation.hubs[0].router.name
    fleet.boxes.stage(hub, claim("BENCH-HUB"))
    fill(store, url, store.devices.get(hub), datetime.now(UTC))
    _order(store, Desk(fleet, load_catalogue(None)))
    store.close()


def fill(store: Store, url: str, pattern: DeviceIdentity, now: datetime) -> None:
    """Writes what the controller would remember of the store's fleet after a few months.

    `pattern` lends every box its keys: to make 10,000 takes minutes, to read them costs the same.
    """
    routers = [site.router.name for site in store.inventory().sites]
    engine = create_engine(url)
    with engine.begin() as site:
        for table, rows in _tables(routers, pattern, now):
            site.execute(insert(table), [dict(row) for row in rows])
    engine.dispose()


def _order(store: Store, desk: Desk) -> None:
    """A box a router, and orders: one a site that has ended, `OPEN_ORDERS` that wait, all as one that the desk took."""
    keys = [site.key for site in store.inventory().sites]
    line = {"name": "wan0", "kind": "own_isp", "provider": "Fjordfiber", "business": True}
    first = desk.new("line_change", {"site": keys[0], "lines": [line]}, "bench")
    ended = {"state": OrderState.DONE, "step": None}
    with store.register.edit(Author("bench", "boxes and orders"), unchecked="orders of a bench") as draft:
        for n, router in enumerate(site.router.name for site in store.inventory().sites):
            draft.put(Equipment(serial=f"BENCH-{n}", model="B4", state=Whereabouts.INSTALLED, router=router))
        for n, key in enumerate(keys):
            draft.put(_about(key, first, 2 + n).model_copy(update=ended))
        for n, key in enumerate(keys[1:OPEN_ORDERS]):
            draft.put(_about(key, first, 2 + len(keys) + n))


def _about(site: str, pattern: Order, number: int) -> Order:
    return pattern.model_copy(update={"number": number, "site": site, "wish": {**pattern.wish, "site": site}})


def _tables(names: list[str], pattern: DeviceIdentity, now: datetime) -> Iterator[tuple[Table, list[Row]]]:
    yield tables.devices, [records.device_row(_device(n, name, pattern, now)) for n, name in enumerate(names)]
    yield tables.certificates, [records.certificate_row(one) for one in _certificates(names, now)]
    yield tables.health, [records.health_row(_health(name, now)) for name in names]
    yield tables.pushes, [_push(n, name, now) for n, name in enumerate(names)]


def _device(number: int, name: str, pattern: DeviceIdentity, now: datetime) -> DeviceIdentity:
    return DeviceIdentity(
        router=name,
        serial=f"BENCH-{number}",
        host_key=pattern.host_key,
        csr=pattern.csr,
        certificate=pattern.certificate,
        certificate_serial=f"4b{number:036x}",
        certificate_expires=now + CERTIFICATE_VALIDITY / 2,
        engine_id=f"80007ed905{number:016x}",
        stage=Stage.LIVE,
        enrolled=now - timedelta(days=200),
    )


def _certificates(names: list[str], now: datetime) -> Iterator[Certificate]:
    """What each runs, ages spread over the time between two renewals, and one that was revoked."""
    for number, name in enumerate(names):
        issued = now - timedelta(days=50) * number / len(names)
        runs = Certificate(
            serial=f"4b{number:036x}",
            router=name,
            box=f"BENCH-{number}",
            key=f"{number:064x}",
            networks=(IPv4Network((_FIRST + 256 * number, 24)),),
            issued=issued,
            expires=issued + CERTIFICATE_VALIDITY,
            confirmed=issued,
        )
        old, gone = now - timedelta(days=60), now - timedelta(days=1)
        yield runs
        yield replace(
            runs,
            serial=f"4c{number:036x}",
            issued=old,
            expires=old + CERTIFICATE_VALIDITY,
            confirmed=old,
            revoked=gone,
            reason=Reason.SUPERSEDED,
        )


def _health(name: str, now: datetime) -> Health:
    lines = (
        LineHealth("wan0", "own_isp", "up", in_use=True, rtt_ms=4.2, changes=3, address="198.51.100.9"),
        LineHealth("wan1", "mobile", "up", in_use=False, rtt_ms=38.0, changes=1, address="100.64.9.2"),
    )
    probes = tuple(ProbeHealth(service, "lan", "ok", now, 12.0, "") for service in ("internet", "dns", "ntp", "proxy"))
    return Health(
        router=name,
        at=now,
        reachable=True,
        agent_version="0.1",
        config_hash="ab" * 32,
        config_state="confirmed",
        certificate_expires=now + CERTIFICATE_VALIDITY / 2,
        tunnel_up=True,
        tunnel_age_s=86400,
        line_in_use="wan0",
        uptime_s=864000.0,
        lines=lines,
        probes=probes,
    )


def _push(number: int, name: str, now: datetime) -> Row:
    return {
        "router": name,
        "state": "confirmed",
        "reason": "",
        "started": now - timedelta(days=3),
        "ended": now - timedelta(days=3),
        "worker": "bench:1",
        "revert_in_s": 60,
        "candidate_hash": f"{number:064x}",
        **records.UNENDED,
        "diff": "+ a line of a diff\n" * 40,
    }
