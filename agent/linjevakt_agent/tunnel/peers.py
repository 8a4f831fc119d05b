"""A hub's eye on its peers: a copy of a router's key that shows up elsewhere takes no tunnel, and is told of.

charon (5.9.8) cannot be told to do this: whatever else `unique` says, an INITIAL_CONTACT in the newcomer's request,
which every strongSwan sends, destroys the SA that is there. So the hub's connection has `unique = never`, and both are
up for a moment. The older one is asked to rekey its children: if it answers, it is alive, its SAs are the newest again,
and the newcomer is ended. If it does not, charon gives it up, and the newcomer is the one.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import vici
from vici.exception import CommandException

from linjevakt_agent.base import volatile
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.base.tools import ToolError
from linjevakt_agent.collect import CollectError, duplicates, settings
from linjevakt_agent.collect.duplicates import Duplicate
from linjevakt_agent.ipsec import charon, tunnels
from linjevakt_agent.tunnel.roster import Act, Ask, Bar, End, Peer, Roster

log = logging.getLogger(__name__)


_EVENTS = ("ike-updown", "ike-rekey", "ike-update", "child-rekey")
_TICK_S = 1.0
_COUNT_EVERY_S = 10.0
_COUNT_AT_LEAST_S = 60.0
"""A count is best at a quiet moment, when no event is on its way that tells otherwise; a large hub has few of those."""

_RETRY_S = 2.0
_NOBODY = b"%any"
"""Who has not shown a certificate yet is no peer: anybody on the internet can move such an SA about."""

_UP = {b"ESTABLISHED", b"REKEYING"}
_CARRIES = {b"INSTALLED"}
Sa = Mapping[str, Any]


async def serve(root: Path) -> None:
    """Watch the peers of a hub, which is a router without a tunnel of its own; runs until cancelled."""
    paths = Paths(root)
    while True:
        generation = settings.generation(paths)
        if not is_hub(paths):
            await settings.changed(paths, generation)
            continue
        stop = threading.Event()
        work = asyncio.create_task(asyncio.to_thread(_watch, paths, stop))
        try:
            await asyncio.shield(work)
        finally:
            stop.set()
            await work


def is_hub(paths: Paths) -> bool:
    """Whether others come to this router: it has a configuration, and no hub to go to."""
    try:
        return settings.agent(paths).tunnel is None
    except CollectError:
        return False


def _watch(paths: Paths, stop: threading.Event) -> None:
    """Until told to stop, or this is no hub any more."""
    try:
        known = duplicates.read(paths)
    except CollectError:
        known = ()
    roster, told = Roster(known), ""
    while not stop.is_set() and is_hub(paths):
        try:
            with (
                charon.session(paths.root / charon.SOCKET) as events,
                charon.session(paths.root / charon.SOCKET) as orders,
            ):
                _converse(events, orders, roster, paths, stop)
        except ToolError as error:
            if error.message != told:
                log.warning("cannot watch the peers: %s", error.message)
            told = error.message
            stop.wait(_RETRY_S)


def _published(paths: Paths, found: object) -> bool:
    """Whether the others can read it; a full tmpfs keeps nobody from deciding who stays."""
    try:
        volatile.publish(duplicates.file(paths), msgspec.json.encode(found))
    except OSError as error:
        log.warning("cannot tell of duplicates: %s", error)
        return False
    return True


def _converse(events: vici.Session, orders: vici.Session, roster: Roster, paths: Paths, stop: threading.Event) -> None:
    counted = float("-inf")
    published, untold = roster.duplicates, False
    for kind, message in events.listen(_EVENTS, _TICK_S):
        now = time.monotonic()
        if kind is not None:
            note(roster, kind.decode(), message, now)
        if now - counted >= (_COUNT_EVERY_S if kind is None else _COUNT_AT_LEAST_S):
            counted = now
            if not is_hub(paths):
                return
            roster.counted(peers(orders.list_sas()), now)
        for act in roster.due(now):
            _do(orders, act)
        if published != roster.duplicates:
            _tell(published, roster.duplicates)
            published, untold = roster.duplicates, True
        if untold:
            untold = not _published(paths, published)
        if stop.is_set():
            return


def _tell(before: Iterable[Duplicate], now: Iterable[Duplicate]) -> None:
    known = {(row.router, row.address) for row in before}
    for row in now:
        if (row.router, row.address) not in known:
            log.warning("%s is at work, and somebody has its key at %s", row.router, row.address)


def peers(answer: Iterable[Mapping[str, Sa]]) -> list[Peer]:
    """Who is up, by vici's `list-sa` events; the longest-lived first."""
    found = [(name, sa) for event in answer for name, sa in event.items() if sa["state"] in _UP]
    return [_peer(name, sa) for name, sa in sorted(found, key=_established, reverse=True)]


def _established(named: tuple[str, Sa]) -> tuple[int, int]:
    """Its age in seconds; of two as old, the lower number was first."""
    return int(named[1].get("established", 0)), -int(named[1]["uniqueid"])


def note(roster: Roster, kind: str, message: Mapping[str, Any], now: float) -> None:
    """Tell the roster of one of vici's events."""
    for name, sa in _sections(message):
        if sa.get("remote-id") == _NOBODY:
            continue
        if kind == "ike-rekey":
            roster.rekeyed(sa["old"]["uniqueid"].decode(), _peer(name, sa["new"]), now)
        elif kind == "child-rekey":
            roster.alive(sa["uniqueid"].decode(), now)
        elif kind == "ike-update":  # the SA itself still has the old address
            moved = {part: message[part] for part in ("remote-host", "remote-port")}
            roster.came(_peer(name, {**sa, **moved}), now)
        elif message.get("up") == b"yes":
            roster.came(_peer(name, sa), now)
        else:
            roster.left(sa["uniqueid"].decode())


def _sections(message: Mapping[str, Any]) -> Iterator[tuple[str, Sa]]:
    return ((name, value) for name, value in message.items() if isinstance(value, Mapping))


def _peer(connection: str, sa: Sa) -> Peer:
    fields = ("uniqueid", "remote-id", "local-id", "remote-host", "remote-port")
    number, identity, local, address, port = (sa[name].decode(errors="replace") for name in fields)
    return Peer(number, identity.lower(), local, address, port, barred=connection.startswith(charon.BARRED))


def _do(session: vici.Session, act: Act) -> None:
    if isinstance(act, Ask):
        _ask(session, act.number)
    elif isinstance(act, End):
        tunnels.cut(session, act.number)
    else:
        _bar(session, act)


def _ask(session: vici.Session, number: str) -> None:
    """Have a peer rekey its children: a sign of life, after which what is sent to it goes through its own SAs again."""
    found = [sa for event in session.list_sas({"ike-id": number}) for sa in event.values()]
    children = [child for sa in found for child in sa["child-sas"].values() if child["state"] in _CARRIES]
    for child in children:
        with suppress(CommandException):
            session.rekey({"child-id": child["uniqueid"]})
    if not children:  # it carries nothing, and could not answer
        tunnels.cut(session, number)


def _bar(session: vici.Session, bar: Bar) -> None:
    """A push unloads these connections, for they are in no file; the next count has them made anew."""
    name = charon.BARRED + bar.identity
    with suppress(CommandException):
        if bar.addresses:
            session.load_conn({name: barred_connection(bar)})
        else:
            session.unload_conn({"name": name})


def barred_connection(bar: Bar) -> dict[str, Any]:
    """A connection that takes the identity from these addresses, and has no child to give it."""
    return {
        "version": "2",
        "encap": "yes",
        "unique": "never",
        "remote_addrs": sorted(bar.addresses),
        "local": {"auth": "pubkey", "id": bar.local},
        "remote": {"auth": "pubkey", "id": bar.identity},
    }
