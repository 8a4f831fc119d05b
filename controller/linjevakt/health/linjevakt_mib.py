"""The objects that are polled: LINJEVAKT-MIB (contract.md section 3), sysUpTime (SNMPv2-MIB), hrSystemDate."""

from typing import Final

from linjevakt.model.health import ENTERPRISE

_ROOT: Final = f"1.3.6.1.4.1.{ENTERPRISE}.1"

UPTIME: Final = "1.3.6.1.2.1.1.3.0"
CLOCK: Final = "1.3.6.1.2.1.25.1.2.0"  # HOST-RESOURCES-MIB, RFC 2790; an older agent has none

AGENT_VERSION: Final = f"{_ROOT}.1.1.0"
ROUTER_NAME: Final = f"{_ROOT}.1.2.0"
CONFIG_HASH: Final = f"{_ROOT}.1.3.0"
CONFIG_STATE: Final = f"{_ROOT}.1.4.0"
CONFIG_REVERT_IN: Final = f"{_ROOT}.1.5.0"
CERTIFICATE_EXPIRY: Final = f"{_ROOT}.1.6.0"
TUNNEL_STATE: Final = f"{_ROOT}.1.7.0"
TUNNEL_AGE: Final = f"{_ROOT}.1.8.0"
LINE_IN_USE: Final = f"{_ROOT}.1.9.0"
TUNNEL_DETAIL: Final = f"{_ROOT}.1.10.0"
STORAGE_STATE: Final = f"{_ROOT}.1.11.0"
STORAGE_DETAIL: Final = f"{_ROOT}.1.12.0"
CONFIG_DRIFT: Final = f"{_ROOT}.1.13.0"

SCALARS: Final = {
    UPTIME: "sysUpTime",
    AGENT_VERSION: "lvAgentVersion",
    ROUTER_NAME: "lvRouterName",
    CONFIG_HASH: "lvConfigHash",
    CONFIG_STATE: "lvConfigState",
    CONFIG_REVERT_IN: "lvConfigRevertIn",
    CERTIFICATE_EXPIRY: "lvCertificateExpiry",
    TUNNEL_STATE: "lvTunnelState",
    TUNNEL_AGE: "lvTunnelAge",
    LINE_IN_USE: "lvLineInUse",
    TUNNEL_DETAIL: "lvTunnelDetail",
    STORAGE_STATE: "lvStorageState",
    STORAGE_DETAIL: "lvStorageDetail",
    CONFIG_DRIFT: "lvConfigDrift",
}

LINES: Final = f"{_ROOT}.2.1"
PROBES: Final = f"{_ROOT}.3.1"
DUPLICATES: Final = f"{_ROOT}.6.1"
TABLES: Final = (LINES, PROBES, DUPLICATES)

CONFIG_STATES: Final = {1: "confirmed", 2: "pending", 3: "none"}
LINE_KINDS: Final = {1: "own_isp", 2: "nhn_delivered", 3: "mobile"}
LINE_STATES: Final = {1: "up", 2: "down", 3: "unknown"}
PROBE_RESULTS: Final = {1: "ok", 2: "failed", 3: "unknown"}
TUNNEL_STATES: Final = {1: "up", 2: "down", 3: "none"}
STORAGE_STATES: Final = {1: "writable", 2: "read-only", 3: "full", 4: "failing"}
TRUE: Final = 1  # TruthValue, RFC 2579
