"""What Prometheus scrapes: the fleet's current health, and what the controller itself has done."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, Histogram, generate_latest

from linjevakt.health.exposition import Family, Labels
from linjevakt.model.census import Census, RouterFacts
from linjevakt.model.change import PushState
from linjevakt.model.health import Health, LineHealth, ProbeHealth
from linjevakt.model.record import Standing

_BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_ROUTER: Final = Labels("router")
_PLACE: Final = Labels("router", "role", "site", "hub")
_LINE: Final = Labels("router", "line", "kind")
_ORDERED_LINE: Final = Labels("router", "line", "kind", "provider")
_PROBE: Final = Labels("router", "service", "kind", "segment")
_AGENT: Final = Labels("router", "version")
_PEER: Final = Labels("router", "peer")
_BY: Final = Labels("by", "router")
_KIND: Final = Labels("kind")
_ORDER: Final = Labels("order", "kind", "site")
_STATE: Final = Labels("state")


class Metrics:
    """The fleet's metrics.

    `healths` are the current ones, `pushes` how many ended how; `standing` tells of trust, `census` of the register.
    `observe_poll` takes a poll's seconds.
    """

    def __init__(
        self,
        healths: Callable[[], Iterable[Health]],
        pushes: Callable[[], Mapping[PushState, int]],
        standing: Callable[[], Standing],
        census: Callable[[], Census],
    ) -> None:
        self._healths, self._pushes, self._standing, self._census = healths, pushes, standing, census
        self._places: tuple[tuple[RouterFacts, ...], bytes] = (), _places(())
        self._registry = CollectorRegistry()
        self._polls = Histogram(
            "linjevakt_poll_duration_seconds", "Time that one poll took.", registry=self._registry, buckets=_BUCKETS_S
        )

    def observe_poll(self, seconds: float) -> None:
        """One poll, retries included, has taken so long."""
        self._polls.observe(seconds)

    def scraped(self) -> bytes:
        """All of them, of the routers of the inventory alone, in Prometheus' text format."""
        census = self._census()
        if census.routers is not self._places[0]:  # as long as the inventory is the same, so is what it says
            self._places = census.routers, _places(census.routers)
        there = {facts.router for facts in census.routers}  # of those that have left, a last poll is still kept
        polled = _Polled(census)
        for health in self._healths():
            if health.router in there:
                polled.add(health)
        known = (*_orders(census), *_trust(self._standing(), there), *_push_totals(self._pushes()))
        told = (str(family).encode() for family in (*polled.families(), *known))  # some 20 MB: no more copies than two
        return b"".join([self._places[1], *told, generate_latest(self._registry)])


def _places(routers: Iterable[RouterFacts]) -> bytes:
    """What the others are joined with: `linjevakt_line_up * on (router, line) group_left (provider) ..._line_info`."""
    router, line = _gauge("router_info", "The router's place."), _gauge("line_info", "The line as ordered.")
    for one in routers:
        router.add(_PLACE(one.router, one.role, one.site, one.hub), 1)
        for its in one.lines:
            line.add(_ORDERED_LINE(one.router, *its), 1)
    return f"{router}{line}".encode()


def _orders(census: Census) -> Iterator[Family]:
    open_orders = _gauge("orders_open", "Work orders with something left to do.")
    for kind, number in Counter(order.kind for order in census.orders).items():
        open_orders.add(_KIND(kind), number)
    yield open_orders
    since = _gauge("order_trouble_timestamp_seconds", "Since when the system cannot do the order's step.")
    for order in census.orders:
        if order.trouble:
            since.add(_ORDER(str(order.number), order.kind, order.site), order.trouble.timestamp())
    yield since


class _Polled:
    """What the routers said at their last poll; of one that did not answer, that alone."""

    def __init__(self, census: Census) -> None:
        self._census = census
        self._at: dict[str, datetime] = {}
        self._routers, self._tunnels, self._lines, self._probes = _Routers(), _Tunnels(), _Lines(), _Probes()
        self._copies = _gauge(
            "duplicate_peers", "Addresses from which somebody else shows the router's certificate to the hub."
        )

    def add(self, health: Health) -> None:
        """One router's."""
        router, at = health.router, _ROUTER(health.router)
        self._at[router] = health.at
        self._routers.polled(at, health)
        if not health.reachable:
            return
        self._routers.answered(at, health, strays=_strays(health, self._census))
        self._tunnels.add(at, health)
        for line in health.lines:
            self._lines.add(_LINE(router, line.name, line.kind), line)
        for probe in health.probes:
            self._probes.add(_PROBE(router, probe.service, probe.kind, probe.segment), probe)
        if health.duplicates:  # by the hub and the router whose key it is; no address, which a thief may choose at will
            for peer, number in Counter(found.router for found in health.duplicates).items():
                self._copies.add(_PEER(router, peer), number)

    def families(self) -> Iterator[Family]:
        """What is told of all of them."""
        yield from self._lag()
        for part in (self._routers, self._tunnels, self._lines, self._probes):
            yield from vars(part).values()
        yield self._copies

    def _lag(self) -> Iterator[Family]:
        """Of those that are polled: staged, and in the inventory."""
        census = self._census
        polled = {router: at for router, at in self._at.items() if router in census.staged}
        lag = _gauge("poll_lag_seconds", "Time since the poll of whom was polled longest ago.")
        lag.add("", (census.now - min(polled.values(), default=census.now)).total_seconds())
        yield lag
        never = _gauge("routers_never_polled", "Staged routers of which no poll is known.")
        never.add("", len({facts.router for facts in census.routers} & census.staged - polled.keys()))
        yield never


def _strays(health: Health, census: Census) -> bool:
    """A commit that waits is no drift; a router that was never proven has no other configuration to stray from."""
    pushed = census.pushed.get(health.router) if health.config_state == "confirmed" else None
    return bool(health.drift) or (pushed is not None and health.config_hash != pushed)


class _Routers:
    """A series a router of each."""

    def __init__(self) -> None:
        self.up = _gauge("router_up", "Whether the router answered its last poll.")
        self.at = _gauge("poll_timestamp_seconds", "When the router was last polled.")
        self.uptime = _gauge("agent_uptime_seconds", "Time since the agent's start.")
        self.agent = _gauge("agent_info", "The agent's version.")
        self.pending = _gauge("config_pending", "Whether a commit waits for its confirmation.")
        self.writable = _gauge(
            "storage_writable", "Whether the router's disk takes writes; while it does not, no push is taken."
        )
        self.clock = _gauge("clock_behind_seconds", "How far the router's clock is behind ours; below 0: ahead.")
        self.expiry = _gauge("certificate_expiry_timestamp_seconds", "When the router's certificate ends.")
        self.drift = _gauge(
            "config_drift",
            "Whether what is in force was changed by hand, or is not what the router was last proven to run.",
        )

    def polled(self, at: str, health: Health) -> None:
        self.up.add(at, health.reachable)
        self.at.add(at, health.at.timestamp())

    def answered(self, at: str, health: Health, *, strays: bool) -> None:
        self.uptime.add(at, health.uptime_s)
        self.agent.add(_AGENT(health.router, health.agent_version), 1)
        self.pending.add(at, health.config_state == "pending")
        self.writable.add(at, health.storage == "writable")
        self.drift.add(at, strays)
        if health.clock_behind_s is not None:
            self.clock.add(at, health.clock_behind_s)
        if health.certificate_expires:
            self.expiry.add(at, health.certificate_expires.timestamp())


class _Tunnels:
    """A hub has none."""

    def __init__(self) -> None:
        self.up = _gauge("tunnel_up", "Whether the tunnel to the hub is up.")
        self.age = _gauge("tunnel_age_seconds", "Time since the tunnel came up.")

    def add(self, at: str, health: Health) -> None:
        if health.has_tunnel:
            self.up.add(at, health.tunnel_up)
            self.age.add(at, health.tunnel_age_s)


class _Lines:
    """What is not known of a line is absent."""

    def __init__(self) -> None:
        self.up = _gauge("line_up", "Whether the line works; absent when unknown.")
        self.in_use = _gauge("line_in_use", "Whether the line carries the tunnel.")
        self.rtt = _gauge("line_rtt_seconds", "Round trip to the hub over the line.")
        self.size = _gauge("line_path_mtu_bytes", "Largest packet that passes to the hub and back.")
        self.changes = Family("linjevakt_line_changes_total", "Times the line went up or down.", "counter")

    def add(self, at: str, line: LineHealth) -> None:
        self.in_use.add(at, line.in_use)
        self.changes.add(at, line.changes)
        if line.state != "unknown":
            self.up.add(at, line.state == "up")
        if line.rtt_ms is not None:
            self.rtt.add(at, line.rtt_ms / 1000)
        if line.path_mtu:
            self.size.add(at, line.path_mtu)


class _Probes:
    """Of those that have run."""

    def __init__(self) -> None:
        self.ok = _gauge("probe_ok", "Whether the service works.")
        self.seconds = _gauge("probe_duration_seconds", "Time that the service's last probe took.")

    def add(self, at: str, probe: ProbeHealth) -> None:
        if probe.result != "unknown":
            self.ok.add(at, probe.result == "ok")
            self.seconds.add(at, probe.milliseconds / 1000)


def _trust(standing: Standing, there: Collection[str]) -> Iterator[Family]:
    """Of those who are shut out, and of the hubs."""
    shut = _gauge("router_shut_out", "The router's box was stolen, and is to be refused.")
    waiting = _gauge("router_shut_out_not_in_force", "A router (`by`) that was not seen to refuse the stolen box.")
    for one in standing.shut_out.values():
        if one.router in there:
            shut.add(_ROUTER(one.router), 1)
            for by in one.waiting:
                waiting.add(_BY(by, one.router), 1)
    lacking = _gauge("revoked_not_in_force", "Revoked certificates that the router was not seen to refuse.")
    for router, number in standing.unrefused.items():
        lacking.add(_ROUTER(router), number)
    yield from (shut, waiting, lacking)


def _push_totals(totals: Mapping[PushState, int]) -> Iterator[Family]:
    running = _gauge("pushes_running", "Pushes that run now.")
    running.add("", totals.get(PushState.RUNNING, 0))
    yield running
    ended = Family("linjevakt_pushes_total", "Pushes that have ended.", "counter")
    for state in PushState:
        if state is not PushState.RUNNING:
            ended.add(_STATE(state.value), totals.get(state, 0))
    yield ended


def _gauge(name: str, help_text: str) -> Family:
    return Family(f"linjevakt_{name}", help_text)
