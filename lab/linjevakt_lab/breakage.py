"""Breaks lines as lines break in the field, and mends them."""

from enum import StrEnum

from linjevakt_lab.places import State
from linjevakt_lab.shell import ip_batch, run
from linjevakt_lab.topology import LineEnds, Port

LOSS_PERCENT = 30


class How(StrEnum):
    """The ways to break a line.

    down: the router's own end is off. carrier: the other end of the router's cable is off, so the link is lost.
    blackhole: the provider drops everything in silence, the link stays up. loss: the provider drops 30 % each way.
    """

    DOWN = "down"
    CARRIER = "carrier"
    BLACKHOLE = "blackhole"
    LOSS = "loss"


def port(line: LineEnds, how: How) -> Port:
    """Return the port at which a line is broken; raises LabError for a loose cable."""
    return {How.DOWN: line.near, How.CARRIER: line.plugged.peer}.get(how, line.plugged.provider)


def break_line(line: LineEnds, how: How, state: State) -> None:
    """Break a line in one way; raises LabError."""
    where = port(line, how)
    match how:
        case How.DOWN | How.CARRIER:
            _set(where, "down", state)
        case How.BLACKHOLE:
            _drop(where, "", state)
        case How.LOSS:
            _drop(where, f"numgen random mod 100 < {LOSS_PERCENT} ", state)


def mend(line: LineEnds, how: How, state: State) -> None:
    """Undo `break_line`; raises LabError."""
    where = port(line, how)
    match how:
        case How.DOWN | How.CARRIER:
            _set(where, "up", state)
        case How.BLACKHOLE | How.LOSS:
            _nft(where, f"delete table {_table(where)}\n", state)


def _set(where: Port, direction: str, state: State) -> None:
    ip_batch([f"link set {where.interface} {direction}"], state.netns(where.node))


def _table(where: Port) -> str:
    return f"inet broken_{where.interface}"


def _drop(where: Port, match: str, state: State) -> None:
    """Drop IP both ways on a provider's port, DHCP and the port's own answers included; ARP goes on answering."""
    interface = where.interface
    _nft(
        where,
        f"table {_table(where)} {{\n"
        f'  chain from {{ type filter hook prerouting priority raw; iifname "{interface}" {match}drop; }}\n'
        f'  chain to {{ type filter hook postrouting priority raw; oifname "{interface}" {match}drop; }}\n'
        "}\n",
        state,
    )


def narrow(line: LineEnds, up: int, down: int, state: State) -> None:
    """Have the provider swallow packets larger than that (octets of IPv4), to the router and from it; raises LabError.

    Before fragments are put together again, as a narrower link on the way would.
    """
    where = line.plugged.provider
    interface, table, too_large = where.interface, f"inet narrow_{where.interface}", "meta length >"
    _nft(
        where,
        f"table {table}\n"
        f"delete table {table}\n"
        f"table {table} {{\n"
        f'  chain from {{ type filter hook prerouting priority -450; iifname "{interface}" {too_large} {up} drop; }}\n'
        f'  chain to {{ type filter hook postrouting priority -450; oifname "{interface}" {too_large} {down} drop; }}\n'
        "}\n",
        state,
    )


def widen(line: LineEnds, state: State) -> None:
    """Undo `narrow`; raises LabError."""
    where = line.plugged.provider
    table = f"inet narrow_{where.interface}"
    _nft(where, f"table {table}\ndelete table {table}\n", state)


def _nft(where: Port, rules: str, state: State) -> None:
    run(["ip", "netns", "exec", state.netns(where.node), "nft", "-f", "-"], text=rules)
