"""Refuses, in one sentence, to raise a lab where one cannot stand."""

import os
import shutil
import sys
from pathlib import Path

from linjevakt_lab.errors import LabError
from linjevakt_lab.places import State
from linjevakt_lab.shell import ip_batch, run

# program: the Debian package that has it (lab/packages.txt)
_PROGRAMS = {
    "curl": "curl",
    "ip": "iproute2",
    "mmdebstrap": "mmdebstrap",
    "nft": "nftables",
    "nsenter": "util-linux",
    "sysctl": "procps",
    "tcpdump": "tcpdump",
    "tini": "tini",
    "udhcpc": "udhcpc",
}
_NAT = "table ip nat { chain c { type nat hook postrouting priority srcnat; masquerade; }; }\n"
_LOSS = "table inet loss { chain c { type filter hook prerouting priority raw; numgen random mod 100 < 1 drop; }; }\n"


def check_host() -> None:
    """Check system, rights, programs and kernel; raises LabError for the first that is missing."""
    if sys.platform != "linux":
        raise LabError(f"The lab is made of Linux network namespaces and cannot run on {sys.platform}.")
    check_root()
    missing = sorted(package for program, package in _PROGRAMS.items() if not shutil.which(program))
    if missing:
        raise LabError(
            f"These Debian packages are missing: run `apt-get install {' '.join(missing)}` (or `make packages`)."
        )
    if "\toverlay\n" not in Path("/proc/filesystems").read_text():
        run(["modprobe", "overlay"])
    if not Path("/dev/net/tun").exists():
        raise LabError("/dev/net/tun is missing, which the routers' tunnels need: load the kernel module tun.")


def check_root() -> None:
    """Check that the user may touch namespaces; raises LabError."""
    if os.geteuid() != 0:
        raise LabError("The lab makes network namespaces, which only root may do: run it with sudo.")


def check_own(state: State) -> None:
    """Check that no other checkout has a lab of this name; raises LabError."""
    if state.other_checkout:
        raise LabError(
            f"The lab {state.prefix} of {state.other_checkout} is up: take it down there, "
            "or set LINJEVAKT_LAB to another name."
        )


def check_kernel(state: State) -> None:
    """Try each kernel feature that the lab uses in a scratch namespace; raises LabError naming one that is missing."""
    scratch = state.netns("preflight")
    ip_batch([f"netns add {scratch}"])
    try:
        for feature, kind in (("virtual Ethernet (veth)", "veth"), ("bridges (bridge)", "bridge")):
            _try(feature, ["ip", "-n", scratch, "link", "add", f"try-{kind}", "type", kind])
        for feature, rules in (("NAT in nftables (nft_masq)", _NAT), ("nftables' numgen (nft_numgen)", _LOSS)):
            _try(feature, ["ip", "netns", "exec", scratch, "nft", "-f", "-"], rules)
    finally:
        ip_batch([f"netns del {scratch}"])


def _try(feature: str, argv: list[str], text: str | None = None) -> None:
    try:
        run(argv, text=text)
    except LabError as error:
        raise LabError(f"This kernel does not give us {feature}: {error}") from error
