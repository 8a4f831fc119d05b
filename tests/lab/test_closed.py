"""What a program that has been taken over finds on a router, and what it could do there: as good as nothing."""

import pytest

from linjevakt_lab.lab import Lab

ROUTER = "rtr-elvebredden"
# Whatever a service or the agent writes; `/run` holds sockets as well.
KEPT = ["/etc/linjevakt-agent", "/etc/swanctl", "/run", "/var/lib", "/var/log/linjevakt"]
DISTRIBUTION = (
    "/var/lib/dpkg/",
    "/var/lib/apt/",
    "/var/lib/systemd/",
    "/var/lib/python/",
    "/var/lib/ucf/",
    "/var/lib/pam/",
    "/var/lib/shells.state",
)
OPEN = [
    "/etc/linjevakt-agent/default-swanctl.conf",
    "/etc/linjevakt-agent/default.nft",
    "/etc/linjevakt-agent/host.toml",
]
# The names of the kernel's capabilities by number (capability.h).
CAPABILITIES = {
    0: "chown", 1: "dac_override", 3: "fowner", 4: "fsetid", 5: "kill", 6: "setgid", 7: "setuid", 8: "setpcap",
    10: "net_bind_service", 12: "net_admin", 13: "net_raw", 18: "sys_chroot", 21: "sys_admin", 24: "sys_resource",
    25: "sys_time",
}  # fmt: skip


def accessible(lab: Lab, user: str, group: str, kind: str, how: str) -> list[str]:
    """Files of a kind (find(1)) that a user can read (-r) or use (-w), the path to them included."""
    files = lab.run(ROUTER, ["find", *KEPT, "-xdev", "-type", kind]).stdout
    files += lab.run(ROUTER, ["find", "/run", "-type", kind]).stdout
    found = sorted({line for line in files.splitlines() if not line.startswith(DISTRIBUTION)})
    try_each = f'while read -r file; do [ {how} "$file" ] && echo "$file"; done; exit 0'
    argv = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "sh", "-c", try_each]
    return lab.run(ROUTER, argv, input="\n".join([*found, ""])).stdout.splitlines()


@pytest.mark.parametrize(("user", "group"), [("nobody", "nogroup"), ("www-data", "www-data"), ("dnsmasq", "nogroup")])
def test_a_service_reads_nothing_but_what_is_its_own(lab: Lab, user: str, group: str) -> None:
    readable = accessible(lab, user, group, "f", "-r")
    served = [file for file in readable if file.endswith("/flex.pac") and file.startswith("/var/lib/linjevakt/")]
    own = ["/var/lib/misc/dnsmasq.leases"] if user == "dnsmasq" else []
    assert served
    assert [file for file in readable if file not in served] == sorted([*OPEN, *own])


def test_no_service_may_use_the_sockets_of_the_agent_nor_of_charon(lab: Lab) -> None:
    for user, group in (("nobody", "nogroup"), ("www-data", "www-data"), ("dnsmasq", "nogroup")):
        assert accessible(lab, user, group, "s", "-w") == []


def test_the_login_reads_the_state_and_no_secret(lab: Lab) -> None:
    readable = {file.rpartition("/")[2] for file in accessible(lab, "linjevakt", "linjevakt", "f", "-r")}
    assert {"lines.json", "probes.json", "network.toml", "meta.json"} <= readable
    assert readable.isdisjoint(
        {"secrets.toml", "swanctl.conf", "router.key", "ssh_host_ed25519_key", "salt", "current"}
    )


def test_each_service_lives_with_the_capabilities_that_it_is_given(lab: Lab) -> None:
    script = """
for service in /etc/service/*; do
    status=/proc/$(cat "$service/supervise/pid")/status
    echo "${service##*/}" $(sed -n 's/^CapBnd:[[:space:]]*//p; s/^NoNewPrivs:[[:space:]]*//p' "$status")
    sed -n 's/.*confined \\([a-z_,]*\\) .*/\\1/p' "$service/run"
done
"""
    said = lab.run(ROUTER, ["sh", "-c", script]).stdout.split("\n")
    assert len(said) == 2 * 7 + 1
    for line, given in zip(said[:-1:2], said[1::2], strict=True):
        service, *seen = line.split()
        bounding, locked = sorted(seen, key=len, reverse=True)
        has = {CAPABILITIES[number] for number in range(64) if int(bounding, 16) >> number & 1}
        assert has == set(given.split(",")) - {"sys_time", "sys_resource"} or has == set(given.split(",")), service
        assert locked == "1", service
