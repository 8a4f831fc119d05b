"""Shaping against a real kernel, in a network namespace of the test's own (needs root)."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.lab

BATCH = """\
# to Helsenettet
qdisc replace dev ipsec0 root handle 1: htb default 2
class replace dev ipsec0 parent 1: classid 1:2 htb rate 500kbit ceil 50000kbit
# from Helsenettet
qdisc replace dev ifb0 root handle 1: htb default 2
class replace dev ifb0 parent 1: classid 1:2 htb rate 500kbit ceil 50000kbit
qdisc replace dev ipsec0 handle ffff: ingress
filter replace dev ipsec0 parent ffff: protocol ip prio 1 handle 800::1 u32 match u32 0 0 action mirred egress \
redirect dev ifb0
"""
BODY = """
import subprocess, sys
from linjevakt_agent.force import shaping
def sh(*words): return subprocess.run(words, check=True, capture_output=True, text=True).stdout
sh("mount", "-t", "sysfs", "sysfs", "/sys")
sh("ip", "link", "add", "ipsec0", "type", "veth", "peer", "name", "far")
shaping.apply("", sys.argv[1])
shaping.apply(sys.argv[1], sys.argv[1])
more = sys.argv[1] + "class replace dev ipsec0 parent 1: classid 1:3 htb rate 200kbit ceil 50000kbit\\n"
sh("ip", "addr", "add", "192.0.2.1/24", "dev", "ipsec0"), sh("ip", "link", "set", "ipsec0", "up")
sh("ip", "link", "set", "far", "up"), subprocess.run(["ping", "-c", "1", "-W", "1", "192.0.2.2"])
shaping.apply(sys.argv[1], more)
assert "htb 1:3" in sh("tc", "class", "show", "dev", "ipsec0")
shaping.apply(more, sys.argv[1])
assert "htb 1:3" not in sh("tc", "class", "show", "dev", "ipsec0")
assert "Sent 0 bytes" not in sh("tc", "-s", "class", "show", "dev", "ipsec0", "classid", "1:2"), "made anew"
assert "UP" in sh("ip", "link", "show", "ifb0")
assert "htb 1:" in sh("tc", "qdisc", "show", "dev", "ifb0")
assert "Redirect to device ifb0" in sh("tc", "filter", "show", "dev", "ipsec0", "parent", "ffff:")
arrivals = shaping.Arrivals()
sh("ip", "link", "del", "ipsec0")
sh("ip", "link", "add", "ipsec0", "type", "veth", "peer", "name", "far")
assert "ipsec0" in arrivals.take()
shaping.put_on("ipsec0", sys.argv[1])
assert "htb 1:" in sh("tc", "qdisc", "show", "dev", "ipsec0")
shaping.apply(sys.argv[1], "")
assert "htb" not in sh("tc", "qdisc", "show")
"""


def test_shaping_makes_its_intermediate_device_is_put_on_again_and_comes_off() -> None:
    done = subprocess.run(
        ["unshare", "--net", "--mount", sys.executable, "-c", BODY, BATCH], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
