"""What Prometheus scrapes: the fleet's current health, and what the controller itself has done."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final, TypeVar

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from linjevakt.model.census import Census
from linjevakt.model.change import PushState
from linjevakt.model.health import Health
from linjevakt.model.record import Standing

_BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_Samples = Iterable[tuple[tuple[str, ...], float]]


class Metrics:
    """A registry with the fleet's metrics.

    `healths` are the current ones, `pushes` how many ended how; `standing` tells of trust, `census` of the register.
    `observe_poll` takes a poll's seconds.
    """

    def __init__(
        self,
        healths: Callable[[], Collection[Health]],
        pushes: Callable[[], Mapping[PushState, int]],
        standing: Callable[[], Standing],
        census: Callable[[], Census],
    ) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_FleetCollector(healths, pushes, standing, census))
        self._polls = Histogram(
            "linjevakt_poll_duration_seconds", "Time that one poll took.", registry=self.registry, buckets=_BUCKETS_S
        )

    def observe_poll(self, seconds: float) -> None:
        """One poll, retries included, has taken so long."""
        self._polls.observe(seconds)


class _FleetCollector(Collector):
    def __init__(
        self,
        healths: Callable[[], Collection[Health]],
        pushes: Callable[[], Mapping[PushState, int]],
        standing: Callable[[], Standing],
        census: Callable[[], Census],
    ) -> None:
        self._healths, self._pushes, self._standing, self._census = healths, pushes, standing, census

    def describe(self) -> Iterable[Metric]:
        """Names alone: registering must not read the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        census = self._census()
        there = {facts.router for facts in census.routers}  # of those that have left, a last poll is still kept
        healths = [health for health in self._healths() if health.router in there]
        yield from _census_metrics(census)
        yield from _lag_metrics(census, healths)
        yield from _order_metrics(census)
        yield from _router_metrics(healths)
        answering = [health for health in healths if health.reachable]
        yield _drift(census, answering)
        yield from _tunnel_metrics(answering)
        yield from _line_metrics(answering)
        yield from _probe_metrics(answering)
        yield from _duplicate_metrics(answering)
        yield from _trust_metrics(self._standing())
        yield from _push_metrics(self._pushes())


def _census_metrics(census: Census) -> Iterator[Metric]:
    """What the others are joined with: `linjevakt_line_up * on (router, line) group_left (provider) ..._line_info`."""
    yield _gauge(
        "router_info",
        "The router's place.",
        ("role", "site", "hub"),
        (((facts.router, facts.role, facts.site, facts.hub), 1.0) for facts in census.routers),
    )
    yield _gauge(
        "line_info",
        "The line as ordered.",
        ("line", "kind", "provider"),
        (((facts.router, *line), 1.0) for facts in census.routers for line in facts.lines),
    )


def _lag_metrics(census: Census, healths: Iterable[Health]) -> Iterator[Metric]:
    """Of those that are polled: staged, and in the inventory."""
    polled = {health.router: health.at for health in healths if health.router in census.staged}
    lag = GaugeMetricFamily("linjevakt_poll_lag_seconds", "Time since the poll of whom was polled longest ago.")
    lag.add_metric((), max(((census.now - at).total_seconds() for at in polled.values()), default=0.0))
    yield lag
    never = GaugeMetricFamily("linjevakt_routers_never_polled", "Staged routers of which no poll is known.")
    never.add_metric((), len({facts.router for facts in census.routers} & census.staged - polled.keys()))
    yield never


def _order_metrics(census: Census) -> Iterator[Metric]:
    open_orders = GaugeMetricFamily("linjevakt_orders_open", "Work orders with something left to do.", labels=("kind",))
    for kind, number in Counter(order.kind for order in census.orders).items():
        open_orders.add_metric((kind,), number)
    yield open_orders
    since = GaugeMetricFamily(
        "linjevakt_order_trouble_timestamp_seconds",
        "Since when the system cannot do the order's step.",
        labels=("order", "kind", "site"),
    )
    for order in census.orders:
        if order.trouble:
            since.add_metric((str(order.number), order.kind, order.site), order.trouble.timestamp())
    yield since


def _drift(census: Census, healths: Iterable[Health]) -> Metric:
    """A commit that waits is no drift; a router that was never proven has no other configuration to stray from."""
    strayed = (((health.router,), float(_strays(health, census))) for health in healths if health.reachable)
    help_text = "Whether what is in force was changed by hand, or is not what the router was last proven to run."
    return _gauge("config_drift", help_text, (), strayed)


def _strays(health: Health, census: Census) -> bool:
    pushed = census.pushed.get(health.router) if health.config_state == "confirmed" else None
    return bool(health.drift) or (pushed is not None and health.config_hash != pushed)


def _router_metrics(healths: Iterable[Health]) -> Iterator[Metric]:
    answering = [health for health in healths if health.reachable]
    yield _gauge("router_up", "Whether the router answered its last poll.", (), _each(healths, "reachable"))
    yield _gauge(
        "poll_timestamp_seconds",
        "When the router was last polled.",
        (),
        (((h.router,), h.at.timestamp()) for h in healths),
    )
    yield _gauge("agent_uptime_seconds", "Time since the agent's start.", (), _each(answering, "uptime_s"))
    yield _gauge(
        "agent_info", "The agent's version.", ("version",), (((h.router, h.agent_version), 1.0) for h in answering)
    )
    yield _gauge(
        "config_pending",
        "Whether a commit waits for its confirmation.",
        (),
        (((h.router,), float(h.config_state == "pending")) for h in answering),
    )
    yield _gauge(
        "storage_writable",
        "Whether the router's disk takes writes; while it does not, no push is taken.",
        (),
        (((h.router,), float(h.storage == "writable")) for h in answering),
    )
    yield _gauge(
        "clock_behind_seconds",
        "How far the router's clock is behind ours; below 0: ahead.",
        (),
        (((h.router,), h.clock_behind_s) for h in answering if h.clock_behind_s is not None),
    )
    yield _gauge(
        "certificate_expiry_timestamp_seconds",
        "When the router's certificate ends.",
        (),
        (((h.router,), h.certificate_expires.timestamp()) for h in answering if h.certificate_expires),
    )


def _tunnel_metrics(healths: Iterable[Health]) -> Iterator[Metric]:
    tunnels = [health for health in healths if health.has_tunnel]
    yield _gauge("tunnel_up", "Whether the tunnel to the hub is up.", (), _each(tunnels, "tunnel_up"))
    yield _gauge("tunnel_age_seconds", "Time since the tunnel came up.", (), _each(tunnels, "tunnel_age_s"))


def _line_metrics(healths: Iterable[Health]) -> Iterator[Metric]:
    lines = [((health.router, line.name, line.kind), line) for health in healths for line in health.lines]
    labels = ("line", "kind")
    known = ((at, float(line.state == "up")) for at, line in lines if line.state != "unknown")
    yield _gauge("line_up", "Whether the line works; absent when unknown.", labels, known)
    yield _gauge(
        "line_in_use", "Whether the line carries the tunnel.", labels, ((at, float(li.in_use)) for at, li in lines)
    )
    measured = ((at, line.rtt_ms / 1000) for at, line in lines if line.rtt_ms is not None)
    yield _gauge("line_rtt_seconds", "Round trip to the hub over the line.", labels, measured)
    sizes = ((at, float(line.path_mtu)) for at, line in lines if line.path_mtu)
    yield _gauge("line_path_mtu_bytes", "Largest packet that passes to the hub and back.", labels, sizes)
    changes = CounterMetricFamily(
        "linjevakt_line_changes", "Times the line went up or down.", labels=("router", *labels)
    )
    yield _filled(changes, ((at, float(line.changes)) for at, line in lines))


def _probe_metrics(healths: Iterable[Health]) -> Iterator[Metric]:
    probes = [((h.router, p.service, p.kind, p.segment), p) for h in healths for p in h.probes if p.result != "unknown"]
    labels = ("service", "kind", "segment")
    yield _gauge("probe_ok", "Whether the service works.", labels, ((at, float(p.result == "ok")) for at, p in probes))
    seconds = ((at, probe.milliseconds / 1000) for at, probe in probes)
    yield _gauge("probe_duration_seconds", "Time that the service's last probe took.", labels, seconds)


def _duplicate_metrics(healths: Iterable[Health]) -> Iterator[Metric]:
    """By the hub and the router whose key it is; no address, which a thief may choose at will."""
    places = Counter((health.router, found.router) for health in healths for found in health.duplicates)
    yield _gauge(
        "duplicate_peers",
        "Addresses from which somebody else shows the router's certificate to the hub.",
        ("peer",),
        ((at, float(number)) for at, number in places.items()),
    )


def _trust_metrics(standing: Standing) -> Iterator[Metric]:
    """Of those who are shut out, and of the hubs."""
    shut = standing.shut_out.values()
    yield _gauge(
        "router_shut_out", "The router's box was stolen, and is to be refused.", (), (((s.router,), 1.0) for s in shut)
    )
    yield _gauge(
        "router_shut_out_not_in_force",
        "A router (`by`) that was not seen to refuse the stolen box.",
        ("by",),
        (((s.router, by), 1.0) for s in shut for by in s.waiting),
    )
    yield _gauge(
        "revoked_not_in_force",
        "Revoked certificates that the router was not seen to refuse.",
        (),
        (((router,), float(number)) for router, number in standing.unrefused.items()),
    )


def _push_metrics(totals: Mapping[PushState, int]) -> Iterator[Metric]:
    running = GaugeMetricFamily("linjevakt_pushes_running", "Pushes that run now.")
    running.add_metric((), totals.get(PushState.RUNNING, 0))
    yield running
    ended = CounterMetricFamily("linjevakt_pushes", "Pushes that have ended.", labels=("state",))
    for state in PushState:
        if state is not PushState.RUNNING:
            ended.add_metric((state.value,), totals.get(state, 0))
    yield ended


def _gauge(name: str, help_text: str, labels: tuple[str, ...], samples: _Samples) -> Metric:
    return _filled(GaugeMetricFamily(f"linjevakt_{name}", help_text, labels=("router", *labels)), samples)


F = TypeVar("F", GaugeMetricFamily, CounterMetricFamily)


def _filled(family: F, samples: _Samples) -> F:
    """One series for the same labels, whatever a router says twice: Prometheus would refuse those of all."""
    for values, value in dict(samples).items():
        family.add_metric(values, value)
    return family


def _each(healths: Iterable[Health], field: str) -> _Samples:
    for health in healths:
        yield (health.router,), float(getattr(health, field))
