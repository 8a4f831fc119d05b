"""The SNMP service as net-snmp and gufo see it, over loopback."""

import asyncio
import os
import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import pytest
from gufo.snmp import SnmpVersion
from gufo.snmp.sync import SnmpSession
from gufo.snmp.user import Aes128Key, Sha256Key, User
from tests import timing

import linjevakt_agent
from linjevakt_agent.snmp import service

pytestmark = pytest.mark.process

AUTH = "made-up-auth-password"
PRIVACY = "made-up-privacy-password"
USER = ("-l", "authPriv", "-u", "linjevakt", "-a", "SHA-256", "-A", AUTH, "-x", "AES", "-X", PRIVACY)
LINJEVAKT = "1.3.6.1.4.1.32473.1"
ROUTER_NAME, CONFIG_STATE, EXPIRY, TUNNEL_STATE = (f"{LINJEVAKT}.1.{number}.0" for number in (2, 4, 6, 7))
T = TypeVar("T")
SYS_CONTACT = "1.3.6.1.2.1.1.4.0"


@contextmanager
def serving(box: Any) -> Iterator[None]:
    """`service.serve` in a thread, until the block ends."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(service.serve(box.root))
    thread = threading.Thread(target=lambda: loop.run_until_complete(asyncio.wait([task])))
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()
        loop.close()


def ask(box: Any, tool: str, *arguments: str, user: tuple[str, ...] = ("-v3", *USER)) -> str:
    """What a net-snmp tool prints: values on success, its complaint otherwise."""
    command = [tool, "-r0", "-t3", "-On", *user, f"127.0.0.1:{box.port}", *arguments]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return answer.stdout + answer.stderr


def wait_until_answered(box: Any, user: tuple[str, ...] = ("-v3", *USER)) -> None:
    deadline = time.monotonic() + timing.HANGS_S
    while "rtr-" not in (answer := ask(box, "snmpget", "-t0.3", ROUTER_NAME, user=user)):
        assert time.monotonic() < deadline, answer


@pytest.fixture(scope="module")
def served(common_box: Any) -> Iterator[Any]:
    """A router that answers, for tests that only ask."""
    with serving(common_box):
        wait_until_answered(common_box)
        yield common_box


@pytest.fixture
def own(box: Any) -> Iterator[Any]:
    """A router that answers, for a test that changes it."""
    with serving(box):
        wait_until_answered(box)
        yield box


def base_mibs() -> str:
    spec = find_spec("zino")
    assert spec
    assert spec.submodule_search_locations
    return f"{spec.submodule_search_locations[0]}/snmp/mibs"


def test_net_snmp_walks_the_mib_by_name(served: Any) -> None:
    mibs = f"{Path(linjevakt_agent.__file__).parent}/snmp/mibs:{base_mibs()}"
    walked = ask(served, "snmpwalk", "-Os", "-M", mibs, "-m", "LINJEVAKT-MIB", "linjevakt")
    for row in (
        "lvRouterName.0 = STRING: rtr-fjellheim",
        f"lvConfigHash.0 = STRING: {1:064x}",
        "lvConfigState.0 = INTEGER: confirmed(1)",
        "lvCertificateExpiry.0 = STRING: 2027-5-17,12:30:15.0,+0:0",
        "lvTunnelState.0 = INTEGER: down(2)",
        "lvLineInUse.0 = STRING: wan0",
        "lvTunnelDetail.0 = STRING: charon is not running",
        "lvStorageState.0 = INTEGER: writable(1)",
        "lvLineKind.2 = INTEGER: mobile(3)",
        "lvLineState.1 = INTEGER: up(1)",
        "lvLineState.2 = INTEGER: unknown(3)",
        "lvLineRoundTrip.1 = Gauge32: 1250 microseconds",
        "lvLineChanges.1 = Counter32: 3",
        "lvProbeResult.1 = INTEGER: unknown(3)",
        "lvProbeTime.2 = STRING: 2026-11-21,20:35:0.0,+0:0",
        "lvProbeDuration.2 = Gauge32: 12 milliseconds",
        "lvDuplicateRouter.1 = STRING: rtr-a",
        "lvDuplicateAddress.1 = STRING: 192.0.2.1",
        "lvDuplicateAttempts.1 = Gauge32: 3",
        "lvDuplicateLast.1 = STRING: 2026-11-26,12:1:0.0,+0:0",
    ):
        assert row in walked.splitlines()


def test_the_system_group_names_the_product_and_the_place(served: Any) -> None:
    walked = ask(served, "snmpwalk", "1.3.6.1.2.1.1")
    assert f".1.3.6.1.2.1.1.2.0 = OID: .{LINJEVAKT}.5.1" in walked
    assert "Fjellheim legekontor, 2. etg., rom 214" in walked


def test_interfaces_have_the_kernels_names_and_counters(served: Any) -> None:
    name = re.search(
        r"\.31\.1\.1\.1\.1\.(\d+) = STRING: \"?lo\"?$", ask(served, "snmpwalk", "1.3.6.1.2.1.31.1"), re.MULTILINE
    )
    assert name
    low = int(Path("/sys/class/net/lo/statistics/rx_bytes").read_text())
    counted = int(ask(served, "snmpget", "-Oqv", f"1.3.6.1.2.1.31.1.1.1.6.{name[1]}"))
    high = int(Path("/sys/class/net/lo/statistics/rx_bytes").read_text())
    assert low - 100_000 < counted <= high


def gufo(box: Any) -> SnmpSession:
    user = User("linjevakt", auth_key=Sha256Key(AUTH.encode()), priv_key=Aes128Key(PRIVACY.encode()))
    session = SnmpSession("127.0.0.1", box.port, user=user, version=SnmpVersion.v3, timeout=5)
    session.refresh()
    return session


def uninterrupted(read: Callable[[], T]) -> T:
    """Gufo does not restart a system call that a signal interrupts (a child process of ours ends): do so for it."""
    for _ in range(5):
        try:
            return read()
        except OSError as error:
            if "Interrupted" not in str(error):
                raise
    return read()


def test_gufo_reads_every_object_and_net_snmp_sees_the_same_ones(served: Any) -> None:
    stepped = uninterrupted(lambda: [oid for oid, _ in gufo(served).getnext("1.3.6.1")])
    bulk = uninterrupted(lambda: [oid for oid, _ in gufo(served).getbulk("1.3.6.1")])
    session = gufo(served)
    singly = {oid: uninterrupted(partial(session.get, oid)) for oid in stepped}
    printed = ask(served, "snmpbulkwalk", "-Cr50", "1.3.6.1")
    walked = re.findall(r"^\.([\d.]+) = (?!No more variables)", printed, re.MULTILINE)
    assert len(stepped) > 80
    assert stepped == bulk == walked
    assert singly[ROUTER_NAME] == b"rtr-fjellheim"
    assert None not in singly.values()


def test_sha512_and_aes256_work_with_the_keys_from_the_secrets(box: Any) -> None:
    user = 'auth = "sha512"\nprivacy = "aes256"\n'
    box.commit(2, box.agent(extra=user), box.secrets(algorithm="sha512"))
    strong = ("-v3", "-l", "authPriv", "-u", "linjevakt", "-a", "SHA-512", "-A", AUTH, "-x", "AES-256", "-X", PRIVACY)
    with serving(box):
        wait_until_answered(box, strong)


@pytest.mark.parametrize(
    "user",
    [
        pytest.param(("-v3", "-l", "noAuthNoPriv", "-u", "linjevakt"), id="no authentication"),
        pytest.param(("-v3", *USER[:2], "-u", "stranger", *USER[4:]), id="unknown user"),
        pytest.param(("-v3", "-l", "authNoPriv", *USER[2:8]), id="no privacy"),
        pytest.param(("-v3", *USER[:7], "another-password", *USER[8:]), id="wrong authentication key"),
        pytest.param(("-v3", *USER[:11], "another-password"), id="wrong privacy key"),
        pytest.param(("-v3", *USER, "-n", "elsewhere"), id="unknown context"),
        pytest.param(("-v2c", "-c", "public"), id="v2c"),
        pytest.param(("-v1", "-c", "public"), id="v1"),
    ],
)
def test_whoever_is_not_an_authenticated_user_with_privacy_learns_nothing(served: Any, user: tuple[str, ...]) -> None:
    for tool, oid in (("snmpget", ROUTER_NAME), ("snmpgetnext", "1.3.6.1")):
        assert " = " not in ask(served, tool, "-t0.3", oid, user=user)


def test_nothing_can_be_written(served: Any) -> None:
    assert "noAccess" in ask(served, "snmpset", SYS_CONTACT, "s", "somebody else")
    assert "02017" in ask(served, "snmpget", SYS_CONTACT)


def test_missing_objects_and_missing_instances_are_told_apart(served: Any) -> None:
    column = "1.3.6.1.2.1.2.2.1"
    answer = ask(served, "snmpget", f"{column}.2.99999", f"{column}.99.1", f"{LINJEVAKT}.1.2")
    assert re.findall(r"No Such \w+", answer) == ["No Such Instance", "No Such Object", "No Such Object"]


def test_a_failed_reading_is_an_error_of_its_own_objects_only(own: Any) -> None:
    (own.paths.running / "router.crt").write_text("no certificate")
    time.sleep(1.1)
    answer = ask(own, "snmpget", "-Cf", ROUTER_NAME, EXPIRY, CONFIG_STATE)
    assert "genError" in answer
    assert f"Failed object: .{EXPIRY}" in answer
    assert "rtr-fjellheim" in ask(own, "snmpget", ROUTER_NAME, CONFIG_STATE)
    bulk = ask(own, "snmpbulkget", "-Cr10", f"{LINJEVAKT}.1.1")
    assert "rtr-fjellheim" in bulk
    assert EXPIRY not in bulk


def test_a_daemon_that_hangs_holds_up_its_own_objects_only(own: Any) -> None:
    with socket.socket(socket.AF_UNIX) as charon:
        charon.bind(str(own.root / "run/charon.vici"))
        charon.listen()
        assert "genError" in ask(own, "snmpget", TUNNEL_STATE)
        charon.setblocking(False)  # noqa: FBT003 - the standard library's way
        charon.accept()[0].close()
        assert "rtr-fjellheim" in ask(own, "snmpget", ROUTER_NAME)
        with pytest.raises(BlockingIOError):  # nobody has waited for it
            charon.accept()


def test_a_hub_has_no_tunnel_that_could_be_down(own: Any) -> None:
    own.commit(2, own.agent().replace('[tunnel]\nconnection = "hub"\n', ""), own.secrets())
    time.sleep(1.1)
    assert "INTEGER: 3" in ask(own, "snmpget", TUNNEL_STATE)


def test_a_new_configuration_changes_who_may_ask(own: Any) -> None:
    own.commit(2, own.agent(user="successor"), own.secrets(user="successor"))
    wait_until_answered(own, ("-v3", *(word.replace("linjevakt", "successor") for word in USER)))
    assert " = " not in ask(own, "snmpget", ROUTER_NAME)


def test_a_new_configuration_with_the_same_users_is_no_restart(own: Any) -> None:
    boots = "1.3.6.1.6.3.10.2.1.2.0"
    before = ask(own, "snmpget", "-Oqv", boots)
    own.commit(2, own.agent().replace("02017", "22 22 22 22"), own.secrets())
    time.sleep(1.6)
    assert "22 22 22 22" in ask(own, "snmpget", SYS_CONTACT)
    assert ask(own, "snmpget", "-Oqv", boots) == before == "1\n"


def test_without_a_configuration_nobody_is_answered(own: Any) -> None:
    own.paths.running.unlink()
    time.sleep(1)
    assert "Timeout" in ask(own, "snmpget", "-t0.5", ROUTER_NAME)


def test_a_user_whose_key_is_missing_is_left_out_and_the_others_are_served(box: Any) -> None:
    keyless = '[[snmp.user]]\nname = "keyless"\n'
    box.commit(2, box.agent(extra=keyless), box.secrets())
    with serving(box):
        wait_until_answered(box)
        assert "Unknown user" in ask(box, "snmpget", ROUTER_NAME, user=("-v3", *USER[:3], "keyless", *USER[4:]))


def test_rubbish_is_dropped_without_filling_the_log(served: Any, caplog: pytest.LogCaptureFixture) -> None:
    beginnings = (b"", b"\x30\x82", b"\x30\x03\x02\x01", bytes.fromhex("303e020103301102042f0d9f55"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        for size in range(100):
            channel.sendto(beginnings[size % 4] + os.urandom(size), ("127.0.0.1", served.port))
    assert "rtr-fjellheim" in ask(served, "snmpget", ROUTER_NAME)
    assert len(caplog.records) <= 1


def test_an_address_that_is_taken_at_first_is_listened_on_once_it_is_free(box: Any) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as squatter:
        squatter.bind(("127.0.0.1", box.port))
        with serving(box):
            time.sleep(0.7)
            squatter.close()
            wait_until_answered(box)
