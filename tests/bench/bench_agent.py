"""What the agent takes of a router: memory and CPU on a real one in the lab, its start, and what a poll of it costs."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from tests.bench import responders, site
from tests.bench.figures import Contender, Figure, Unavailable, compare
from tests.bench.processes import cpu_s, memory, read_here
from tests.bench.responders import Responder

from linjevakt_lab import provision

ROUNDS = 3
WINDOWS, WINDOW_S, POLL_S = 3, 20.0, 5.0
POLLS = 20
CORE = "% of a core"
log = logging.getLogger("bench")

Costs = Mapping[str, float]


@dataclass(frozen=True)
class _Process:
    name: str
    pid: int
    read: Callable[[str], str]
    note: str


def measure() -> list[Figure]:
    """Memory in MB, CPU of one core. The starts need no lab, and stand alone where none can be raised."""
    starts = compare("Start of the SNMP service, to its first answer", _starting(), ROUNDS)
    try:
        site.controller()
    except Unavailable as reason:
        return [*starts, Figure("The agent on a router", "everything", "", (), (), f"not measured: {reason}")]
    return [*starts, *compare("One poll of one router through its tunnel", _polling(), ROUNDS), *_idling()]


def _starting() -> list[Contender]:
    def start(responder: Callable[[], AbstractContextManager[Responder]]) -> Costs:
        with responder() as started:
            return {"s": started.start_s}

    return [
        Contender("our agent (Python, pysnmp)", lambda: start(responders.agent)),
        Contender("net-snmp's snmpd", lambda: start(responders.snmpd)),
    ]


def _polling() -> list[Contender]:
    def polled(job: str, times: int) -> Costs:
        cost = site.inside(job, times)
        return {"ms CPU": 1000 * cost["cpu_s"], "ms": 1000 * cost["wall_s"]}

    return [
        Contender("Linjevakt's poller", lambda: polled("poll", POLLS), "the router's answers take most of the time"),
        Contender("net-snmp's commands", lambda: polled("snmpget", POLLS // 4), "a process for each of three requests"),
    ]


# --- a minute in the life of a router ------------------------------------------------------------------------------


def _idling() -> list[Figure]:
    """All over the same minute, so nobody takes turns; snmpd is asked as often as the agent."""
    with provision.served(site.controller(), poll_s=POLL_S), responders.snmpd() as fast:
        processes = [
            _Process("linjevakt-agent run", site.pid("linjevakt-agent run"), site.read, "two lines, probes, SNMP"),
            _Process("linjevakt-agent guard", site.pid("linjevakt-agent guard"), site.read, "waits for a change"),
            _Process("charon (strongSwan)", site.pid("charon-systemd"), site.read, "the same router's tunnel"),
            _Process("net-snmp's snmpd", fast.pid, read_here, "SNMP alone, on this machine"),
        ]
        windows = [_window(processes, fast, number) for number in range(1, WINDOWS + 1)]
    return [
        Figure(job, process.name, unit, _column(windows, index, unit), _column(windows, 0, unit), process.note)
        for job, unit in _JOBS
        for index, process in enumerate(processes)
    ]


_JOBS = (
    ("Memory of its own and its part of what is shared", "MB PSS"),
    ("Memory, shared pages counted in full", "MB RSS"),
    (f"CPU at rest: two lines watched, SNMP asked each {POLL_S:g} s", CORE),
)


def _window(processes: Sequence[_Process], fast: Responder, number: int) -> list[Costs]:
    """What each process took during one window."""
    log.info("The agent at rest for %g s: %d of %d", WINDOW_S, number, WINDOWS)
    begun, before = time.monotonic(), [cpu_s(process.pid, process.read) for process in processes]
    while time.monotonic() < begun + WINDOW_S:
        responders.answers(fast.target)
        time.sleep(POLL_S)
    used = [cpu_s(process.pid, process.read) - cpu for process, cpu in zip(processes, before, strict=True)]
    seconds = time.monotonic() - begun
    return [
        {CORE: 100 * cpu / seconds, **memory(process.pid, process.read)}
        for process, cpu in zip(processes, used, strict=True)
    ]


def _column(windows: Sequence[Sequence[Costs]], process: int, unit: str) -> tuple[float, ...]:
    return tuple(window[process][unit] for window in windows)
