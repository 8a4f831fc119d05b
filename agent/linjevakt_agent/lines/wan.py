"""The line watch: probes every line, keeps its routes in place, and moves traffic off a line that does not answer.

A line that has never answered where it is plugged in, or has ceased to, is addressed in its other ways by turns.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import msgspec

from linjevakt_agent.base.paths import Paths
from linjevakt_agent.base.schema import Addressing, Line, Network, Watch
from linjevakt_agent.lines import linereport
from linjevakt_agent.lines.addressing import Seen, Trial
from linjevakt_agent.lines.ikeprobe import ProbeSocket
from linjevakt_agent.lines.linestate import Answered, Event, Judged, LineState, Ready, Sent, choose, pace
from linjevakt_agent.lines.pathwatch import PathWatch, bound
from linjevakt_agent.network import dhcp, inforce, kernel, network
from linjevakt_agent.network.desired import interfaces, line_in_use, why_not_ready
from linjevakt_agent.network.endpoints import Standing
from linjevakt_agent.network.kernel import Interface, NetworkError, State
from linjevakt_agent.network.linkevents import LinkEvents, times_plugged

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 10.0  # routes can also go without anybody telling
_LOOK_AT_MOST_EVERY_S = 0.1  # a hub whose routers all come back changes routes hundreds of times a second
_RETRY_S = 1.0
_PUBLISH_EVERY_S = 1.0
_GLANCE_S = 0.2  # at leases and at the symlink `running`


async def watch(root: Path) -> None:
    """Watch the lines of the running configuration, and of each that follows it; runs until cancelled."""
    paths, before = Paths(root), None
    while True:
        text = await _running(paths)
        config = msgspec.toml.decode(text, type=Network)
        await _put_in_place(before, config)
        await LineWatch(config, paths.run).run(until=partial(_differs, paths, text))
        before = config


async def _put_in_place(before: Network | None, config: Network) -> None:
    """The guard has done this; but while it did, we may still have defended what is now the old configuration."""
    try:
        await asyncio.to_thread(network.apply, before, config)
    except NetworkError as error:
        log.error("network: %s", error)  # noqa: TRY400 - the message says it all


async def _running(paths: Paths) -> bytes:
    while (text := _text(paths)) is None:  # noqa: ASYNC110 - a symlink tells nobody that it has come
        await asyncio.sleep(_GLANCE_S)
    return text


def _text(paths: Paths) -> bytes | None:
    try:
        return paths.section("network.toml").read_bytes()
    except OSError:
        return None


def _differs(paths: Paths, text: bytes) -> bool:
    return _text(paths) != text


def _index(interface: Interface | None) -> int:
    return interface.index if interface else 0


def _plug(interface: Interface | None) -> tuple[int, int] | None:
    """Tells one plugging in of a cable from the next; None while there is none."""
    if interface is None or not interface.up or not interface.carrier:
        return None
    return interface.index, times_plugged(interface.name)


class LineWatch:
    """One configuration's lines. All state that matters is in the kernel: killed at any point, traffic goes on."""

    def __init__(self, config: Network, run: Path) -> None:
        present = inforce.present(config, run).line
        self._lines = {line.name: line for line in sorted(present, key=lambda line: line.priority)}  # as addressed now
        offered = {line.name: line.addressings for line in config.line if line.alternative}
        self._trials = {name: Trial(ways, self._lines[name].addressing) for name, ways in offered.items()}
        self._config = config
        self._watch = config.watch or Watch(target="")  # a hub has nobody to ask: its lines are as good as their links
        self._run = run
        changes = linereport.changes_so_far(run)
        self._states = {
            line.name: LineState(line.name, line.priority, config.watch, changes=changes.get(line.name, 0))
            for line in self._lines.values()
        }
        self._sizes = PathWatch(self._watch.tunnel_mtu)
        self._sizes_before = linereport.sizes_so_far(run)
        self._tunnel: Interface | None = None
        self._in_use: str | None = None
        self._seen: dict[str, Interface | None] = {}
        self._plugs: dict[str, tuple[int, int] | None] = {}
        self._sockets: dict[str, tuple[tuple[int, str], ProbeSocket]] = {}
        self._addresses: dict[str, str] = {}
        self._refused: frozenset[str] = frozenset()  # lines that were given what they cannot have
        self._leases: dict[str, tuple[int, int] | None] = {}
        self._probed_at: dict[str, float] = {}
        self._look_at = 0.0
        self._looked_at = float("-inf")
        self._publish_at = 0.0
        self._wake = asyncio.Event()

    async def run(self, until: Callable[[], bool]) -> None:
        """Watch until `until` says so, or until cancelled."""
        loop, events = asyncio.get_running_loop(), LinkEvents()
        loop.add_reader(events.fileno(), self._changed, events)
        try:
            while not until():
                await self._turn()
                await self._sleep()
        finally:
            loop.remove_reader(events.fileno())
            events.close()
            for name in list(self._sockets):
                self._close(name)

    async def _turn(self) -> None:
        self._glance()
        looked = time.monotonic() >= self._look_at and await self._look()
        if not self._seen:
            return  # the kernel could not be asked yet: whatever line is in use stays so
        self._judge()
        self._probe()
        now = time.monotonic()
        chosen = choose(self._states.values(), self._in_use, now, self._watch.recover_after_s)
        moved, self._in_use = chosen != self._in_use, chosen
        await self._fit()
        if moved or looked:
            await self._settle(moved=moved)
        await self._try_elsewhere(now)
        if moved or now >= self._publish_at:
            self._publish(now)
            await self._tend()

    def _changed(self, events: LinkEvents) -> None:
        if events.drain():
            self._look_soon()

    def _look_soon(self) -> None:
        self._look_at = min(self._look_at, self._looked_at + _LOOK_AT_MOST_EVERY_S)
        self._wake.set()

    def _glance(self) -> None:
        """Notice leases that have come, gone or changed."""
        directory = self._run / "dhcp"
        leases = {name: dhcp.stamp(name, directory) for name, line in self._lines.items() if line.method == "dhcp"}
        if leases != self._leases:
            self._leases = leases
            self._look_soon()

    async def _look(self) -> bool:
        """Ask the kernel how the links are; says whether it could be asked."""
        self._looked_at = time.monotonic()
        self._look_at = self._looked_at + _LOOK_EVERY_S
        try:
            state = await asyncio.to_thread(kernel.read)
            await self._plugged(state)
            standing = network.standing(self._config, state)
            self._refused = frozenset(standing.refusals)
            self._tunnel = state.interfaces.get(network.TUNNEL)
            for line in self._lines.values():
                self._see(line, standing, state)
        except NetworkError as error:
            self._complain(error)
            return False
        if self._in_use is None:
            self._in_use = line_in_use(state) if line_in_use(state) in self._lines else None
        return True

    async def _plugged(self, state: State) -> None:
        """Put in place an interface that has come, such as a modem, and ask for a lease on a cable that has."""
        names = {*interfaces(self._config), *self._config.parents}  # a parent that comes back brings no VLAN with it
        before, self._seen = self._seen, {name: state.interfaces.get(name) for name in names}
        was = {name: before.get(name, interface) for name, interface in self._seen.items()}
        if any(there and _index(was[name]) != there.index for name, there in self._seen.items()):
            await _put_in_place(None, self._config)
        plugged, self._plugs = self._plugs, {name: _plug(self._seen[name]) for name in self._lines}
        for name in self._leases:
            if self._plugs[name] is not None and plugged.get(name, self._plugs[name]) != self._plugs[name]:
                await asyncio.to_thread(network.renew_lease, name)

    def _see(self, line: Line, standing: Standing, state: State) -> None:
        where = standing.endpoints.get(line.name)
        why_not = why_not_ready(line, standing, state)
        if where is not None:
            self._addresses[line.name] = str(where.address.ip)
        else:
            self._addresses.pop(line.name, None)
        if not why_not and self._config.watch:
            why_not = self._open(line.name, state.interfaces[line.name].index)
        if why_not:
            self._close(line.name)
        elif where is not None and self._config.watch:
            address = self._addresses[line.name]
            known = self._sizes_before.get((line.name, address))
            self._sizes.bounded(line.name, address, bound(line, where, state.interfaces[line.name]), known)
        self._tell(line.name, Ready(time.monotonic(), why_not))

    def _open(self, name: str, index: int) -> str:
        """Have a socket on the line as it is now; returns why that cannot be, empty if it can."""
        identity = (index, self._addresses[name])
        if name in self._sockets and self._sockets[name][0] == identity:
            return ""
        self._close(name)
        try:
            socket = ProbeSocket(name, self._addresses[name], (self._watch.target, self._watch.port))
        except OSError as error:
            return f"cannot send: {error.strerror}"
        self._sockets[name] = (identity, socket)
        self._probed_at[name] = float("-inf")
        asyncio.get_running_loop().add_reader(socket.fileno(), self._hear, name)
        return ""

    def _close(self, name: str) -> None:
        if name in self._sockets:
            _, socket = self._sockets.pop(name)
            asyncio.get_running_loop().remove_reader(socket.fileno())
            socket.close()

    def _hear(self, name: str) -> None:
        now = time.monotonic()
        for answer in self._sockets[name][1].answers():
            if not self._sizes.heard(self._states[name], answer, now):
                self._tell(name, Answered(now - answer.waited_s, answer.sequence))

    def _judge(self) -> None:
        now = time.monotonic()  # first: what arrives while we listen may not be missed in the judgement
        for name in self._sockets:
            self._hear(name)
        for name in self._sockets:
            self._tell(name, Judged(now))

    def _probe(self) -> None:
        now = time.monotonic()
        for name, (_, socket) in self._sockets.items():
            if now >= self._due(name):
                sequence = self._states[name].sent + 1
                self._tell(name, Sent(now, sequence))
                socket.send(sequence)
                self._probed_at[name] = now
            self._sizes.ask(self._states[name], socket, now, in_use=name == self._in_use)

    def _due(self, name: str) -> float:
        in_use = self._states.get(self._in_use or "")
        return self._probed_at[name] + pace(self._states[name], in_use, self._watch)

    def _tell(self, name: str, event: Event) -> None:
        before = self._states[name]
        after = self._states[name] = before.after(event)
        if after.up != before.up:
            log.info("%s is %s%s", name, "up" if after.up else "down", f": {after.detail}" if after.detail else "")
            self._publish_at = 0.0
            self._wake.set()

    async def _try_elsewhere(self, now: float) -> None:
        """Have each line that has been silent for too long addressed in its next way."""
        for name, trial in self._trials.items():
            after = self._trials[name] = trial.after(self._sight(name, now))
            if after.chosen != trial.chosen:
                log.info("%s as %s: %s; now %s", name, trial.chosen, self._states[name].detail, after.chosen)
                await self._readdress(name, after.chosen)

    def _sight(self, name: str, now: float) -> Seen:
        state = self._states[name]
        others = [other.since for other in self._states.values() if other.up and other.name != name]
        return Seen(
            now,
            plug=self._plugs.get(name),
            address=self._addresses.get(name),
            up=state.up is True,
            proven=max(state.proven, default=0.0),
            others_up=min(others, default=None),
        )

    async def _readdress(self, name: str, addressing: Addressing) -> None:
        self._lines[name] = self._lines[name].addressed(addressing)
        self._publish_at = 0.0
        self._look_soon()
        in_use = name == self._in_use
        try:
            await asyncio.to_thread(network.readdress, self._config, name, addressing, in_use=in_use)
        except NetworkError as error:
            self._complain(error)

    async def _settle(self, *, moved: bool) -> None:
        """Give every line its routes, the one in use first: it takes over without a gap."""
        if moved:
            log.info("traffic goes by %s", self._in_use)
        for name in sorted(self._lines, key=lambda name: name != self._in_use):
            try:
                await asyncio.to_thread(network.reconcile_line, self._config, name, in_use=name == self._in_use)
            except NetworkError as error:
                self._complain(error)

    async def _fit(self) -> None:
        """Have the tunnel take no packet that a line does not carry; one that charon has made anew, neither."""
        inside = self._sizes.inside
        if self._tunnel is None or inside is None or inside == self._tunnel.mtu:
            return
        try:
            await asyncio.to_thread(network.fit_tunnel, inside)
        except NetworkError as error:
            self._tunnel = None
            self._complain(error)
        else:
            self._tunnel = replace(self._tunnel, mtu=inside)
            self._publish_at = 0.0

    async def _tend(self) -> None:
        if self._leases:
            try:
                await asyncio.to_thread(network.tend_dhcp, self._config, self._useless())
            except NetworkError as error:
                self._complain(error)

    def _useless(self) -> frozenset[str]:
        """Lines that were given what they cannot have, or something by which nothing answers: anyone may lend that."""
        now = time.monotonic()
        down = {name: state.since for name, state in self._states.items() if state.linked and state.up is False}
        return self._refused | {name for name, since in down.items() if now >= since + dhcp.ROUTER_S}

    def _complain(self, error: NetworkError) -> None:
        log.warning("network: %s", error)
        self._look_at = min(self._look_at, time.monotonic() + _RETRY_S)

    def _publish(self, now: float) -> None:
        self._publish_at = now + _PUBLISH_EVERY_S
        rows = (
            linereport.row(line, self._states[name], self._addresses.get(name), now, in_use=name == self._in_use)
            | {"path_mtu": self._sizes.found(name), "mtu": self._sizes.bound(name)}
            for name, line in self._lines.items()
        )
        try:
            linereport.write(rows, self._run)
        except OSError as error:
            log.warning("cannot tell how the lines are: %s", error)

    async def _sleep(self) -> None:
        deadlines = (state.deadline for state in self._states.values())
        times = [
            self._look_at,
            *map(self._due, self._sockets),
            *(at for at in deadlines if at),
            *self._sizes.deadlines(),
        ]
        wait = min([_GLANCE_S, *(at - time.monotonic() for at in times)])
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), max(wait, 0))
        self._wake.clear()
