"""SNMPv3 authPriv (SHA-256, AES-128) on loopback: pollers that ask snmpd, and our agent as a responder beside snmpd."""

import asyncio
import http.client
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml
from gufo.snmp.sync import SnmpSession
from pysnmp.hlapi.v3arch import asyncio as pysnmp
from pysnmp.proto.rfc1902 import OctetString
from tests.bench import responders
from tests.bench.figures import Contender, Figure, Run, Unavailable, compare
from tests.bench.processes import cpu_s, wait_until
from tests.bench.responders import Responder

from linjevakt.model.health import SnmpTarget

ROUNDS = 5
POLLS = {"gufo": 2000, "pysnmp": 60, "exporter": 500}
ASKED = {"agent": 100, "snmpd": 2000}  # enough for the kernel's clock, which counts processes in hundredths of a second
RATE, CPU = "polls/s", "ms CPU a poll"

# What snmpd and our agent both serve: six objects of the system group, fourteen columns of the loopback interface.
_SYSTEM = [f"1.3.6.1.2.1.1.{number}.0" for number in range(1, 7)]
_COLUMNS = (1, 2, 3, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17, 19)
OIDS = _SYSTEM + [f"1.3.6.1.2.1.2.2.1.{column}.1" for column in _COLUMNS]

_EXPORTER = "prometheus-snmp-exporter"


def measure() -> list[Figure]:
    """Polls one after another, each a GET of 20 objects unless said otherwise; CPU is the poller's alone."""
    with ExitStack() as stack:
        fast = stack.enter_context(responders.snmpd())
        ours = stack.enter_context(responders.agent())
        return [*_pollers(fast.target), *_responders(ours, fast)]


# --- pollers -------------------------------------------------------------------------------------------------------


def _pollers(target: SnmpTarget) -> list[Figure]:
    contenders = [
        Contender("gufo, a session a poll (as our poller)", _in_process(POLLS["gufo"], lambda: _poll_afresh(target))),
        Contender("gufo, one session kept", lambda: _kept(target)),
        Contender("pysnmp, one engine kept", lambda: _pysnmp(target), "no MIB look-up"),
        Contender(
            "snmp_exporter (Debian)",
            lambda: _exporter(target),
            "one HTTP connection kept open; CPU of the exporter alone",
        ),
    ]
    return compare("Pollers: GET of 20 objects from snmpd", contenders, ROUNDS)


def _session(target: SnmpTarget, timeout: float = 2.0) -> SnmpSession:
    engine = bytes.fromhex(target.engine_id)
    return SnmpSession(target.address, target.port, engine_id=engine, user=responders.user(target), timeout=timeout)


def _poll_afresh(target: SnmpTarget) -> object:
    with _session(target) as session:
        return session.get_many(OIDS)


def _kept(target: SnmpTarget) -> Mapping[str, float]:
    with _session(target) as session:
        return _in_process(POLLS["gufo"], lambda: session.get_many(OIDS))()


def _in_process(polls: int, poll: Callable[[], object]) -> Run:
    def run() -> dict[str, float]:
        cpu, begun = time.process_time(), time.perf_counter()
        for _ in range(polls):
            poll()
        return _rates(polls, time.perf_counter() - begun, time.process_time() - cpu)

    return run


def _rates(polls: int, seconds: float, cpu_seconds: float) -> dict[str, float]:
    return {RATE: polls / seconds, CPU: 1000 * cpu_seconds / polls}


def _pysnmp(target: SnmpTarget) -> dict[str, float]:
    async def polls() -> dict[str, float]:
        engine = pysnmp.SnmpEngine()
        ask = await _asker(engine, target)
        await ask()  # finds out the clock of the responder
        cpu, begun = time.process_time(), time.perf_counter()
        for _ in range(POLLS["pysnmp"]):
            await ask()
        spent = _rates(POLLS["pysnmp"], time.perf_counter() - begun, time.process_time() - cpu)
        engine.close_dispatcher()
        return spent

    return asyncio.run(polls())


async def _asker(engine: Any, target: SnmpTarget) -> Callable[[], Any]:
    who = pysnmp.UsmUserData(
        target.user,
        authKey=OctetString(hexValue=target.auth_key.reveal()),
        privKey=OctetString(hexValue=target.privacy_key.reveal()),
        authProtocol=pysnmp.USM_AUTH_HMAC192_SHA256,
        privProtocol=pysnmp.USM_PRIV_CFB128_AES,
        securityEngineId=OctetString(hexValue=target.engine_id),
        authKeyType=pysnmp.USM_KEY_TYPE_LOCALIZED,
        privKeyType=pysnmp.USM_KEY_TYPE_LOCALIZED,
    )
    where = await pysnmp.UdpTransportTarget.create((target.address, target.port), timeout=2, retries=0)
    objects = [pysnmp.ObjectType(pysnmp.ObjectIdentity(oid)) for oid in OIDS]

    async def ask() -> None:
        error, status, _, _ = await pysnmp.get_cmd(engine, who, where, pysnmp.ContextData(), *objects, lookupMib=False)
        if error or status:
            raise Unavailable(f"pysnmp: {error or status}")

    return ask


# --- snmp_exporter -------------------------------------------------------------------------------------------------


def _exporter(target: SnmpTarget) -> dict[str, float]:
    with _exporting() as (pid, port):
        site = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        where = f"/snmp?module=bench&target={target.address}:{target.port}"
        _scrape(site, where)
        cpu, begun = cpu_s(pid), time.perf_counter()
        for _ in range(POLLS["exporter"]):
            _scrape(site, where)
        spent = _rates(POLLS["exporter"], time.perf_counter() - begun, cpu_s(pid) - cpu)
        site.close()
        return spent


def _scrape(site: http.client.HTTPConnection, where: str) -> None:
    site.request("GET", where)
    answer = site.getresponse()
    text = answer.read().decode()
    if answer.status != http.client.OK or "sysUpTime" not in text:
        raise Unavailable(f"{_EXPORTER}: {text.strip().splitlines()[-1]}")


@contextmanager
def _exporting() -> Iterator[tuple[int, int]]:
    program = shutil.which(_EXPORTER)
    if not program:
        raise Unavailable(f"{_EXPORTER} is not installed; run `make packages`")
    port, silent = responders.free_port(), subprocess.DEVNULL
    with tempfile.TemporaryDirectory(prefix="linjevakt-bench-") as folder:
        config = Path(folder) / "snmp.yml"
        config.write_text(yaml.safe_dump({"bench": _EXPORTER_MODULE}))
        argv = [program, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}"]
        with subprocess.Popen(argv, stdout=silent, stderr=silent) as process:
            try:
                wait_until(lambda: _listens(port), 10, f"{_EXPORTER} did not listen")
                yield process.pid, port
            finally:
                process.terminate()


_EXPORTER_MODULE = {
    "get": OIDS,
    "metrics": [{"name": "sysUpTime", "oid": "1.3.6.1.2.1.1.3", "type": "gauge", "help": "uptime"}],
    "version": 3,
    "auth": {
        "security_level": "authPriv",
        "username": responders.USER,
        "auth_protocol": "SHA256",
        "password": responders.PASSPHRASE,
        "priv_protocol": "AES",
        "priv_password": responders.PASSPHRASE,
    },
}


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


# --- responders ----------------------------------------------------------------------------------------------------


def _responders(ours: Responder, fast: Responder) -> list[Figure]:
    contenders = [
        Contender("our agent (pysnmp)", lambda: _asked(ours, ASKED["agent"]), "its SNMP service alone"),
        Contender("net-snmp's snmpd", lambda: _asked(fast, ASKED["snmpd"])),
    ]
    return compare("Responders: GET of 20 objects by gufo", contenders, ROUNDS)


def _asked(responder: Responder, times: int) -> dict[str, float]:
    with _session(responder.target) as session:
        cpu, begun = cpu_s(responder.pid), time.perf_counter()
        for _ in range(times):
            session.get_many(OIDS)
        seconds, cpu_seconds = time.perf_counter() - begun, cpu_s(responder.pid) - cpu
    return {"answers/s": times / seconds, "ms CPU an answer": 1000 * cpu_seconds / times}
