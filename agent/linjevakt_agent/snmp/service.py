"""The SNMPv3 service: listens as the running configuration says, for its users alone, for as long as the agent runs."""

import asyncio
import ipaddress
import logging
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pysnmp.carrier.asyncio.dgram import udp, udp6
from pysnmp.entity import config
from pysnmp.entity.engine import SnmpEngine
from pysnmp.entity.rfc3413.context import SnmpContext
from pysnmp.proto import rfc1902

from linjevakt_agent.base.paths import Paths
from linjevakt_agent.base.schema import Secrets, Snmp, SnmpUser
from linjevakt_agent.collect import CollectError, settings
from linjevakt_agent.snmp import engine as engines
from linjevakt_agent.snmp import mib
from linjevakt_agent.snmp.engine import Engine
from linjevakt_agent.snmp.readings import Readings
from linjevakt_agent.snmp.responder import Responder
from linjevakt_agent.snmp.tree import Tree

log = logging.getLogger(__name__)

AUTH = {"sha256": (config.USM_AUTH_HMAC192_SHA256, 32), "sha512": (config.USM_AUTH_HMAC384_SHA512, 64)}
PRIVACY = {"aes128": (config.USM_PRIV_CFB128_AES, 16), "aes256": (config.USM_PRIV_CFB256_AES, 32)}
"""Protocol and octets of its localized key (RFC 7860, RFC 3826)."""

QUIET_S = 60.0


@dataclass(frozen=True)
class Wanted:
    """What the running configuration says of SNMP."""

    snmp: Snmp
    keys: dict[str, str]

    @classmethod
    def of(cls, paths: Paths) -> Self:
        """Read `agent.toml` and `secrets.toml`. Raises CollectError."""
        secrets = settings.secrets(paths)
        return cls(settings.agent(paths).snmp, {name: key for name, key in secrets.items() if name.startswith("snmp.")})


class Service:
    """A responder that answers at the configured address until it is closed; made within a running event loop."""

    def __init__(self, paths: Paths, wanted: Wanted) -> None:
        """Raise OSError when the address cannot be bound."""
        self.wanted = wanted
        family = _family(wanted.snmp.listen)
        listener = socket.socket(family, socket.SOCK_DGRAM)
        try:
            listener.bind((wanted.snmp.listen, wanted.snmp.port))
        except OSError:
            listener.close()
            raise
        engine = engines.start(paths, wanted.snmp.engine_id)
        self._engine = _snmp_engine(engine)
        for user in wanted.snmp.user:
            _add_user(self._engine, user, wanted.keys)
        Responder(self._engine, SnmpContext(self._engine), Tree(mib.PARTS, Readings.of(paths, engine)))
        transport = udp.UdpTransport() if family == socket.AF_INET else udp6.Udp6Transport()
        domain = udp.DOMAIN_NAME if family == socket.AF_INET else udp6.DOMAIN_NAME
        config.add_transport(self._engine, domain, transport.open_server_mode(sock=listener))
        self._engine.transport_dispatcher.job_started(1)
        log.info("SNMP answers at %s port %d, boots %d", wanted.snmp.listen, wanted.snmp.port, engine.boots)

    def close(self) -> None:
        """Answer no more."""
        self._engine.close_dispatcher()


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in str(ipaddress.ip_address(address)) else socket.AF_INET


def _snmp_engine(engine: Engine) -> SnmpEngine:
    """A pysnmp engine with our identity and clock, for SNMPv3 alone.

    The engine id is set afterwards because pysnmp, given one, keeps a count of boots of its own below /tmp.
    """
    made = SnmpEngine(maxMessageSize=engine.max_message_size)
    identity, boots, clock = made.get_mib_builder().import_symbols(
        "__SNMP-FRAMEWORK-MIB", "snmpEngineID", "snmpEngineBoots", "snmpEngineTime"
    )
    identity.syntax = identity.syntax.clone(engine.engine_id)
    boots.syntax = boots.syntax.clone(engine.boots)
    clock.syntax = _Clock(engine)
    made.snmpEngineID = identity.syntax
    for version in (0, 1):  # SNMPv1 and SNMPv2c know no users
        del made.message_processing_subsystems[version]
    return made


class _Clock(rfc1902.Integer32):  # type: ignore[misc]  # pysnmp ships without types
    """snmpEngineTime; pysnmp reads it by cloning it, and its own follows the wall clock, which chrony steps."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(0)
        self._engine = engine

    def clone(self, *_: Any, **__: Any) -> Any:
        """The time now."""
        return rfc1902.Integer32(self._engine.time())


def _add_user(made: SnmpEngine, user: SnmpUser, keys: Secrets) -> None:
    (auth, auth_octets), (privacy, privacy_octets) = AUTH[user.auth], PRIVACY[user.privacy]
    try:
        auth_key, privacy_key = _key(keys, user, "auth", auth_octets), _key(keys, user, "privacy", privacy_octets)
    except ValueError as error:
        log.error("SNMP user %s is left out: %s", user.name, error)  # noqa: TRY400 the message is the cause
        return
    localized = config.USM_KEY_TYPE_LOCALIZED
    config.add_v3_user(
        made, user.name, auth, auth_key, privacy, privacy_key, authKeyType=localized, privKeyType=localized
    )


def _key(keys: Secrets, user: SnmpUser, use: str, octets: int) -> bytes:
    """A localized key; a privacy key is as long as the hash it was made with, and its beginning counts (RFC 3826)."""
    name = f"snmp.{user.name}.{use}"
    try:
        key = bytes.fromhex(keys[name])
    except (KeyError, ValueError):
        raise ValueError(f"secrets.toml has no hexadecimal {name!r}") from None
    if len(key) < octets:
        raise ValueError(f"{name!r} has {len(key)} octets, not {octets}")
    return key[:octets]


class Dropped:
    """What asyncio calls for a datagram that pysnmp chokes on: a line a minute, lest anybody fill the log."""

    def __init__(self) -> None:
        self._count, self._quiet_until = 0, 0.0

    def __call__(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Report the first, and how many there have been since the last report."""
        self._count += 1
        if time.monotonic() >= self._quiet_until:
            error = context.get("exception")
            log.warning("%d datagrams dropped, the last for %r", self._count, error or context["message"])
            self._count, self._quiet_until = 0, time.monotonic() + QUIET_S


async def serve(root: Path) -> None:
    """Answer SNMP until cancelled, always as the running configuration says.

    In a thread with an event loop of its own: neither a slow reading nor pysnmp's milliseconds for each request may
    hold up the line watch.
    """
    stop = threading.Event()
    work = asyncio.create_task(asyncio.to_thread(lambda: asyncio.run(_serve(Paths(root), stop))))
    try:
        await asyncio.shield(work)
    finally:
        stop.set()
        await work


async def _serve(paths: Paths, stop: threading.Event) -> None:
    asyncio.get_running_loop().set_exception_handler(Dropped())
    service: Service | None = None
    generation, told = settings.generation(paths), ""
    while not stop.is_set():
        now = settings.generation(paths)
        if service is None or now != generation:
            generation = now
            service, trouble = await _renew(paths, service)
            if trouble and trouble != told:
                log.warning("SNMP is closed: %s", trouble)
            told = trouble
        await asyncio.sleep(settings.POLL_S)
    if service:
        service.close()


async def _renew(paths: Paths, old: Service | None) -> tuple[Service | None, str]:
    """The service that the running configuration wants, or why there is none."""
    try:
        wanted = Wanted.of(paths)
    except CollectError as error:
        wanted, trouble = None, str(error)
    if old and old.wanted == wanted:
        return old, ""
    if old:
        old.close()
        await asyncio.sleep(0)  # asyncio lets go of the socket in its next round
    if wanted is None:
        return None, trouble
    try:
        return Service(paths, wanted), ""
    except OSError as error:
        return None, f"{wanted.snmp.listen} port {wanted.snmp.port}: {error.strerror}"
