"""Which peers a hub has, and which of two with one identity is to stay: events in, what to do about them out; no I/O.

The one that was first stays for as long as it gives a sign of life; whoever shows the same certificate from elsewhere
meanwhile is a duplicate. A site that has moved or lost its power gives none in its old place, and carries on in the new
one from its first packet: its SA is the newest, and the hub sends through the newest.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from linjevakt_agent.collect.duplicates import Duplicate

REMEMBERED = timedelta(minutes=15)
"""So long after its last attempt a duplicate is told of, and gets no tunnel from where it was."""

PROVEN_S = 10.0
"""So long a sign of life is good: else whoever has a copy of a key could keep hub and router busy with giving them."""

TAKEN_OVER_S = 5.0
"""So long an SA may live on beside a newer one from the same place: so long a router gives a reauthentication.

Then it is asked as well, for whoever can forge a packet's source can begin a copy's SA in the true router's place, or
move it there, and nobody gets what the hub then sends. After one copy there is no such grace for a while: a site whose
reauthentication is taken for another cuts its SAs and begins anew (`tunnels.reauthenticate`).
"""

ASKED_S = 15.0
"""So long to wait for a sign of life; charon gives up a peer after 6 s (strongswan.conf)."""

MOST_WAITING = 4
"""SAs without a child that one identity may have at a time."""

MOST_ROWS = 32
"""So many places of one identity are remembered: nobody drives what is told of another out."""

_NAME = re.compile(r"[a-z0-9-]+")
"""A router's. Its certificate also answers to `*` and the like: under that name a copy would be nobody's duplicate."""


@dataclass(frozen=True)
class Peer:
    """An IKE SA by its number: who is there, as whom it knows us, and from which address and port it comes.

    `barred` says that it was let in by a connection without children (`Bar`).
    """

    number: str
    identity: str
    local: str
    address: str
    port: str
    barred: bool = False

    @property
    def place(self) -> tuple[str, str]:
        """Where it is."""
        return self.address, self.port


@dataclass(frozen=True)
class Ask:
    """Ask the peer for a sign of life, of which `Roster.alive` is told."""

    number: str


@dataclass(frozen=True)
class End:
    """End the SA."""

    number: str


@dataclass(frozen=True)
class Bar:
    """Give this identity no tunnel from these addresses from now on; from none: from anywhere again."""

    identity: str
    local: str
    addresses: frozenset[str]


Act = Ask | End | Bar


def _utc() -> datetime:
    return datetime.now(UTC)


@dataclass
class _Site:
    """The SAs of one identity in the order in which they came, and when (seconds) each did."""

    peers: dict[str, Peer] = field(default_factory=dict)
    since: dict[str, float] = field(default_factory=dict)
    asked: float = float("-inf")
    proven: float = float("-inf")
    origins: dict[str, str] = field(default_factory=dict)
    """The address from which each came."""

    told: set[str] = field(default_factory=set)
    """The numbers of the duplicates that have been counted."""

    @property
    def holder(self) -> Peer:
        """The one that was first."""
        return next(iter(self.peers.values()))

    @property
    def waits(self) -> bool:
        """Whether a sign of life has been asked for, and not been given yet."""
        return self.asked > self.proven

    def began_beside(self, other: Peer) -> bool:
        """Whether it began where the holder is, as a reauthentication does; one that has moved there may be forged."""
        return other.place == self.holder.place and self.origins[other.number] == other.address

    def lose(self, number: str) -> None:
        """An SA is gone; what was asked of it, or given by it, says nothing of the one that holds the place now."""
        if number == self.holder.number:
            self.asked = self.proven = float("-inf")
        del self.peers[number]
        del self.since[number], self.origins[number]
        self.told.discard(number)


class Roster:
    """All peers; every method takes the time in seconds, `wall` tells it in UTC. `due` says what is to be done."""

    def __init__(self, known: Iterable[Duplicate] = (), wall: Callable[[], datetime] = _utc) -> None:
        self._sites: dict[str, _Site] = {}
        self._identities: dict[str, str] = {}  # by the SA's number
        self._rows = {(row.router, row.address): row for row in known}
        self._barred: dict[str, Bar] = {}
        self._wall = wall

    @property
    def duplicates(self) -> tuple[Duplicate, ...]:
        """Those of late, the latest first."""
        latest = sorted(self._rows.values(), key=lambda row: row.last, reverse=True)
        kept: dict[str, list[Duplicate]] = {}
        for row in latest:
            kept.setdefault(row.router, []).append(row)
        return tuple(row for row in latest if row in kept[row.router][:MOST_ROWS])

    def counted(self, peers: Iterable[Peer], now: float) -> None:
        """These are all that there are, the longest-lived first; what was barred before has to be barred anew."""
        there = {peer.number: peer for peer in peers}
        for number in self._identities.keys() - there:
            self.left(number)
        for peer in there.values():
            self.came(peer, now)
        self._barred.clear()

    def came(self, peer: Peer, now: float) -> None:
        """An SA is up, or is somewhere else now."""
        if self._identities.setdefault(peer.number, peer.identity) != peer.identity:
            self.left(peer.number)
            self._identities[peer.number] = peer.identity
        site = self._sites.setdefault(peer.identity, _Site())
        site.since.setdefault(peer.number, now)
        site.origins.setdefault(peer.number, peer.address)
        site.peers[peer.number] = peer

    def left(self, number: str) -> None:
        """An SA is gone."""
        identity = self._identities.pop(number, None)
        if identity is None:
            return
        site = self._sites[identity]
        site.lose(number)
        if not site.peers:
            del self._sites[identity]

    def rekeyed(self, old: str, new: Peer, now: float) -> None:
        """An SA goes on under another number."""
        site = self._sites.get(new.identity)
        if site is None or old not in site.peers:
            self.came(new, now)
            return
        new = replace(new, barred=site.peers[old].barred)
        site.peers = {peer.number: peer for peer in (new if n == old else p for n, p in site.peers.items())}
        site.since[new.number] = site.since.pop(old)
        site.origins[new.number] = site.origins.pop(old)
        self._identities[new.number] = self._identities.pop(old)
        if old in site.told:
            site.told.add(new.number)

    def alive(self, number: str, now: float) -> None:
        """A peer has given a sign of life."""
        site = self._sites.get(self._identities.get(number, ""))
        if site and site.holder.number == number:
            site.proven = now

    def due(self, now: float) -> list[Act]:
        """What is to be done now; asked again, it says again what has not come to pass."""
        self._forget()
        sites = list(self._sites.values())
        acts = [act for site in sites if len(site.peers) > 1 for act in self._judge(site, now)]
        acts += [End(site.holder.number) for site in sites if site.holder.barred]  # it comes back, with its children
        nameless = [site for name, site in self._sites.items() if not _NAME.fullmatch(name)]
        acts += [act for site in nameless for peer in site.peers.values() for act in self._refuse(site, peer, now)]
        return [*self._bars(), *acts]

    def _judge(self, site: _Site, now: float) -> Iterator[Act]:
        holder, *others = site.peers.values()
        trusted = not self._copied(holder.identity)
        for other in others:
            here, since = site.began_beside(other), site.since[other.number]
            if here and trusted and now - since < TAKEN_OVER_S:
                continue
            if site.proven >= (since if here else since - PROVEN_S):
                yield from self._refuse(site, other, now)
            elif not site.waits or now - site.asked >= ASKED_S:
                site.asked = now
                yield Ask(holder.number)

    def _copied(self, identity: str) -> bool:
        """Whether a copy of its key has been at work of late."""
        return any(row.router == identity for row in self._rows.values())

    def _refuse(self, site: _Site, peer: Peer, now: float) -> Iterator[Act]:
        """A barred one takes nothing away: it may wait for a while, or it would be back at once."""
        if peer.number not in site.told:
            site.told.add(peer.number)
            self._count(peer.identity, peer.address if peer.place != site.holder.place else site.origins[peer.number])
        waiting = sum(one.barred for one in site.peers.values())
        if not peer.barred or waiting > MOST_WAITING or now - site.since[peer.number] >= TAKEN_OVER_S:
            yield End(peer.number)

    def _count(self, identity: str, address: str) -> None:
        key, now = (identity, address), self._wall()
        row = self._rows.get(key) or Duplicate(identity, address, 0, now, now)
        self._rows[key] = Duplicate(row.router, row.address, row.count + 1, row.first, now)

    def _forget(self) -> None:
        """Those that have not been here for long, and the oldest where there are too many."""
        oldest = self._wall() - REMEMBERED
        self._rows = {(row.router, row.address): row for row in self.duplicates if row.last > oldest}

    def _bars(self) -> Iterator[Bar]:
        told = {row.router for row in self._rows.values() if _NAME.fullmatch(row.router)}
        named = [self._sites[name] for name in told if name in self._sites]
        wanted = {bar.identity: bar for bar in map(self._bar, named) if bar.addresses}
        for identity, bar in self._barred.items():
            if identity not in wanted:
                yield replace(bar, addresses=frozenset())
        yield from (bar for identity, bar in wanted.items() if self._barred.get(identity) != bar)
        self._barred = wanted

    def _bar(self, site: _Site) -> Bar:
        """None where the router itself is: a NAT may have the two behind one address. None while it is nowhere."""
        holder = site.holder
        known = frozenset(row.address for row in self._rows.values() if row.router == holder.identity)
        return Bar(holder.identity, holder.local, frozenset() if holder.barred else known - {holder.address})
