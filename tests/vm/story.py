"""What the virtual machine of test_vm.py does: a hub, a router on a tagged line and its providers, a push, a fail-over.

It runs as the machine's first process with nothing but the box image's Python. Each line that begins with `VM: ` on the
console is a result (JSON).
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, "/vm")
from linjevakt_lab.box import Box

ROOM = Path("/vm")
DISKS = Path("/run/boxes")
BORN = time.monotonic() - float(Path("/proc/uptime").read_text().split()[0])
PLACES = ("hub", "router", "provider", "inside", "pc")
CABLES = (
    ("hub", "wan0", "provider", "backbone"),
    ("router", "wan0", "provider", "fibre"),
    ("router", "wan1", "provider", "mobile"),
    ("hub", "lan0", "inside", "eth0"),
    ("router", "lan0", "pc", "eth0"),
)
ADDRESSES = (
    ("provider", "backbone", "203.0.113.1/30"),
    ("provider", "fibre.102", "198.51.100.1/24"),
    ("provider", "mobile", "100.64.1.1/24"),
    ("inside", "eth0", "10.255.0.40/24"),
    ("pc", "eth0", "10.64.9.2/28"),
)
SERVER = """
port=0
bind-interfaces
dhcp-authoritative
dhcp-leasefile=/run/{device}.leases
interface={device}
dhcp-range={net}.100,{net}.120,1h
dhcp-option=option:router{option_3}
{further}
"""
TAGGED = {
    "device": "fibre.102",
    "net": "198.51.100",
    "option_3": "",
    "further": "dhcp-option=121,0.0.0.0/0,198.51.100.1",
}
MOBILE = {"device": "mobile", "net": "100.64.1", "option_3": ",100.64.1.1", "further": ""}
CHILDREN = ("management", "segment_tannlege")
GOAL = "10.255.0.40"


def told(**values: Any) -> None:
    """Put results on the console."""
    sys.stdout.write("\nVM: " + json.dumps({"at_s": round(time.monotonic() - BORN, 1), **values}) + "\n")
    sys.stdout.flush()


def run(*argv: str, stdin: str | None = None, check: bool = True) -> str:
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(argv)}: {done.stderr or done.stdout}")
    return done.stdout


def at(place: str, *argv: str) -> str:
    return run("ip", "netns", "exec", place, *argv)


def wired() -> None:
    for place in PLACES:
        run("ip", "netns", "add", place)
        run("ip", "-n", place, "link", "set", "lo", "up")
    for one, device, other, end in CABLES:
        run("ip", "-n", one, "link", "add", device, "type", "veth", "peer", "name", end, "netns", other)
        run("ip", "-n", other, "link", "set", end, "up")
    run("ip", "-n", "provider", "link", "add", "link", "fibre", "name", "fibre.102", "type", "vlan", "id", "102")
    for place, device, address in ADDRESSES:
        run("ip", "-n", place, "addr", "add", address, "dev", device)
        run("ip", "-n", place, "link", "set", device, "up")
    run("ip", "-n", "inside", "route", "add", "default", "via", "10.255.0.1")
    run("ip", "-n", "pc", "route", "add", "default", "via", "10.64.9.1")
    at("provider", "sysctl", "-qw", "net.ipv4.ip_forward=1")
    for line in (TAGGED, MOBILE):
        file = Path(f"/run/{line['device']}.conf")
        file.write_text(SERVER.format(**line))
        at("provider", "dnsmasq", "--conf-file=" + str(file), "--pid-file=/run/" + line["device"] + ".pid")


def switched_on(name: str, netns: str) -> Box:
    """A box of the lab, with the identity that it was certified for on its disk."""
    folder = DISKS / name
    identity = folder / "upper" / "var" / "lib" / "linjevakt" / "identity"
    shutil.copytree(ROOM / f"{name}.identity", identity)
    for path in (identity, *identity.iterdir()):
        os.chown(path, 0, 0)
        path.chmod(0o700 if path.is_dir() else 0o600)
    box = Box(name, netns, folder, (ROOM / "agent", Path("/box")), ("tini", "-s", "--", "/sbin/linjevakt-init"))
    box.boot()
    return box


def agent(box: Box, *argv: str, stdin: str | None = None) -> Any:
    return json.loads(run(*box.entering(["linjevakt-agent", *argv, "--json"]), stdin=stdin))


def until(what: str, found: Callable[[], Any], within_s: float = 1200) -> Any:
    """Wait for it, patiently: without hardware acceleration, beside other work, a second may take a minute."""
    deadline = time.monotonic() + within_s
    while not (answer := found()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"not within {within_s:.0f} s: {what}")
        time.sleep(0.5)
    return answer


def loaded(box: Box, text: Path, *options: str) -> Any:
    until("the guard listens", lambda: listens(box))
    agent(box, "config", "load", "--replace", "-", stdin=text.read_text())
    return agent(box, "config", "commit", *options)


def listens(box: Box) -> bool:
    """Whether its guard does; each start of Python takes long in this machine, so what is asked often is not."""
    return run(*box.entering(["sh", "-c", "[ ! -S /run/linjevakt/guard.sock ] || echo yes"])) == "yes\n"


def tunnels(box: Box) -> int:
    """How many children of the tunnel carry traffic."""
    return run(*box.entering(["swanctl", "--list-sas"]), check=False).count("INSTALLED")


def lines(box: Box) -> dict[str, Any]:
    text = run(*box.entering(["cat", "/run/linjevakt/lines.json"]), check=False) or '{"lines": []}'
    return {line["name"]: line for line in json.loads(text)["lines"]}


def in_use(box: Box, name: str) -> Callable[[], bool]:
    def found() -> bool:
        line = lines(box).get(name, {})
        return bool(line.get("in_use") and line["up"])

    return found


def pings() -> "subprocess.Popen[str]":
    argv = ["ip", "netns", "exec", "pc", "ping", "-n", "-D", "-i", "0.1", "-W", "1", GOAL]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)


def longest_gap(process: "subprocess.Popen[str]") -> float:
    """Seconds between two answers that came one after the other, the longest."""
    process.terminate()
    out, _ = process.communicate()
    times = [float(found[1]) for found in re.finditer(r"^\[(\d+\.\d+)\] \d+ bytes from", out, re.MULTILINE)]
    return round(max((later - earlier for earlier, later in pairwise(times)), default=-1.0), 2)


def answered() -> bool:
    return "1 received" in run("ip", "netns", "exec", "pc", "ping", "-n", "-c", "1", "-W", "1", GOAL, check=False)


def tell() -> None:
    told(kernel=os.uname().release)
    wired()
    hub, router = switched_on("hub-oslo", "hub"), switched_on("rtr-fossheim", "router")
    loaded(hub, ROOM / "hub-oslo.full")
    told(hub="runs its configuration")
    loaded(router, ROOM / "rtr-fossheim.bootstrap")
    began = time.monotonic()
    until("the router comes home", lambda: tunnels(router) >= 1)
    told(staged=True, home_after_s=round(time.monotonic() - began, 1))

    began = time.monotonic()
    pushed = loaded(router, ROOM / "rtr-fossheim.full", "--revert-in", "300")
    until("the tunnel of every segment", lambda: tunnels(router) == len(CHILDREN))
    until("the tagged line in use", in_use(router, "wan0.102"))
    until("an answer from inside", answered)
    confirmed = agent(router, "config", "confirm")
    told(
        pushed=pushed["hash"] == confirmed["hash"], pending=pushed["pending"], push_s=round(time.monotonic() - began, 1)
    )

    link = json.loads(run("ip", "-n", "router", "-json", "-details", "link", "show", "dev", "wan0.102"))[0]
    told(vlan=link["linkinfo"]["info_data"], parent=link["link"])
    told(lines=lines(router))
    told(tunnel=agent(router, "prove")["tunnel"])
    frames = at(
        "provider", "timeout", "60", "tcpdump", "-c", "3", "-e", "-nn", "-i", "fibre", "vlan", "102", "and", "udp"
    )
    told(frames=frames.count("vlan 102"))

    pinging = pings()
    time.sleep(2)
    at("provider", "nft", "add table inet hole; add chain inet hole in { type filter hook prerouting priority -500; }")
    at("provider", "nft", "add rule inet hole in iifname fibre.102 drop")
    began = time.monotonic()
    until("the mobile line in use", in_use(router, "wan1"))
    told(moved_after_s=round(time.monotonic() - began, 1))
    time.sleep(3)
    told(outage_s=longest_gap(pinging))

    pinging = pings()
    at("provider", "nft", "delete table inet hole")
    began = time.monotonic()
    until("the tagged line in use again", in_use(router, "wan0.102"))
    told(back_after_s=round(time.monotonic() - began, 1))
    time.sleep(3)
    told(outage_of_return_s=longest_gap(pinging))

    run("ip", "-n", "provider", "link", "del", "fibre")
    time.sleep(1)
    run("ip", "-n", "router", "link", "add", "wan0", "type", "veth", "peer", "name", "fibre", "netns", "provider")
    run("ip", "-n", "provider", "link", "set", "fibre", "up")
    run("ip", "-n", "provider", "link", "add", "link", "fibre", "name", "fibre.102", "type", "vlan", "id", "102")
    run("ip", "-n", "provider", "addr", "add", "198.51.100.1/24", "dev", "fibre.102")
    run("ip", "-n", "provider", "link", "set", "fibre.102", "up")
    began = time.monotonic()
    until("the tagged line on a port that was away", in_use(router, "wan0.102"))
    told(port_back_after_s=round(time.monotonic() - began, 1))
    kernel_esp()


def kernel_esp() -> None:
    """What a tunnel in the kernel would need is there: ESP with AES-GCM, and an interface of it named as ours."""
    for place in ("ka", "kb"):
        run("ip", "netns", "add", place)
    run("ip", "-n", "ka", "link", "add", "wan0", "type", "veth", "peer", "name", "wan0", "netns", "kb")
    for place, own, peer in (("ka", 1, 2), ("kb", 2, 1)):
        ip = ("ip", "-n", place)
        run(*ip, "addr", "add", f"192.0.2.{own}/24", "dev", "wan0")
        run(*ip, "link", "set", "wan0", "up")
        run(*ip, "link", "add", "ipsec0", "type", "xfrm", "dev", "wan0", "if_id", "7")
        run(*ip, "addr", "add", f"10.9.0.{own}/24", "dev", "ipsec0")
        run(*ip, "link", "set", "ipsec0", "up")
        for source, target, way in ((own, peer, "out"), (peer, own, "in")):
            ends = ("src", f"192.0.2.{source}", "dst", f"192.0.2.{target}")
            key = "0x" + "42" * 36
            state = ("proto", "esp", "spi", hex(0x100 + source), "reqid", "1", "mode", "tunnel", "if_id", "7")
            run(*ip, "xfrm", "state", "add", *ends, *state, "aead", "rfc4106(gcm(aes))", key, "128")
            inner = ("src", f"10.9.0.{source}/32", "dst", f"10.9.0.{target}/32", "dir", way, "if_id", "7")
            run(*ip, "xfrm", "policy", "add", *inner, "tmpl", *ends, "proto", "esp", "reqid", "1", "mode", "tunnel")
    said = at("ka", "ping", "-n", "-c", "5", "-i", "0.2", "-W", "1", "10.9.0.2")
    states = run("ip", "-n", "kb", "-statistics", "xfrm", "state")
    told(kernel_esp=said.count("bytes from"), states=states.count("proto esp"))


def last_words() -> None:
    """What the boxes' services said last."""
    for name in ("hub-oslo", "rtr-fossheim"):
        logs = sorted((DISKS / name / "upper/var/log/linjevakt").glob("*/current"))
        for log in (DISKS / name / "console", *logs):
            said = log.read_text(errors="replace").splitlines()[-15:]
            sys.stdout.write("\n".join([f"--- {name} {log.parent.name}", *said, ""]))


def main() -> None:
    """Tell, then switch the machine off."""
    try:
        tell()
        told(done=True)
    except Exception:  # noqa: BLE001 - whoever reads the console is to see what it was
        traceback.print_exc()
        last_words()
        told(done=False)
    time.sleep(1)
    Path("/proc/sysrq-trigger").write_text("o")
    time.sleep(30)


if __name__ == "__main__":
    main()
