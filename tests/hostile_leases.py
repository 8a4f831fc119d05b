"""Leases as an attacker would write them, from a seed, and what must hold for each; shared by quick and long tests."""

import os
import random
import subprocess
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import msgspec

from linjevakt_agent.base.schema import Network
from linjevakt_agent.network import dhcp
from linjevakt_agent.network.dhcp import LONGEST_S, Lease, LeaseError
from linjevakt_agent.network.endpoints import Endpoint, settled
from linjevakt_agent.network.kernel import State

HOOK = Path(__file__).parents[1] / "agent/system/rootfs/usr/lib/linjevakt/udhcpc-hook"
KEYS = ["address", "prefix", "router", "lease", "mtu", "obtained"]
_ROUTES = ["routes"]  # after them, if the server told any
_VARIABLES = ("ip", "mask", "router", "lease", "staticroutes", "msstaticroutes", "mtu")
_NEVER = [IPv4Network(text) for text in ("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3", "10.64.1.0/24", "203.0.113.2/32")]
_LONGEST_MESSAGE = 160
_NETWORK = msgspec.toml.decode(
    '[management]\naddress = "10.250.0.11"\n[watch]\ntarget = "203.0.113.2"\n'
    '[[line]]\nname = "wan1"\nkind = "mobile"\nmethod = "dhcp"\npriority = 1\n'
    '[[port]]\nname = "lan0"\naddresses = ["10.64.1.1/24"]\n',
    type=Network,
)
_WORDS = [
    "", "0", "-1", "+1", "1e9", "nan", "inf", "-inf", "4294967295", "4294967296", "9" * 400, "0x7f000001", "127.1",
    "0.0.0.0", "255.255.255.255", "203.0.113.2", "10.64.1.1", "192.168.1.50", "192.168.1.1 0.0.0.0", "1.2.3.4/24",
    "1.2.3.4\naddress=5.6.7.8", "1.2.3.4\n\nLEASE\nrm -rf /", "$(id)", "`id`", "${PATH}", "\\", "'\"", "%s%n%500d",
    "\x1b]0;x\x07", "\r", "\t", "1.2.3.4\r\nrouter=", "٣.٣.٣.٣", "\u2028", "=", "a=b", "::1", "32", "33", "24", "3600",
]  # fmt: skip


def seeded(seed: int) -> random.Random:
    """The dice that give the same leases for the same seed."""
    return random.Random(seed)  # noqa: S311 - nothing is secret here


def value(dice: random.Random) -> str:
    """What one variable may hold: a word of the list, an address, odd characters, or several of these together."""
    kind = dice.randrange(5)
    if kind == 0:
        return ".".join(str(dice.randrange(-1, 258)) for _ in range(dice.choice([4, 4, 4, 3, 5])))
    if kind == 1:
        return str(IPv4Address(dice.getrandbits(32)))
    if kind == 2:
        return "".join(chr(dice.choice([dice.randrange(1, 128), dice.randrange(1, 0xD800)])) for _ in range(8))
    return " ".join(dice.choice(_WORDS) for _ in range(dice.choice([1, 1, 1, 2, 70])))


def text(dice: random.Random) -> str:
    """A lease file that a hook without any care would have written."""
    rows = [f"{key}={value(dice)}" for key in KEYS if dice.random() < 0.95]
    rows += [f"routes={_routes(dice)}"] if dice.random() < 0.3 else []
    if dice.random() < 0.5:
        rows = [row if dice.random() < 0.3 else good for row, good in zip(rows, _good(dice), strict=False)]
    return "\n".join(rows)


def _routes(dice: random.Random) -> str:
    """Pairs of a network and a router, most of them right; now and then half of one, or something else."""
    words = [
        "0.0.0.0/0",
        "10.0.0.0/8",
        "203.0.113.2/32",
        "0.0.0.0",
        str(IPv4Address(dice.getrandbits(32))),
        value(dice),
    ]
    return " ".join(dice.choice(words) for _ in range(dice.choice([0, 1, 2, 2, 2, 4, 100])))


def _good(dice: random.Random) -> list[str]:
    given = IPv4Address(dice.getrandbits(32))
    return [
        f"address={given}",
        f"prefix={dice.randrange(33)}",
        f"router={given + 1}",
        "lease=60",
        "mtu=1428",
        "obtained=12.5",
    ]


def held(content: str) -> bool:
    """Check all that must hold for a lease file of that content; whether it is a lease."""
    try:
        found = dhcp.parse(content)
    except LeaseError as error:
        said = str(error)
        assert said.isprintable(), said
        assert len(said) < _LONGEST_MESSAGE, said
        return False
    assert found.gateway in found.routers
    assert 0 <= found.expires - found.obtained <= LONGEST_S
    _stands(found)
    return True


def _stands(found: Lease) -> None:
    assert found.mtu is None or 68 <= found.mtu <= 99_999
    given = {"wan1": Endpoint(found.address, found.gateway, lent=True)}
    standing = settled(given, _NETWORK, State({}))
    for where in standing.endpoints.values():
        assert not any(where.address.ip in network for network in _NEVER), where
        assert where.address.network.prefixlen == where.address.max_prefixlen


def told(dice: random.Random, directory: Path) -> bool:
    """Have the hook write down a lease of such values, check the file, and whether it is a lease."""
    variables = {name: value(dice) for name in _VARIABLES if dice.random() < 0.7}
    event = dice.choice(["bound", "renew"])
    environment = os.environ | {"LINJEVAKT_DHCP": str(directory), "interface": "wan1"} | variables
    done = subprocess.run(["sh", str(HOOK), event], env=environment, capture_output=True, check=False, timeout=10)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), variables
    assert [file.name for file in directory.iterdir()] == ["wan1.lease"], variables
    content = (directory / "wan1.lease").read_text("ascii")
    keys = KEYS + (_ROUTES if {"staticroutes", "msstaticroutes"} & variables.keys() else [])
    assert [row.partition("=")[0] for row in content.splitlines()] == keys, variables
    try:
        dhcp.lease("wan1", directory)
    except LeaseError as error:
        assert str(error).isprintable()  # noqa: PT017 - what it says is what is tested
    return held(content)
