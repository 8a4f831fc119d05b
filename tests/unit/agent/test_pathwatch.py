"""When each line is asked, what its bounds are, and how large a packet the tunnel may carry."""

from ipaddress import IPv4Address, IPv4Interface
from typing import cast

import pytest

from linjevakt_agent.base.schema import Line, Watch
from linjevakt_agent.lines import pathwatch
from linjevakt_agent.lines.ikeprobe import Answer, ProbeSocket
from linjevakt_agent.lines.linestate import LineState, RoundTrip
from linjevakt_agent.lines.pathmtu import carried
from linjevakt_agent.lines.pathwatch import PathWatch, bound
from linjevakt_agent.network.endpoints import Endpoint
from linjevakt_agent.network.kernel import Interface


class Path:
    """A line's socket, and the path and hub behind it: what is not too large comes back whole."""

    def __init__(self, name: str, watch: PathWatch, size: int = 1500, *, up: bool = True) -> None:
        self.state = LineState(name, 1, Watch(target="203.0.113.2"), up=up, round_trip=RoundTrip.first(0.02))
        self.watch, self.size = watch, size
        self.sent: list[tuple[float, int]] = []
        self._now = 0.0
        self._answers: list[Answer] = []

    def send(self, sequence: int, size: int = 0) -> None:
        self.sent.append((self._now, size))
        if size <= self.size:
            self._answers.append(Answer(sequence, 0.0, size))

    def play(self, begin: float, end: float, *, in_use: bool = False) -> list[float]:
        """Turn the watch every 50 ms; when something was sent."""
        before = len(self.sent)
        for turn in range(int((end - begin) * 20)):
            self._now = begin + turn / 20
            self.watch.ask(self.state, cast("ProbeSocket", self), self._now, in_use=in_use)
            while self._answers:
                assert self.watch.heard(self.state, self._answers.pop(0), self._now)
        return sorted({at for at, _ in self.sent[before:]})


def watch(packets: list[int] | None = None) -> PathWatch:
    return PathWatch(1400, lambda: packets[0] if packets else 0)


def test_the_tunnel_carries_what_every_line_does() -> None:
    assert watch().inside is None
    watching = watch()
    watching.bounded("wan0", "198.51.100.2", 1500)
    watching.bounded("wan1", "100.64.2.2", 1500)
    assert watching.inside == 1400
    Path("wan0", watching).play(0, 1)
    Path("wan1", watching, 1428).play(0, 4)
    assert (watching.found("wan0"), watching.found("wan1"), watching.inside) == (1500, 1428, carried(1428))


def test_a_line_that_is_addressed_anew_is_asked_anew_and_one_that_stays_is_known() -> None:
    watching = watch()
    watching.bounded("wan0", "198.51.100.2", 1500)
    path = Path("wan0", watching, 1428)
    path.play(0, 4)
    watching.bounded("wan0", "198.51.100.2", 1500)
    assert watching.found("wan0") == 1428
    watching.bounded("wan0", "192.0.2.7", 1500)
    assert watching.found("wan0") is None
    path.play(4, 8)
    assert watching.found("wan0") == 1428


def test_what_a_predecessor_found_holds_until_it_is_looked_at() -> None:
    watching = watch()
    watching.bounded("wan0", "198.51.100.2", 1500, known=1300)
    assert watching.inside == carried(1300)
    Path("wan0", watching).play(0, 4)
    assert watching.found("wan0") == 1500


def test_a_line_that_is_down_is_asked_as_soon_as_it_is_up() -> None:
    watching = watch()
    watching.bounded("wan0", "198.51.100.2", 1500)
    assert Path("wan0", watching, up=False).play(0, 5) == []
    assert Path("wan0", watching).play(5, 6) == [5.0]


def test_a_line_in_reserve_is_asked_every_ten_minutes_and_one_in_use_more_often() -> None:
    for in_use, times in ((False, 6), (True, 120)):
        watching = watch()
        watching.bounded("wan0", "198.51.100.2", 1500)
        path = Path("wan0", watching)
        assert len(path.play(0, 3600, in_use=in_use)) == times


def test_while_the_tunnel_carries_packets_a_change_is_found_within_thirteen_seconds() -> None:
    packets = [0]
    watching = watch(packets)
    watching.bounded("wan0", "198.51.100.2", 1500)
    path = Path("wan0", watching)
    path.play(0, 1, in_use=True)
    path.size = 1300
    for second in range(1, 14):
        packets[0] += 1
        path.play(second, second + 1, in_use=True)
    assert watching.found("wan0") == 1300
    path.size = 1500
    path.play(14, 80, in_use=True)
    assert watching.found("wan0") == 1500, "what a full queue swallowed is made good a minute later"


def test_an_answer_to_a_sign_of_life_is_not_ours() -> None:
    watching = watch()
    watching.bounded("wan0", "198.51.100.2", 1500)
    assert not watching.heard(LineState("wan0", 1, None, up=True), Answer(7, 0.0, 64), 0.0)


@pytest.mark.parametrize(
    ("link", "configured", "lent", "least"),
    [
        (1500, None, None, 1500),
        (1500, 1492, None, 1492),
        (1500, None, 1428, 1428),
        (1400, 1492, 1428, 1400),
        (9000, None, 9000, 1500),
        (1500, None, 68, 576),
        (1500, 1431, None, 1428),
    ],
)
def test_the_least_of_link_configuration_and_lease_is_the_bound(
    link: int, configured: int | None, lent: int | None, least: int
) -> None:
    line = Line(name="wan0", kind="own_isp", method="dhcp", priority=1, mtu=configured)
    where = Endpoint(IPv4Interface("192.0.2.2/30"), IPv4Address("192.0.2.1"), lent=True, mtu=lent)
    assert bound(line, where, Interface("wan0", up=True, carrier=True, mtu=link)) == least


def test_without_a_tunnel_nothing_is_carried() -> None:
    assert pathwatch.tunnel_packets() >= 0
