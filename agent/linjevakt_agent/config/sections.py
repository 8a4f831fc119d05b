"""The sections a configuration consists of: one row each, in canonical order."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """One native file: whether every configuration must have it, its mode on disk, and the service that reads it.

    The group of a file is the login's, who may read what is no secret; nobody else reads any but what is served.
    `service` is restarted when the file changes and stopped when it is taken out; sections without one are put in
    force by a step of their own (`apply.py`) or read anew by their program at each use.
    """

    name: str
    required: bool = True
    mode: int = 0o640
    service: str | None = None


SECTIONS: dict[str, Section] = {
    row.name: row
    for row in (
        Section("hostname"),
        Section("network.toml"),
        Section("router.crt"),
        Section("ca.crt"),
        Section("ca.crl", required=False),
        Section("swanctl.conf", mode=0o600),
        Section("nftables.conf"),
        Section("shaping.tc", required=False),
        Section("dnsmasq.conf", required=False, service="dnsmasq"),
        Section("nginx.conf", required=False, service="nginx"),
        Section("flex.pac", required=False, mode=0o644),
        Section("chrony.conf", required=False, service="chrony"),
        Section("authorized_keys"),
        Section("agent.toml"),
        Section("secrets.toml", mode=0o600),
    )
}

REQUIRED = tuple(row.name for row in SECTIONS.values() if row.required)
ALWAYS = ("charon", "sshd", "agent")
"""Services that run whatever the configuration says."""

SERVICES = tuple((row.name, row.service) for row in SECTIONS.values() if row.service is not None)
