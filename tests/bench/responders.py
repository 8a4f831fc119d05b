"""SNMPv3 responders on loopback to measure pollers with: net-snmp's snmpd, and our agent's own."""

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gufo.snmp import SnmpError
from gufo.snmp.sync import SnmpSession
from gufo.snmp.user import Aes128Key, KeyType, Sha256Key, User
from tests.bench.figures import Unavailable
from tests.bench.processes import wait_until

from linjevakt.model.health import SnmpTarget
from linjevakt.model.secret import Secret
from linjevakt.trust.snmp import engine_id, localize

ROUTER = "rtr-bench"
USER = "linjevakt"
PASSPHRASE = "made-up-for-loopback"
ENGINE = engine_id(ROUTER, "LV-1")
_STRETCHED = 2**20  # octets that a passphrase is repeated to, RFC 3414 A.2
_LOOPBACK = "127.0.0.1"
_SERVE = (
    "import asyncio, pathlib, sys; from linjevakt_agent.snmp.service import serve; "
    "asyncio.run(serve(pathlib.Path(sys.argv[1])))"
)

_SNMPD = """agentAddress udp:{address}:{port}
exactEngineID 0x{engine}
createUser {user} SHA-256 "{passphrase}" AES "{passphrase}"
rouser {user} priv
"""
_AGENT = """router = "{router}"
[snmp]
listen = "{address}"
port = {port}
engine_id = "{engine}"
[[snmp.user]]
name = "{user}"
"""
_NETWORK = """[management]
address = "10.250.0.11"
[[line]]
name = "wan0"
kind = "own_isp"
method = "dhcp"
priority = 1
[[line]]
name = "wan1"
kind = "mobile"
method = "dhcp"
priority = 2
"""


@dataclass(frozen=True)
class Responder:
    """One that answers: its process, how to ask it, and how long it took to give its first answer."""

    pid: int
    target: SnmpTarget
    start_s: float


@contextmanager
def snmpd() -> Iterator[Responder]:
    """Debian's snmpd with its system and interface groups. Raises Unavailable when it is not installed."""
    program = shutil.which("snmpd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not program:
        raise Unavailable("snmpd is not installed; run `make packages`")
    with _folder() as folder:
        target = _target()
        (folder / "snmpd.conf").write_text(
            _SNMPD.format(address=_LOOPBACK, port=target.port, engine=ENGINE, user=USER, passphrase=PASSPHRASE)
        )
        argv = [program, "-f", "-LE", "3", "-C", "-c", f"{folder}/snmpd.conf", "-p", f"{folder}/pid"]
        with _answering(argv, target, {"SNMP_PERSISTENT_DIR": str(folder)}) as responder:
            yield responder


@contextmanager
def agent() -> Iterator[Responder]:
    """Our agent's SNMP service alone, on a configuration of two lines; it touches nothing of this machine."""
    with _folder() as folder:
        target = _target()
        running = folder / "var/lib/linjevakt/generations/1"
        running.mkdir(parents=True)
        (folder / "run/linjevakt").mkdir(parents=True)
        (folder / "run/linjevakt-running").symlink_to(running)
        text = _AGENT.format(router=ROUTER, address=_LOOPBACK, port=target.port, engine=ENGINE, user=USER)
        (running / "agent.toml").write_text(text)
        (running / "network.toml").write_text(_NETWORK)
        keys = {"auth": target.auth_key, "privacy": target.privacy_key}
        lines = [f'"snmp.{USER}.{use}" = "{key.reveal()}"\n' for use, key in keys.items()]
        (running / "secrets.toml").write_text("".join(lines))
        with _answering([sys.executable, "-c", _SERVE, str(folder)], target, {}) as responder:
            yield responder


def user(target: SnmpTarget) -> User:
    """The target's user as gufo knows one."""
    auth, privacy = (bytes.fromhex(key.reveal()) for key in (target.auth_key, target.privacy_key))
    localized = KeyType.Localized
    return User(target.user, auth_key=Sha256Key(auth, localized), priv_key=Aes128Key(privacy, localized))


def _target() -> SnmpTarget:
    repeated = (PASSPHRASE * (_STRETCHED // len(PASSPHRASE) + 1))[:_STRETCHED].encode()
    key = localize(hashlib.sha256(repeated).digest(), bytes.fromhex(ENGINE))
    return SnmpTarget(
        ROUTER,
        _LOOPBACK,
        USER,
        ENGINE,
        Secret(key.hex()),
        Secret(key[:16].hex()),
        "linjevakt.health.linjevakt",
        free_port(),
    )


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="linjevakt-bench-") as folder:
        yield Path(folder)


def free_port() -> int:
    """A port of loopback that nobody uses."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind((_LOOPBACK, 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def _answering(argv: Sequence[str], target: SnmpTarget, env: Mapping[str, str]) -> Iterator[Responder]:
    begun = time.monotonic()
    silent = subprocess.DEVNULL
    with subprocess.Popen(argv, env={**os.environ, **env}, stdin=silent, stdout=silent, stderr=silent) as process:
        try:
            wait_until(lambda: answers(target), 15, f"{Path(argv[0]).name} gave no answer on loopback")
            yield Responder(process.pid, target, time.monotonic() - begun)
        finally:
            process.terminate()
            process.wait(timeout=10)


def answers(target: SnmpTarget) -> bool:
    """Whether it answers a question for its name within a tenth of a second."""
    try:
        with SnmpSession(
            target.address, target.port, engine_id=bytes.fromhex(target.engine_id), user=user(target), timeout=0.1
        ) as session:
            return session.get("1.3.6.1.2.1.1.5.0") is not None
    except (SnmpError, OSError):
        return False
