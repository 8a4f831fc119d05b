"""What the lab's tests measure from outside: outages seen by a client, and what was on the wire."""

import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from linjevakt_lab.lab import Lab

_ANSWER = re.compile(r"^\[(\d+\.\d+)\] \d+ bytes from .*icmp_seq=(\d+)", re.MULTILINE)  # not: "From ... unreachable"

HANDS_OFF = "/run/linjevakt/hands-off"
"""While root has this file, the guard tells of what was changed by hand and puts nothing back."""

TUNNEL_ONLY = "udp port 500 or udp port 4500 or esp or arp or (udp and (port 67 or port 68))"
"""What may be seen on an internet line: IKE, ESP (in UDP behind NAT), ARP, DHCP."""


@dataclass
class Probe:
    """A ping each 20 ms; after the `with` block, when each answer came (seconds, this machine's clock)."""

    answers: list[float] = field(default_factory=list)
    sent: int = 0

    @property
    def outage_s(self) -> float:
        """The longest time between two answers, in seconds."""
        return max((after - before for before, after in zip(self.answers, self.answers[1:], strict=False)), default=0.0)

    @property
    def lost(self) -> int:
        """How many probes went unanswered."""
        return self.sent - len(self.answers)


@contextmanager
def probing(lab: Lab, node: str, target: str) -> Iterator[Probe]:
    """Ping `target` from `node` each 20 ms while the block runs."""
    probe = Probe()
    with tempfile.TemporaryFile("w+") as output:  # a pipe that nobody empties would stop it after 16 s
        ping = lab.popen(node, ["ping", "-n", "-D", "-i", "0.02", target], stdout=output)
        try:
            yield probe
        finally:
            ping.terminate()
            ping.wait(timeout=10)
            output.seek(0)
            answers = _ANSWER.findall(output.read())
            probe.answers = [float(when) for when, _ in answers]
            probe.sent = max((int(number) for _, number in answers), default=0)


@contextmanager
def by_hand(lab: Lab, *routers: str) -> Iterator[None]:
    """Nothing that is changed by hand on the routers is put back while the block runs."""
    for router in routers:
        lab.run(router, ["touch", HANDS_OFF])
    try:
        yield
    finally:
        for router in routers:
            lab.run(router, ["rm", "-f", HANDS_OFF])


def eventually(condition: Callable[[], bool], within_s: float) -> bool:
    """Whether the condition became true in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def packets(capture: Path, expression: str) -> list[str]:
    """The packets of a capture file that match a tcpdump expression, one line each."""
    read = subprocess.run(
        ["tcpdump", "-n", "-r", str(capture), expression], capture_output=True, text=True, check=True, timeout=60
    )
    return read.stdout.splitlines()
